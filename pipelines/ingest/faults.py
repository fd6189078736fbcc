"""What is wrong with a file or an extract as a whole, in words that say where and what to do.

Faults of single rows are in `rejects.py`.
"""

from collections.abc import Iterable

from pipelines.refusal import Refusal


class FileFault(Refusal):
    """A file that can't be read as its contract says."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        super().__init__(f"{place}: {problem}. {remedy}")
        self.place = place
        self.problem = problem
        self.remedy = remedy


class IngestRefused(Refusal):
    """The extracts can't be taken as they are; the message lists every fault, beside it stands what only warns."""

    def __init__(self, message: str, warnings: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.warnings = tuple(warnings)
