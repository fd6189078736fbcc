"""What a rehearsal found, as text for a terminal.

What must stay out: finding it, and any value of a row beyond the masked examples that ingest itself would show.
"""

import shutil
import textwrap
from collections.abc import Iterable, Iterator

from pipelines.check.rehearsal import ExtractFindings, FileFindings
from pipelines.check.silence import assumptions
from pipelines.check.unmapped import unmapped_columns
from pipelines.ingest.contracts import Extract
from pipelines.ingest.ledger import KNOWN_FROM_THE_START
from pipelines.ingest.load import FileOutcome
from pipelines.ingest.manifests import Manifest
from pipelines.ingest.rows import LEFT_OUT
from pipelines.ingest.stage import told, told_identifiers

LONGEST_LIST = 40
# Columns or files that are named one by one; the rest is counted.
WIDEST = 120


def told_extract(findings: ExtractFindings, time_zone: str, currency: str) -> str:
    """One extract: its files one by one, then what holds for all of them, then what the run would say."""
    extract = findings.extract
    lines = [f"\n{findings.name} ({extract.kind}, {extract.files})"]
    for file in findings.files:
        lines += _file_lines(file, extract)
    lines += _titled("columns that are not mapped, and so never read", _unmapped_lines(findings))
    lines += _titled("assumed, as the contract does not say", assumptions(extract, time_zone, currency))
    lines += [f"  {each}" for each in _said_lines(findings)]
    return "\n".join(lines)


def _said_lines(findings: ExtractFindings) -> Iterator[str]:
    """What the run would say, but for what stands below its file already; then the notices of earlier nights."""
    below = {
        said
        for file in findings.files
        if file.manifest
        for said in told(
            FileOutcome(file.manifest, [each.reject for each in file.problems]), findings.extract
        )
    }
    yield from (f"ERROR: {each}" for each in findings.errors)
    yield from (f"warning: {each}" for each in findings.warnings if each not in below)
    now = [*findings.errors, *findings.warnings]
    yield from (
        f"told before: {each}" for each in findings.notices if not any(each.startswith(said) for said in now)
    )


def told_unmatched(files: list[str]) -> str:
    """The files in landing that no extract describes."""
    lines = ["\nfiles in landing/ that no extract matches (make draft FILE=... describes one):"]
    lines += [f"  {each}" for each in files[:LONGEST_LIST]]
    if len(files) > LONGEST_LIST:
        lines.append(f"  and {len(files) - LONGEST_LIST} more")
    return "\n".join(lines)


def _file_lines(file: FileFindings, extract: Extract) -> Iterator[str]:
    manifest = file.manifest
    if manifest is None:
        yield f"  {file.delivery.relative}: can't be read, see below"
        return
    if file.same_bytes_as is not None:
        yield f"  {file.delivery.relative}: the same bytes as {file.same_bytes_as}"
        return
    left_out = sum(
        count for reason, count in manifest.rejected_by_reason.items() if reason.startswith(LEFT_OUT)
    )
    parts = [
        f"{manifest.rows_loaded if file.known_on else 0} would be loaded",
        f"{manifest.rows_rejected - left_out} rejected",
        *([f"{left_out} left out"] if left_out else []),
    ]
    again = "; in the lake already" if file.is_known else ""
    yield f"  {file.delivery.relative} ({_written(manifest, extract)})"
    yield f"    {manifest.rows_read} rows read: {', '.join(parts)}; {_known(file)}{again}"
    for problem in file.problems:
        yield f"    {problem.told(manifest, extract)}"
    for each in told_identifiers(manifest, extract):
        yield f"    {each}"


def _known(file: FileFindings) -> str:
    if file.known_on is None:
        return "refused, see below"
    return f"known from {'the start' if file.known_on == KNOWN_FROM_THE_START else file.known_on}"


def _written(manifest: Manifest, extract: Extract) -> str:
    """How the file is written; marked, what was told from the file as the contract does not state it."""
    stated = extract.format

    def part(value: str, said: object) -> str:
        return value if said else f"{value} told from the file"

    parts = [part(manifest.file_type, stated.type != "auto")]
    if manifest.encoding:
        parts.append(part(f"encoding {manifest.encoding}", stated.encoding))
    if manifest.delimiter:
        parts.append(part(f"delimiter {manifest.delimiter!r}", stated.delimiter))
    return ", ".join(parts)


def _unmapped_lines(findings: ExtractFindings) -> Iterator[str]:
    """Each column once; where only some of the files have it, with the first of them."""
    read = [file for file in findings.files if file.manifest and not file.same_bytes_as]
    holders: dict[str, list[str]] = {}
    for file in read:
        if file.manifest:
            for column in unmapped_columns(findings.extract, file.manifest):
                holders.setdefault(column, []).append(file.delivery.relative)
    common = [column for column, paths in holders.items() if len(paths) == len(read)]
    if common:
        yield _listed(common)
    for column, paths in holders.items():
        if len(paths) < len(read):
            yield f"{column} (in {len(paths)} of {len(read)} files, first in {paths[0]})"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LONGEST_LIST} more" if len(names) > LONGEST_LIST else ""
    return ", ".join(names[:LONGEST_LIST]) + more


def _titled(title: str, texts: Iterable[str]) -> list[str]:
    width = min(shutil.get_terminal_size((WIDEST, 0)).columns, WIDEST)
    wrapped = [
        textwrap.fill(each, width, initial_indent="    ", subsequent_indent="      ", break_long_words=False)
        for each in texts
    ]
    return [f"  {title}:", *wrapped] if wrapped else []
