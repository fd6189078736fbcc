"""The draft as text: an entry for `extracts:` in treue.yml, with a comment for everything that was guessed.

What must stay out: the guessing, and how single columns and questions are written (`entry_columns.py`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from pipelines.draft.description import Description
from pipelines.draft.entry_columns import (
    attribute_lines,
    attributes,
    column_lines,
    list_of,
    noted,
    preset_sources,
    scalar,
)
from pipelines.draft.entry_questions import question_lines
from pipelines.draft.naming import naming
from pipelines.draft.profile import Profile
from pipelines.draft.vocabulary import is_personal
from pipelines.ingest.contracts import Extract
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.presets import PRESETS

INDENT = "  "
MOST_NAMES = 60
DELIVERIES = {
    "increment": "each file adds rows",
    "changes": "a later row replaces an earlier one of its key",
    "full": "each file is the whole",
}
BY_MARK = ("utf-8-sig", "utf-16")
# Encodings that the first bytes of a file state; a later file may do without.


def entry(found: Description, extracts: Mapping[str, Extract]) -> str:
    """The lines to paste below `extracts:`; `extracts` are those that the home has already, by name."""
    lines = [*_head(found), f"{naming(found.relative).extract}:"]
    body = [
        *_kind_lines(found, extracts),
        *_format_lines(found),
        *_leave_out_lines(found),
        *column_lines(found),
        *attribute_lines(found),
        *question_lines(found),
        *_rest_lines(found),
    ]
    lines += [f"{INDENT}{line}" for line in body]
    return "".join(f"{INDENT}{line}\n" for line in lines)


def _head(found: Description) -> Iterator[str]:
    source = found.layout.source
    rows = found.profiles[0].rows if found.profiles else 0
    how = ", ".join(part for part in (source.type, source.encoding) if part)
    yield f"# First draft for {scalar(found.relative)} ({how}; {rows} rows): paste it below `extracts:` in treue.yml."
    yield "# Everything here was guessed from one file. Look at each line, then run make check."


def _kind_lines(found: Description, extracts: Mapping[str, Extract]) -> Iterator[str]:
    guess, preset = found.guess, found.layout.preset
    if preset:
        yield noted(f"preset: {preset}", "recognised by its headings")
    yield noted(
        f"kind: {guess.kind}", "" if preset else f"or one of {', '.join(k for k in KINDS if k != guess.kind)}"
    )
    names = naming(found.relative)
    hint = (
        "the day of delivery"
        if names.has_day
        else "put * where further files differ, {delivered:%Y-%m-%d} for a date"
    )
    yield noted(f"files: {json.dumps(names.pattern, ensure_ascii=False)}", f"below landing/; {hint}")
    by_kind = {"customers": "full", "orders": "changes" if preset == "shopify" else "increment"}
    delivery = by_kind.get(guess.kind, "increment") if names.has_day else "increment"
    yield noted(f"delivery: {delivery}", *(f"{each}: {meaning}" for each, meaning in DELIVERIES.items()))
    if guess.kind == "refunds":
        yield noted(f"refunds_of: {_refunded(extracts)}", "the extract whose orders are refunded: decide")
    if guess.kind == "survey_invitations":
        surveys = [name for name, extract in extracts.items() if extract.kind == "survey_responses"]
        yield noted(
            f"survey: {next(iter(surveys), 'survey')}", "the extract that holds the responses: decide"
        )
    yield from _key_lines(found)


def _refunded(extracts: Mapping[str, Extract]) -> str:
    """The first extract of orders that does not itself say what was refunded."""
    fit = [
        name
        for name, extract in extracts.items()
        if extract.kind == "order_lines" or (extract.kind == "orders" and extract.key)
        if "refunded_amount" not in extract.columns
    ]
    return next(iter(fit), "orders")


def _key_lines(found: Description) -> Iterator[str]:
    key = KINDS[found.guess.kind].key
    mapped = {ours: each.profile for ours, each in found.guess.columns.items()}
    if found.layout.preset == "shopify" or found.guess.kind == "fx_rates":
        yield f"key: {list_of(key)}"
    elif found.guess.kind == "order_lines":
        yield noted("key: none", "equal lines are real lines")
    elif len(key) == 1 and key[0] in mapped and mapped[key[0]].is_unique:
        yield noted(f"key: {list_of(key)}", "all its cells are different here")
    elif len(key) == 1 and key[0] in mapped:
        repeated = mapped[key[0]].rows - mapped[key[0]].distinct
        yield noted(
            "key: none", f"{key[0]} is empty or repeated in {repeated} rows; decide whether that is right"
        )
    else:
        yield noted("key: none", f"{', '.join(key)} not found; every row then stands for itself")
    unique = [
        each.name
        for each in found.profiles
        if each.is_unique and each.rows > 1 and not is_personal(each.name)
    ]
    if unique:
        yield f"# No two rows are alike in: {_names(unique)}"


def _format_lines(found: Description) -> Iterator[str]:
    source, stated = found.layout.source, found.layout.format
    lines = [f"type: {source.type}"]
    if source.delimiter:
        lines.append(f'delimiter: "{source.delimiter}"'.replace("\t", "\\t"))
    if source.encoding and source.encoding not in BY_MARK:
        doubt = "since it is no UTF-8: decide" if source.encoding == "cp1252" else ""
        lines.append(noted(f"encoding: {source.encoding}", doubt))
    decimal, thousands = found.convention
    doubt = "the amounts in this file could be read with either sign: decide" if found.is_ambiguous else ""
    if decimal != "." or doubt:
        lines.append(noted(f'decimal: "{decimal}"', doubt))
    if thousands:
        lines.append(f'thousands: "{thousands}"')
    elif decimal == ",":
        lines.append('# thousands: ".", where amounts of a thousand and more are grouped')
    lines += _heading_lines(found)
    if found.guess.kind == "fx_rates":
        lines.append(noted("rate_means: company_per_foreign", "or foreign_per_company: decide"))
    if stated.time_zone:
        lines.append(noted(f"time_zone: {stated.time_zone}", "as the headings say"))
    else:
        lines.append(
            "# time_zone: Europe/Berlin, where times without an offset are not in the company's own zone"
        )
    yield "format:"
    yield from (f"{INDENT}{line}" for line in lines)


def _heading_lines(found: Description) -> Iterator[str]:
    stated = found.layout.format
    if stated.header_rows != 1 and not found.layout.preset:
        by_position = "" if stated.header_rows else "columns by position"
        yield noted(f"header_rows: {stated.header_rows}", by_position)
        if stated.header_rows > 1:
            yield f"names_row: {stated.names_row}"
    if stated.sheet:
        yield noted(f"sheet: {scalar(stated.sheet)}", f"of {_names(found.layout.sheets)}")
    if stated.question_column and stated.answer_column:
        yield noted(f"question_column: {scalar(stated.question_column)}", "a row per answer: a long export")
        yield f"answer_column: {scalar(stated.answer_column)}"
        yield f"response_columns: {list_of(stated.response_columns)}"


def _leave_out_lines(found: Description) -> Iterator[str]:
    preset = PRESETS.get(found.layout.preset or "", {})
    rules = preset.get("leave_out", [])
    if any(rule["column"] not in found.layout.columns for rule in rules):
        yield noted("leave_out: []", "the preset's columns are not all in this file")
        return
    responded = found.guess.columns.get("responded_at")
    if responded and not rules and responded.profile.filled < responded.profile.rows:
        yield "leave_out:"
        rule = f'- {{column: {scalar(responded.profile.name)}, values: [""], reason: unfinished}}'
        yield noted(
            f"{INDENT}{rule}",
            f"{responded.profile.rows - responded.profile.filled} rows have no time: decide",
        )


def _rest_lines(found: Description) -> Iterator[str]:
    used = {each.profile.name for each in found.guess.columns.values()}
    used |= {column for question in found.questions for column in question.columns}
    used |= {each.name for each in attributes(found)} | set(preset_sources(found)) | _left_out_by(found)
    rest = [each for each in found.profiles if each.name not in used]
    if rest:
        yield "# Not mapped, and so never read:"
        for each in rest[:MOST_NAMES]:
            yield f"#   {scalar(each.name)}: {_looks(each, found.convention)}"
        if len(rest) > MOST_NAMES:
            yield f"#   and {len(rest) - MOST_NAMES} more"


def _left_out_by(found: Description) -> set[str]:
    return {rule["column"] for rule in PRESETS.get(found.layout.preset or "", {}).get("leave_out", [])}


def _looks(profile: Profile, convention: tuple[str, str]) -> str:
    if not profile.filled:
        return "empty"
    if is_personal(profile.name) or profile.addresses:
        return "may tell who somebody is"
    kind = "dates" if profile.is_date else "numbers" if profile.is_number(convention) else "texts"
    return f"{profile.distinct} different {kind}"


def _names(names: Sequence[object]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(scalar(each) for each in names[:12]) + more
