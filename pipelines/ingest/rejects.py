"""Rejected rows: told in sentences, and judged against the share that the contract tolerates."""

from dataclasses import dataclass

from pipelines.ingest.contracts import Extract
from pipelines.ingest.faults import FileFault
from pipelines.ingest.rows import LEFT_OUT

REASONS = {
    "missing_value": "are empty, and the column is needed",
    "unreadable_date": "can't be read as a date{layouts}",
    "unreadable_number": "can't be read as a number (decimal sign {decimal!r})",
    "not_positive": "are not above 0",
    "unmapped_value": "have no entry in its map (allowed: {mapped})",
    "unknown_label": "are none of its labels (allowed: {labels})",
    "not_a_whole_number": "are no whole number (allowed: {scale})",
    "outside_scale": "lie outside its scale (allowed: {scale})",
    "unknown_choice": "hold a choice that the contract does not name",
    "damaged_identifier": "were turned into numbers by a spreadsheet, such as 4.1670000000E+10: digits are lost",
    "broken_json": "are no JSON object",
    "too_few_columns": "have too few columns",
    "too_many_columns": "have too many columns",
    "broken_quotes": "have broken quotes",
    "line_too_long": "are longer than 2 MB",
    "broken_row": "can't be split into columns",
}


@dataclass(frozen=True)
class Reject:
    """All rejected rows of a file with one reason in one column; the example is masked where it must be."""

    column: str | None
    reason: str
    row_count: int
    first_line: int
    example: str | None


def sentence(reject: Reject, relative: str, rows_read: int, extract: Extract) -> str:
    """One sentence: how many of how many, in which column, why, what is allowed, and where the first one stands."""
    example = f" such as {reject.example!r}" if reject.example is not None else ""
    what = f"values of {_named(reject.column, extract)}" if reject.column else "rows"
    if reject.reason.startswith(LEFT_OUT):
        return f"{reject.row_count} of {rows_read} rows are left out as {reject.reason.removeprefix(LEFT_OUT)}, as told"
    why = REASONS[reject.reason].format(**_allowed(reject.column, extract))
    return f"{reject.row_count} of {rows_read} {what} {why}:{example} first in {relative} line {reject.first_line}"


def _named(column: str, extract: Extract) -> str:
    ours = column.removeprefix("question_")
    questions = {question.id: question.source_columns for question in extract.questions}
    if column.startswith("question_") and ours in questions:
        return f"`{ours}` (their column {questions[ours][0]!r})"
    mapped = extract.columns.get(column)
    return f"`{column}` (their column {mapped.source!r})" if mapped and mapped.source else f"`{column}`"


def _allowed(column: str | None, extract: Extract) -> dict[str, str]:
    ours = (column or "").removeprefix("question_")
    question = next((each for each in extract.questions if each.id == ours), None)
    mapped = extract.columns.get(column or "")
    layouts = (
        " by " + " or ".join(repr(layout) for layout in mapped.format) if mapped and mapped.format else ""
    )
    entries = [*(mapped.map or mapped.patterns)] if mapped else []
    spec = extract.spec.columns.get(column or "")
    return {
        "layouts": layouts or " in ISO form such as 2025-12-31 18:05",
        "decimal": extract.format.decimal,
        "mapped": ", ".join(map(repr, entries or (spec.values if spec else ()))),
        "labels": ", ".join(map(repr, question.labels)) if question else "",
        "scale": f"{question.scale[0]} to {question.scale[1]}" if question and question.scale else "",
    }


def judge_rejects(rejects: list[Reject], relative: str, rows_read: int, extract: Extract) -> None:
    """Refuse a file of which more than the tolerated share was rejected."""
    faults = [reject for reject in rejects if not reject.reason.startswith(LEFT_OUT)]
    rejected = sum(reject.row_count for reject in faults)
    if rejected > extract.max_rejected_share * rows_read:
        told = "; ".join(sentence(reject, relative, rows_read, extract) for reject in faults[:5])
        raise FileFault(
            relative,
            f"{rejected} of {rows_read} rows can't be read, more than max_rejected_share "
            f"{extract.max_rejected_share:g} allows: {told}",
            "Correct the contract in treue.yml or have the file corrected; no row of the file was taken",
        )
