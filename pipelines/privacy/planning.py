"""Making the plan of an erasure: the persons behind the identifiers, and every place where they stand.

A person is all identifiers of one customer, as the models join them; a row goes if any of them stands in it. Nothing
is changed here. What must stay out: carrying it out (`erasure.py`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pipelines.ingest.comments import COMMENTS
from pipelines.ingest.lake import committed
from pipelines.ingest.load import Ingest
from pipelines.ingest.manifests import Manifest, read_manifests
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.paths import HomePaths
from pipelines.privacy.lake_rows import PersonRows, count_rows, find_rows, has_rejected_values
from pipelines.privacy.landing import Looked, look_for, unread_files
from pipelines.privacy.plan import FileErasure, LandingRow, Plan, next_name
from pipelines.privacy.records import count_records
from pipelines.privacy.requests import Asked
from pipelines.privacy.search import Needles, files_below, traces
from pipelines.privacy.suppression import Suppression, mark_of_document, mark_of_person
from pipelines.privacy.warehouse_rows import Persons, count_published
from pipelines.refusal import Refusal
from pipelines.settings import Settings

SHORTEST_TEXT = 6
# A shorter identifier stands by chance in counts and hashes; it is looked for by column alone.


class OtherSecret(Refusal):
    """The lake was made with another secret, so that nobody in it can be found."""


@dataclass(frozen=True)
class Lake:
    """The files of the lake: those that count, by extract, and those of earlier contracts and secrets."""

    files: Mapping[str, Sequence[Manifest]]
    stale: Sequence[Manifest]


def make_plan(
    ingest: Ingest, settings: Settings, asked: Sequence[Asked], identity_file: Path
) -> tuple[Plan, Needles]:
    """What goes, and what to search for while it is known what the persons are called."""
    paths = ingest.paths
    lake = _lake(ingest, settings)
    seeds = frozenset(chain.from_iterable(each.keys for each in asked))
    keys = seeds | _same_customers(identity_file, seeds)
    needles = Needles(tuple(each.text for each in asked if len(each.text) >= SHORTEST_TEXT), keys)
    rows = find_rows(paths, settings.extracts, lake.files, keys)
    marks = {mark_of_person(ingest.secret, key) for key in keys}
    marks |= {mark_of_document(ingest.secret, *document) for document in rows.documents}
    wanted = Suppression(((ingest.secret, frozenset(marks)),))
    looked = look_for(ingest, settings.extracts, wanted)
    counts: dict[str, int] = {}
    files = list(_erasures(paths, lake, rows, looked, _mentions(paths, lake, needles), counts))
    counts |= count_published(
        paths, Persons(sorted(keys), sorted(rows.order_keys), sorted(rows.response_keys))
    )
    if records := count_records(paths, needles):
        counts["dagster"] = records
    day = ingest.seen_on.isoformat()
    plan = Plan(
        name=next_name(paths.privacy, day),
        erased_on=day,
        secret_fingerprint=secret_fingerprint(ingest.secret),
        asked_count=len(asked),
        unknown_lines=[each.line for each in asked if not each.keys & rows.keys],
        keys=sorted(keys),
        marks=sorted(marks),
        order_keys=sorted(rows.order_keys),
        response_keys=sorted(rows.response_keys),
        files=files,
        stale=[(each.extract, each.file_id) for each in lake.stale],
        landing=list(_landing_rows(paths, looked, needles)),
        counts=counts,
    )
    return plan, needles


def _lake(ingest: Ingest, settings: Settings) -> Lake:
    files = {
        name: committed(ingest.paths, name, extract, settings.time_zone, settings.currency, ingest.secret)
        for name, extract in settings.extracts.items()
    }
    counting = {each.file_id for each in chain.from_iterable(files.values())}
    everything = [
        manifest
        for folder in sorted(ingest.paths.manifests.glob("*"))
        for manifest in read_manifests(ingest.paths.manifests, folder.name)
    ]
    mark = secret_fingerprint(ingest.secret)
    if everything and all(each.secret_fingerprint != mark for each in everything):
        raise OtherSecret(
            f"Nothing in {ingest.paths.lake} was read with the TREUE_SECRET of now, so nobody can be found in it. Give "
            "the right secret; if it was changed, let a run read the files anew first: make run."
        )
    stale = [each for each in everything if each.file_id not in counting and each.pruned_on is None]
    return Lake(files, stale)


def _same_customers(identity_file: Path, keys: frozenset[str]) -> frozenset[str]:
    """All identifiers of the customers that have any of these, as the models joined them in a build."""
    import duckdb

    with duckdb.connect(str(identity_file), read_only=True) as connection:
        rows = connection.execute(
            """
            select identifier_key
            from intermediate.int_customer_keys
            where customer_key in (
                select customer_key from intermediate.int_customer_keys where identifier_key in (select unnest($1))
            )
            """,
            [sorted(keys)],
        ).fetchall()
    return frozenset(key for (key,) in rows)


def _erasures(
    paths: HomePaths,
    lake: Lake,
    rows: PersonRows,
    looked: Sequence[Looked],
    mentions: Mapping[str, list[int]],
    counts: dict[str, int],
) -> Iterator[FileErasure]:
    """What goes from each file, of which rejected rows are told by looking into landing again; `counts` adds it up."""
    seen = {(each.extract, each.content_hash): each for each in looked if not each.fault}
    manifests = [each for each in chain.from_iterable(lake.files.values()) if each.outputs]
    changed = {
        each.cells_hash: seen[each.extract, each.content_hash].cells_hash
        for each in manifests
        if (each.extract, each.content_hash) in seen
    }
    for manifest in manifests:
        look = seen.get((manifest.extract, manifest.content_hash))
        lines = rows.lines.get(manifest.file_id, set()) | set(look.lines if look else ())
        is_unseen = look is None and has_rejected_values(paths, manifest)
        # Of a file that is gone from landing nobody knows how it would look; copies of it are still its copies.
        gone = hashlib.sha256(f"erased {manifest.cells_hash}".encode()).hexdigest()[:20]
        erasure = FileErasure(
            extract=manifest.extract,
            file_id=manifest.file_id,
            lines=sorted(lines),
            cells_hash=changed.get(manifest.cells_hash, gone) if lines else manifest.cells_hash,
            comment_lines=mentions.get(manifest.file_id, []),
            is_unseen=is_unseen,
        )
        found = count_rows(paths, manifest, erasure)
        for place, count in found.items():
            counts[place] = counts.get(place, 0) + count
        if found or is_unseen:
            yield erasure


def _mentions(paths: HomePaths, lake: Lake, needles: Needles) -> dict[str, list[int]]:
    """Comments of whomsoever in which an identifier stands, as lines by file."""
    import duckdb

    found: dict[str, list[int]] = {}
    with duckdb.connect() as connection:
        for manifest in chain.from_iterable(lake.files.values()):
            if COMMENTS in manifest.outputs and needles.patterns:
                condition = " or ".join(
                    f"regexp_matches(comment, ${number})" for number in range(2, len(needles.patterns) + 2)
                )
                rows = connection.execute(
                    f"select distinct line from read_parquet($1) where {condition} order by line",
                    [str(paths.lake / manifest.outputs[COMMENTS]), *needles.patterns],
                ).fetchall()
                if rows:
                    found[manifest.file_id] = [line for (line,) in rows]
    return found


def _landing_rows(paths: HomePaths, looked: Sequence[Looked], needles: Needles) -> Iterator[LandingRow]:
    """What the owner of landing must delete or look into; files that cannot be read are named as wholes."""
    named: set[str] = set()
    for each in looked:
        yield from (LandingRow(each.path, line, f"a row of {each.extract}") for line in each.lines)
        if each.lines:
            named.add(each.path)
        if each.unsplit_count:
            hint = f"{each.unsplit_count} row(s) cannot be split into columns: look into them yourself"
            yield LandingRow(each.path, None, hint)
        if each.fault:
            yield LandingRow(each.path, None, "cannot be read as its contract says: look into it yourself")
    for path in unread_files(paths.landing, looked):
        yield LandingRow(path, None, "no contract reads this file: look into it yourself")
        named.add(path)
    texts = Needles(needles.texts)
    found = {
        trace.file.relative_to(paths.landing).as_posix()
        for trace in traces(files_below(paths.landing), texts)
    }
    for path in sorted(found - named):
        yield LandingRow(
            path, None, "an identifier stands in a column that is not read: look for it yourself"
        )
