"""Erasing persons: begun by writing down what will go, done in steps that may all be done again.

Killed at any moment after the intent was written, the erasure is completed by the next run of whatever job, before
that does anything else. What must stay out: who asked (`requests.py`) and what is found (`planning.py`).
"""

import csv
import io
from collections.abc import Mapping
from typing import Any

from pipelines.ingest.load import clear_scratch
from pipelines.ingest.manifests import write_whole
from pipelines.paths import HomePaths
from pipelines.privacy.lake_rows import rewrite_files
from pipelines.privacy.plan import Plan, certificate_file, landing_file, read_pending, write_pending
from pipelines.privacy.records import clean_records, drop_build
from pipelines.privacy.search import Needles, files_below, traces
from pipelines.privacy.suppression import add_marks
from pipelines.privacy.warehouse_rows import rewrite_warehouse
from pipelines.publish.postgres import PostgresTarget

TOLD_FILES = 20
# Of the files of landing; all of them stand in the list beside the certificate.


def erase_persons(
    paths: HomePaths, plan: Plan, needles: Needles, postgres: PostgresTarget | None = None
) -> str:
    """Carry out a plan from its intent to its certificate; what was done, in words without persons.

    Only here it is known what the persons are called, so that what may hold it by accident is cleaned first.
    """
    clean_records(paths, needles)
    write_pending(paths, plan)
    return _carried_out(paths, plan, postgres)


def complete_pending(paths: HomePaths, postgres: PostgresTarget | None = None) -> str | None:
    """Complete the erasure that was begun before this run, if there is one; what was done."""
    for draft in paths.privacy.glob("*.draft"):
        # An intent that was not written in full was none.
        draft.unlink()
    plan = read_pending(paths)
    return None if plan is None else _carried_out(paths, plan, postgres)


def _carried_out(paths: HomePaths, plan: Plan, postgres: PostgresTarget | None) -> str:
    # Whatever happens now, no delivery brings them back.
    add_marks(paths.suppressed, plan.secret_fingerprint, plan.marks)
    clear_scratch(paths)
    rewrite_files(paths, plan)
    drop_build(paths)
    rewrite_warehouse(paths, plan, postgres)
    _write_landing(paths, plan)
    left = left_over(paths, plan)
    write_whole(certificate_file(paths, plan.name), certificate(plan, left))
    paths.pending_erasure.unlink()
    return "\n".join([told(plan, paths), *(f"A PSEUDONYM IS LEFT in {place}: look there" for place in left)])


def left_over(paths: HomePaths, plan: Plan) -> dict[str, int]:
    """Where a pseudonym stands all the same, by place; nothing, if all is well."""
    files = [
        file
        for file in files_below(paths.lake, paths.build, paths.warehouse, paths.dagster)
        if file.name != paths.lock_file.name
    ]
    found = traces(files, Needles(keys=frozenset(plan.keys)))
    return {f"{each.file.relative_to(paths.root)} {each.where}".strip(): each.row_count for each in found}


def certificate(plan: Plan, left: Mapping[str, int]) -> dict[str, Any]:
    """What was erased: counts by place, and nobody."""
    return {
        "erasure": plan.name,
        "erased_on": plan.erased_on,
        "identifiers_asked": plan.asked_count,
        "identifiers_found_nowhere": len(plan.unknown_lines),
        "identifiers_erased": len(plan.keys),
        "rows_erased": dict(sorted(plan.counts.items())),
        "files_rewritten": len(plan.files),
        "superseded_files_removed": len(plan.stale),
        "rows_left_in_landing": sum(row.line is not None for row in plan.landing),
        "pseudonyms_left": dict(sorted(left.items())),
    }


def _write_landing(paths: HomePaths, plan: Plan) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "line", "hint"])
    writer.writerows([row.path, row.line, row.hint] for row in plan.landing)
    place = landing_file(paths, plan.name)
    draft = place.with_suffix(".draft")
    draft.write_text(text.getvalue(), encoding="utf-8")
    draft.replace(place)


def told(plan: Plan, paths: HomePaths, *, is_dry_run: bool = False) -> str:
    """The certificate as lines of text, with the rows of landing that their owner must delete."""
    will = "would go" if is_dry_run else "gone"
    lines = [f"Erasure {plan.name}: {len(plan.keys)} identifier(s) for {plan.asked_count} asked for."]
    if plan.unknown_lines:
        numbers = ", ".join(map(str, plan.unknown_lines))
        lines.append(f"Found nowhere, but kept out from now on: line(s) {numbers} of the request.")
    lines += [f"{count:>9} row(s) {will}: {place}" for place, count in sorted(plan.counts.items())]
    if plan.stale:
        lines.append(f"{len(plan.stale):>9} file(s) {will} whole: read under another contract or secret")
    lines.append("The build goes; the next night makes another.")
    by_file: dict[str, list[str]] = {}
    for row in plan.landing:
        by_file.setdefault(row.path, []).append(row.hint if row.line is None else str(row.line))
    if by_file:
        lines.append("In landing/, for its owner to delete:")
        lines += [f"  {path}: {', '.join(those)}" for path, those in list(by_file.items())[:TOLD_FILES]]
        if len(by_file) > TOLD_FILES:
            lines.append(f"  and {len(by_file) - TOLD_FILES} more files")
    if not is_dry_run:
        lines.append(f"Certificate: {certificate_file(paths, plan.name)}")
        lines.append(f"Rows in landing/: {landing_file(paths, plan.name)}")
    return "\n".join(lines)
