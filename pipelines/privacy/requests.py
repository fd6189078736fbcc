"""Requests to be erased: a file of identifiers, each with its id space, and the pseudonyms that they may have.

The file lies outside the home, so that nothing of it stays behind. What must stay out: what else is known of the
persons (`plan.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.ingest.cells import normalised
from pipelines.ingest.contracts import Extract
from pipelines.ingest.expressions import clean
from pipelines.ingest.pseudonyms import identifier_key
from pipelines.paths import HomePaths
from pipelines.refusal import Refusal


class RequestFault(Refusal):
    """The file of requests can't be used; the message names lines, and never what stands there."""


@dataclass(frozen=True)
class Asked:
    """One line of the file: an identifier as it was written, and its pseudonyms by the contracts' normalisations."""

    line: int
    text: str = field(repr=False)
    keys: frozenset[str]


def read_requests(
    file: Path, paths: HomePaths, extracts: Mapping[str, Extract], secret: bytes
) -> list[Asked]:
    """The identifiers of a file, one per line as `email:eva@example.org`; blank lines and `#` lines say nothing."""
    if not file.is_file():
        raise RequestFault(f"{file} is no file: name one with a line such as `email:...` per identifier")
    if file.resolve().is_relative_to(paths.root):
        raise RequestFault(
            f"{file} lies inside the home, where it would be personal data itself. Put it elsewhere, and delete it "
            "once the certificate is there."
        )
    forms = _forms(extracts)
    asked, faults = [], []
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        id_space, _, text = (part.strip() for part in line.partition(":"))
        if id_space not in forms or not text:
            faults.append(number)
        else:
            keys = _keys(text, id_space, forms[id_space], secret)
            asked.append(Asked(number, text, keys))
    if faults or not asked:
        where = f"line {', '.join(map(str, faults))}" if faults else "it names nobody"
        raise RequestFault(
            f"{file}, {where}: each line is an id space, a colon and an identifier, such as "
            f"`customer:4711`; id spaces of treue.yml: {', '.join(sorted(forms))}"
        )
    return asked


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise RequestFault(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from None


def _forms(extracts: Mapping[str, Extract]) -> dict[str, set[tuple[str, ...]]]:
    """The normalisations of each id space: contracts may differ in how their files spell the same identifier."""
    forms: dict[str, set[tuple[str, ...]]] = {}
    for extract in extracts.values():
        for identifier in extract.identifiers.values():
            forms.setdefault(identifier.id_space, set()).add(identifier.steps)
    return forms


def _keys(text: str, id_space: str, forms: Iterable[tuple[str, ...]], secret: bytes) -> frozenset[str]:
    import duckdb

    with duckdb.connect() as connection:
        values = [
            connection.execute(
                f"select {normalised(clean('cell'), steps)} from (select $text as cell)", {"text": text}
            ).fetchall()[0][0]
            for steps in sorted(forms)
        ]
    return frozenset(identifier_key(secret, id_space, value) for value in values if value)
