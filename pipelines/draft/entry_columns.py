"""How the columns of a draft are written: layouts, identifiers, statuses to be decided.

Statuses are the only cells that are shown, and only few of them. What must stay out: questions, and the rest of the
entry.
"""

import json
import re
from collections.abc import Iterable, Iterator

from pipelines.draft.description import Description
from pipelines.draft.mapping import BY_VALUES_ALONE, Mapped
from pipelines.draft.profile import ISO, Profile
from pipelines.draft.vocabulary import identifier, is_personal, means
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.presets import PRESETS

SURE = 60
# From here on the whole heading was known.
MOST_STATUSES = 20
LONGEST_STATUS = 40
MOST_ATTRIBUTE_VALUES = 50
_PLAIN = re.compile(r"[A-Za-zÄÖÜäöüß](?:[\w \-ÄÖÜäöüß().|/]*[\w)])?")
_YAML_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def scalar(value: object) -> str:
    """A YAML scalar on one line, in quotes where it could be taken for anything but this text."""
    if isinstance(value, int):
        return str(value)
    text = str(value)
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def list_of(values: Iterable[object]) -> str:
    return f"[{', '.join(scalar(each) for each in values)}]"


def noted(line: str, *comments: str) -> str:
    """A line with what was guessed behind it."""
    said = "; ".join(comment for comment in comments if comment)
    return f"{line}  # {said}" if said else line


def preset_sources(found: Description) -> dict[str, str]:
    """Ours by theirs: the columns of the file that its preset maps."""
    columns = PRESETS.get(found.layout.preset or "", {}).get("columns", {})
    sources = {
        ours: theirs if isinstance(theirs, str) else theirs["from"] for ours, theirs in columns.items()
    }
    return {theirs: ours for ours, theirs in sources.items() if theirs in found.layout.columns}


def column_lines(found: Description) -> Iterator[str]:
    """The block `columns`; of a preset's columns only those that the file has not, or names otherwise."""
    given = preset_sources(found)
    yield from (f"# {ours}: {scalar(theirs)} is given by the preset" for theirs, ours in given.items())
    lines = [
        noted(f"{ours}: null", "the preset's column is not in this file")
        for ours in PRESETS.get(found.layout.preset or "", {}).get("columns", {})
        if ours not in given.values() and ours not in found.guess.columns
    ]
    for ours, mapped in found.guess.columns.items():
        if ours not in given.values() and mapped.profile.name not in given:
            lines += _column(found, ours, mapped)
    if lines:
        yield "columns:"
    elif not given:
        yield "columns: {}"
    yield from (f"  {line}" for line in lines)
    yield from (f"  # {ours}: needed, and nothing in this file looks like it" for ours in found.guess.missing)


def _column(found: Description, ours: str, mapped: Mapped) -> list[str]:
    profile, spec = mapped.profile, KINDS[found.guess.kind].columns[ours]
    theirs = scalar(profile.name)
    doubt = ""
    if mapped.likeness == BY_VALUES_ALONE:
        doubt = "guessed by its cells alone: decide"
    elif mapped.likeness < SURE:
        doubt = "guessed by a part of its heading: decide"
    match spec.type:
        case "timestamp":
            return [_date(ours, profile, theirs, doubt)]
        case "identifier":
            return [_identifier(ours, profile, theirs, doubt)]
        case "status":
            return _status(ours, profile, theirs, spec.values)
        case _:
            return [noted(f"{ours}: {theirs}", doubt)]


def _date(ours: str, profile: Profile, theirs: str, doubt: str) -> str:
    layouts = profile.layouts
    if not layouts:
        return noted(f"{ours}: {theirs}", doubt)
    stated = json.dumps(layouts[0]) if len(layouts) == 1 else f"[{', '.join(map(json.dumps, layouts))}]"
    swapped = [_swapped(each) for each in layouts]
    is_open = any(
        other != each and profile.readings.get(other) == profile.readings.get(each)
        for each, other in zip(layouts, swapped, strict=True)
    )
    order = "day or month first? every date here reads either way: decide" if is_open else ""
    several = "several layouts in one column" if len(layouts) > 1 else ""
    beside = "and ISO" if len(layouts) > 1 and profile.readings.get(ISO) else ""
    return noted(f"{ours}: {{from: {theirs}, format: {stated}}}", doubt, order, several, beside)


def _swapped(layout: str) -> str:
    """The same layout with day and month changed about."""
    return re.sub("%[dm]", lambda each: "%m" if each.group() == "%d" else "%d", layout)


def _identifier(ours: str, profile: Profile, theirs: str, doubt: str) -> str:
    parts = [f"from: {theirs}"]
    if profile.addresses > profile.texts / 2:
        parts += ["id_space: email", "normalise: email"]
    else:
        steps = {"strip_apostrophe": profile.apostrophes, "strip_decimal": profile.ends_in_zero}
        used = [step for step, count in steps.items() if count]
        # Zeros in front are lost in one file or another, and numbers take one form in all of them.
        parts.append(f"normalise: {list_of([*used, 'strip_zeros'])}")
    nobody = profile.values.get("0", 0)
    if nobody:
        parts.append('missing: ["0"]')
    hint = "one id_space for all extracts that write the same numbers"
    zero = "0 taken for nobody: decide" if nobody else ""
    return noted(f"{ours}: {{{', '.join(parts)}}}", doubt, zero, "" if "id_space: email" in parts else hint)


def _status(ours: str, profile: Profile, theirs: str, allowed: tuple[str, ...]) -> list[str]:
    shown = list(profile.values)
    if len(shown) > MOST_STATUSES or any(
        len(each) > LONGEST_STATUS or "@" in each or re.search(r"\d{4}", each) for each in shown
    ):
        return [f"# {ours}: {theirs} has {profile.distinct} values that are not shown here; it needs a map"]
    lines = [f"{ours}:", f"  from: {theirs}", f"  map:  # to one of {', '.join(allowed)}"]
    lines += [noted(f"    {scalar(each)}: {_meaning(each, allowed)}", "decide") for each in shown]
    if profile.filled < profile.rows:
        lines.append(noted(f'    "": {allowed[0]}', "an empty cell: decide"))
    return lines


def _meaning(word: str, allowed: tuple[str, ...]) -> str:
    if "cancelled" in allowed and means("cancelled", word):
        return "cancelled"
    if "bounced" in allowed and means("not_contacted", word):
        return "not_contacted"
    if "bounced" in allowed and means("bounced", word):
        return "bounced"
    return allowed[0]


def attribute_lines(found: Description) -> Iterator[str]:
    """Columns of customers with a few values for many."""
    few = attributes(found)
    if few:
        yield "attributes:  # for segments; a few values for many customers"
    for each in few:
        yield noted(f"  {identifier(each.name)}: {scalar(each.name)}", f"{each.distinct} different values")


def attributes(found: Description) -> list[Profile]:
    """The columns fit for attributes; none under whose heading a single person may stand."""
    if found.guess.kind != "customers":
        return []
    mapped = {each.profile.name for each in found.guess.columns.values()}
    return [
        each
        for each in found.profiles
        if each.name not in mapped
        and 2 <= each.distinct <= min(MOST_ATTRIBUTE_VALUES, each.filled / 2)
        and not (each.is_date or each.addresses or is_personal(each.name))
    ]
