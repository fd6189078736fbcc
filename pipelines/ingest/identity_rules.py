"""What the contracts of one company say of the same people, taken together.

An identifier has one form, whichever extract it stands in; else one person gets two keys, and nobody is told. What
must stay out: which identifiers belong to one person, which transform finds out.
"""

from collections.abc import Iterable, Iterator, Mapping

from pipelines.ingest.contracts import Extract
from pipelines.settings_file import SettingsFault

FORMS = {"email": "lower", "lower": "lower", "strip_zeros": "strip_zeros", "phone": "phone"}
# Steps that change an identifier as its owner writes it; the others take away what a file or spreadsheet put there,
# and a file without such accidents needs none of them.


def identity_faults(extracts: Mapping[str, Extract]) -> Iterator[SettingsFault]:
    """Every column whose identifiers take another form than those of the same id_space elsewhere."""
    first: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, extract in extracts.items():
        for column, identifier in extract.identifiers.items():
            place = f"extracts.{name}.columns.{column}"
            other, steps = first.setdefault(identifier.id_space, (place, identifier.steps))
            if _form(steps) != _form(identifier.steps):
                yield SettingsFault(
                    ("extracts", name, "columns", column),
                    f"id_space {identifier.id_space!r} is normalised by {_listed(identifier.steps)} here and by "
                    f"{_listed(steps)} in {other}: one person would get two keys. State the same steps in both, or "
                    "another id_space if these are other identifiers",
                )


def _form(steps: Iterable[str]) -> set[str]:
    return {FORMS[step] for step in steps if step in FORMS}


def _listed(steps: tuple[str, ...]) -> str:
    return f"[{', '.join(steps)}]" if steps else "nothing"
