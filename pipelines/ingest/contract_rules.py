"""What a contract can't mean, though each of its keys alone is well formed.

One generator per subject. What must stay out: the shape of a single key, which the models in `contracts.py` judge, and
the questions of a survey (`question_rules.py`).
"""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import available_timezones

from pipelines.ingest.contracts import Column, Extract
from pipelines.ingest.kinds import CellType, ColumnSpec
from pipelines.ingest.question_rules import question_faults
from pipelines.settings_file import KeyPath, SettingsFault, unknown_key

TYPES_OF_KEY: dict[str, tuple[CellType, ...]] = {
    "format": ("timestamp",),
    "time_zone": ("timestamp",),
    "id_space": ("identifier",),
    "normalise": ("identifier",),
    "map": ("word", "currency", "status"),
    "patterns": ("word", "currency", "status"),
}
KEYS_OF_SOME = TYPES_OF_KEY.keys()


def contract_faults(name: str, extract: Extract) -> Iterator[SettingsFault]:
    """Every such fault of one extract, each with the path of its key."""
    here: KeyPath = ("extracts", name)
    yield from _mapping_faults(here, extract)
    yield from _key_faults(here, extract)
    yield from _kind_faults(here, extract)
    yield from _format_faults(here, extract)
    yield from _leave_out_faults(here, extract)
    yield from _column_faults(here, extract)
    yield from question_faults(here, extract)


def _mapping_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    spec = extract.spec
    for column in extract.columns:
        if column not in spec.columns:
            yield SettingsFault((*here, "columns", column), unknown_key(column, spec.columns))
    for column in spec.required:
        if column not in extract.columns:
            message = f"{extract.kind} need a column {column!r}, which is not mapped"
            yield SettingsFault((*here, "columns"), message)
    if extract.kind == "order_lines" and "line_amount" not in extract.columns:
        for column in ("quantity", "unit_price"):
            if column not in extract.columns:
                message = (
                    f"order_lines need line_amount, or quantity and unit_price; {column!r} is not mapped"
                )
                yield SettingsFault((*here, "columns"), message)


def _key_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    if extract.key and extract.key != extract.spec.key:
        message = f"the key of {extract.kind} is {list(extract.spec.key)}, or none; found {list(extract.key)}"
        yield SettingsFault((*here, "key"), message)
    for column in extract.key:
        if column not in extract.columns:
            message = f"{column!r} is not a mapped column; mapped: {', '.join(extract.columns)}"
            yield SettingsFault((*here, "key"), message)
    if not extract.key and extract.delivery == "changes":
        message = "delivery: changes needs a key by which a later row replaces an earlier one"
        yield SettingsFault((*here, "key"), message)
    if not extract.key and extract.kind == "fx_rates":
        message = "a rate is told by its currency and day: state key: [currency, rate_date]"
        yield SettingsFault((*here, "key"), message)


def _kind_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    is_survey = extract.kind == "survey_responses"
    if extract.attributes and extract.kind != "customers":
        yield SettingsFault((*here, "attributes"), "only extracts of kind customers have attributes")
    if extract.questions and not is_survey:
        yield SettingsFault((*here, "questions"), "only extracts of kind survey_responses have questions")
    if is_survey and all(question.is_comment for question in extract.questions):
        yield SettingsFault((*here, "questions"), "a survey needs at least one question that is no comment")
    if "rate_means" in extract.format.model_fields_set and extract.kind != "fx_rates":
        yield SettingsFault((*here, "format", "rate_means"), "only extracts of kind fx_rates have rates")


def reference_faults(extracts: Mapping[str, Extract]) -> Iterator[SettingsFault]:
    """What extracts say of each other: whose orders are refunded, and to which survey people are invited."""
    surveys = [name for name, extract in extracts.items() if extract.kind == "survey_responses"]
    for name, extract in extracts.items():
        if (extract.refunds_of is not None) != (extract.kind == "refunds"):
            what = "refunds need" if extract.kind == "refunds" else "only extracts of kind refunds have"
            yield SettingsFault(
                ("extracts", name), f"{what} refunds_of, the extract whose orders they are of"
            )
        elif extract.refunds_of is not None:
            why = _unfit_for_refunds(extract.refunds_of, extracts)
            if why:
                yield SettingsFault(("extracts", name, "refunds_of"), why)
        if (extract.survey is not None) != (extract.kind == "survey_invitations"):
            is_missing = extract.kind == "survey_invitations"
            what = (
                "survey_invitations need" if is_missing else "only extracts of kind survey_invitations have"
            )
            yield SettingsFault(("extracts", name), f"{what} survey, the extract that holds its responses")
        elif extract.survey is not None and extract.survey not in surveys:
            message = f"{extract.survey!r} is no survey of this file; allowed: {', '.join(surveys) or 'none'}"
            yield SettingsFault(("extracts", name, "survey"), message)


def _unfit_for_refunds(refunded: str, extracts: Mapping[str, Extract]) -> str | None:
    """Why no refund can be taken off the orders of that extract, null where it can."""
    of_orders = [each for each, extract in extracts.items() if extract.kind in ("orders", "order_lines")]
    if refunded not in of_orders:
        allowed = ", ".join(of_orders) or "none"
        return f"{refunded!r} is no extract of kind orders or order_lines; allowed: {allowed}"
    orders = extracts[refunded]
    if orders.kind == "orders" and not orders.key:
        return f"{refunded!r} has no key: without order ids no refund finds its order"
    if "refunded_amount" in orders.columns:
        return f"{refunded!r} maps refunded_amount: the same money would come off twice, so map it once"
    return None


def _format_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    chosen = extract.format
    if chosen.thousands == chosen.decimal:
        yield SettingsFault((*here, "format", "thousands"), "thousands and decimal can't be the same sign")
    try:
        "".encode(chosen.encoding or "utf-8")
    except LookupError:
        message = f"{chosen.encoding!r} is not an encoding; such as utf-8, utf-16, cp1252"
        yield SettingsFault((*here, "format", "encoding"), message)
    if chosen.time_zone is not None and chosen.time_zone not in available_timezones():
        message = f"{chosen.time_zone!r} is not a time zone of the IANA list"
        yield SettingsFault((*here, "format", "time_zone"), message)
    if (chosen.question_column is None) != (chosen.answer_column is None):
        message = "a long export needs both question_column and answer_column, and response_columns"
        yield SettingsFault((*here, "format"), message)
    if isinstance(chosen.names_row, int) and chosen.names_row > max(chosen.header_rows, 1):
        message = f"there are only {chosen.header_rows} heading rows"
        yield SettingsFault((*here, "format", "names_row"), message)
    if chosen.question_column is not None and not chosen.response_columns:
        message = "a long export needs the columns that tell one response from another, such as its number"
        yield SettingsFault((*here, "format", "response_columns"), message)
    if chosen.question_column is not None and chosen.response_columns:
        yield from _long_faults(here, extract)
    if extract.files.startswith("/") or ".." in extract.files.split("/"):
        yield SettingsFault((*here, "files"), "the pattern must stay below landing/: no leading / and no ..")
    if not re.fullmatch(r"[^{}]*(\{delivered:[^{}]+\}[^{}]*)?", extract.files):
        message = "only one placeholder is known, such as {delivered:%Y-%m-%d}"
        yield SettingsFault((*here, "files"), message)


def _leave_out_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    for index, rule in enumerate(extract.leave_out):
        if rule.reason == "erased":
            message = "erased is the reason of rows whose persons were erased; name this one otherwise"
            yield SettingsFault((*here, "leave_out", index, "reason"), message)
        if bool(rule.values) == bool(rule.unless):
            message = "needs either values (rows with one of them go) or unless (rows with none of them go)"
            yield SettingsFault((*here, "leave_out", index), message)


def _long_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    """A column that is none of the response would be looked for among the questions, and be empty without a word."""
    known = extract.format.response_columns
    mapped: list[tuple[KeyPath, str | int | None]] = [
        (("columns", name), column.source) for name, column in extract.columns.items()
    ]
    mapped += [(("leave_out", index), rule.column) for index, rule in enumerate(extract.leave_out)]
    for key, source in mapped:
        if source is not None and source not in known:
            message = f"{source!r} is none of response_columns: add it there (they are {', '.join(map(repr, known))})"
            yield SettingsFault((*here, *key), message)


def _column_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    for name, column in extract.columns.items():
        place = (*here, "columns", name)
        if (column.source is None) == (column.value is None):
            yield SettingsFault(place, "needs either from (a column of the file) or value (a constant)")
        if column.map and column.patterns:
            yield SettingsFault(place, "takes map or patterns, not both")
        if column.time_zone is not None and column.time_zone not in available_timezones():
            yield SettingsFault(
                (*place, "time_zone"), f"{column.time_zone!r} is not a time zone of the IANA list"
            )
        spec = extract.spec.columns.get(name)
        if spec is not None:
            yield from _idle_key_faults(place, column, spec)
            yield from _target_faults(place, column, spec)


def _idle_key_faults(place: KeyPath, column: Column, spec: ColumnSpec) -> Iterator[SettingsFault]:
    """A key that does nothing in this column would be trusted all the same."""
    for key in sorted(column.model_fields_set & KEYS_OF_SOME):
        types = TYPES_OF_KEY[key]
        if spec.type not in types:
            message = f"does nothing here: {key} is for columns of type {', '.join(types)}, and this one is {spec.type}"
            yield SettingsFault((*place, key), message)


def _target_faults(place: KeyPath, column: Column, spec: ColumnSpec) -> Iterator[SettingsFault]:
    if column.patterns:
        # RE2, by which they will be matched, knows less than Python: no look-around, no back-references.
        import duckdb

        with duckdb.connect() as connection:
            for pattern in column.patterns:
                try:
                    connection.execute("select regexp_matches('', ?)", [pattern])
                except duckdb.Error as error:
                    reason = str(error).strip().splitlines()[0]
                    yield SettingsFault(
                        (*place, "patterns", pattern), f"not a regular expression of RE2: {reason}"
                    )
    for theirs, ours in {**column.map, **column.patterns}.items():
        if spec.values and ours not in spec.values:
            message = f"{ours!r} is not allowed; allowed: {', '.join(spec.values)}"
            yield SettingsFault((*place, "map" if column.map else "patterns", theirs), message)
