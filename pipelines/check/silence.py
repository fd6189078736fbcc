"""What a contract leaves open, and what is taken for it: assumptions that should be looked at once.

What must stay out: what is told from a file itself, which its manifest says.
"""

from collections.abc import Iterator

from pipelines.ingest.contracts import Extract

PATTERN_OF_DAY = "{delivered:"


def assumptions(extract: Extract, time_zone: str, currency: str) -> Iterator[str]:
    """One sentence per thing that the contract does not say."""
    yield from _of_deliveries(extract)
    yield from _of_dates(extract, time_zone)
    yield from _of_money(extract, currency)
    if "status" in extract.spec.columns:
        yield from _of_status(extract)
    asked = [name for name, spec in extract.spec.columns.items() if spec.type == "identifier"]
    if asked and not extract.identifiers:
        yield f"none of {', '.join(asked)} is mapped: every row is somebody unknown"
    is_workbook = extract.format.type == "spreadsheet" or extract.files.endswith((".xlsx", ".xls", ".ods"))
    if is_workbook and extract.format.sheet is None:
        yield "sheet: the first one of each workbook"


def _of_deliveries(extract: Extract) -> Iterator[str]:
    if "delivery" not in extract.model_fields_set:
        yield "delivery: increment, each file adds rows"
    if PATTERN_OF_DAY not in extract.files and not extract.initial_load:
        yield "files: their names state no day, so a file is known from the day on which a run first sees it"


def _of_dates(extract: Extract, time_zone: str) -> Iterator[str]:
    dated = {
        name: column
        for name, column in extract.columns.items()
        if extract.spec.columns[name].type == "timestamp"
    }
    unlaid = [name for name, column in dated.items() if not column.format]
    if unlaid:
        yield f"{', '.join(unlaid)}: no layout is stated, so only ISO 8601 is read, such as 2025-12-31 18:05"
    zoned = [
        name
        for name, column in dated.items()
        if not (column.time_zone or extract.format.time_zone)
        and not (column.format and all(layout == "unix" or "%z" in layout for layout in column.format))
    ]
    if zoned:
        yield f"{', '.join(zoned)}: times that state no offset are those of {time_zone}, the company's zone"


def _of_money(extract: Extract, currency: str) -> Iterator[str]:
    amounts = [name for name in extract.columns if extract.spec.columns[name].type in ("decimal", "rate")]
    if amounts and "decimal" not in extract.format.model_fields_set:
        yield f"{', '.join(amounts)}: {extract.format.decimal!r} is the decimal sign of amounts that are text"
    spec = extract.spec.columns.get("currency")
    if spec is None or not amounts:
        return
    default = f"{currency}, the company's" if spec.has_default else "the currency of their order"
    if "currency" not in extract.columns:
        yield f"currency is not mapped: all amounts are in {default}"
    elif not spec.is_required:
        yield f"currency: where the cell is empty, {default}"


def _of_status(extract: Extract) -> Iterator[str]:
    default = extract.spec.columns["status"].values[0]
    status = extract.columns.get("status")
    if status is None:
        yield f"status is not mapped: every row is {default}"
    elif not (status.map or status.patterns):
        yield f"status has no map: its cells must be our own words, and an empty one is {default}"
