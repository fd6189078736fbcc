"""Which columns of a file a contract does not map.

What must stay out: reading the file; its manifest holds the headings.
"""

from pipelines.ingest.contracts import Extract
from pipelines.ingest.headings import Wanted, places
from pipelines.ingest.manifests import Manifest
from pipelines.ingest.rows import wanted_columns

LONGEST_NAME = 60


def unmapped_columns(extract: Extract, manifest: Manifest) -> list[str]:
    """Their headings as they would be shown; of a file without headings the numbers, since its first row is data."""
    header, wanted = manifest.headings, _named(extract)
    if manifest.file_type == "ndjson":
        roots = {str(column).split(".")[0] for column in wanted} | {str(column) for column in wanted}
        return [_shown(key) for key in header if key not in roots]
    has_names = extract.format.header_rows > 0 or manifest.file_type == "parquet"
    file_format = extract.format if has_names else extract.format.model_copy(update={"header_rows": 0})
    if manifest.file_type == "parquet":
        file_format = file_format.model_copy(update={"header_rows": 1})
    mapped = set(places(header, wanted, manifest.path, file_format))
    rest = [(index, name) for index, name in enumerate(header) if index not in mapped]
    if not has_names:
        return [f"column {index + 1}" for index, _ in rest]
    return [_shown(name) if name else f"column {index + 1} (no heading)" for index, name in rest]


def _named(extract: Extract) -> list[Wanted]:
    """The columns that are read: of a long export those of the response, its question and its answer."""
    stated, wanted = extract.format, wanted_columns(extract)
    if stated.question_column is None or stated.answer_column is None:
        return wanted
    fixed = [column for column in wanted if column in stated.response_columns]
    return [*fixed, stated.question_column, stated.answer_column]


def _shown(name: str) -> str:
    return repr(name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}...")
