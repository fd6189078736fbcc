"""The rows of persons in the lake: found by pseudonym, and the files written anew without them.

A file's rows change all at once: the new Parquet lies beside the old one, the manifest names it, then the old one
goes. What must stay out: who the persons are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.comments import COMMENTS
from pipelines.ingest.contracts import Extract
from pipelines.ingest.erased import DOCUMENTS
from pipelines.ingest.expressions import literal
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.manifests import ERASED_REASON, Manifest, manifest_file, read_manifests, write_manifest
from pipelines.paths import HomePaths
from pipelines.privacy.lake_files import REJECTED, parquet_of, sweep, written
from pipelines.privacy.plan import FileErasure, Plan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass
class PersonRows:
    """Where persons stand in the lake: lines by file, and what ties rows to them that do not name them.

    `keys` are those of the pseudonyms that were met.
    """

    keys: set[str] = field(default_factory=set)
    lines: dict[str, set[int]] = field(default_factory=dict)
    documents: set[tuple[str, str]] = field(default_factory=set)
    order_keys: set[str] = field(default_factory=set)
    response_keys: set[str] = field(default_factory=set)


def find_rows(
    paths: HomePaths,
    extracts: Mapping[str, Extract],
    files: Mapping[str, Sequence[Manifest]],
    keys: Iterable[str],
) -> PersonRows:
    """Every row of these files of which anybody's pseudonym is among the keys, and the rows of their documents."""
    import duckdb

    found = PersonRows()
    with duckdb.connect() as connection:
        connection.execute("create table keys as select unnest($1::text[]) as key", [sorted(keys)])
        for name, extract in extracts.items():
            _find_people(connection, paths, name, extract, files[name], found)
        connection.execute("create table documents (extract text, document text)")
        if found.documents:
            connection.executemany("insert into documents values (?, ?)", sorted(found.documents))
        for name, extract in extracts.items():
            _find_documents(connection, paths, name, extract, files[name], found)
    return found


def _find_people(
    connection: "DuckDBPyConnection",
    paths: HomePaths,
    name: str,
    extract: Extract,
    manifests: Sequence[Manifest],
    found: PersonRows,
) -> None:
    """Rows that name any of the persons, and the pseudonyms that were met."""
    parquet, keys = _main_files(paths, extract, manifests), _keys(extract)
    if not parquet or not keys:
        return
    _gather(connection, name, extract, parquet, " or ".join(f"{key} in (from keys)" for key in keys), found)
    for key in keys:
        met = f"select distinct {key} from read_parquet($1) where {key} in (from keys)"
        found.keys.update(each for (each,) in connection.execute(met, [parquet]).fetchall())


def _find_documents(
    connection: "DuckDBPyConnection",
    paths: HomePaths,
    name: str,
    extract: Extract,
    manifests: Sequence[Manifest],
    found: PersonRows,
) -> None:
    """Rows that name nobody and are of a document of theirs."""
    parquet, document = _main_files(paths, extract, manifests), DOCUMENTS.get(extract.kind)
    if not parquet or not document:
        return
    whose = extract.belongs_to if extract.kind == "refunds" else name
    nobody = " and ".join(["true", *(f"{key} is null" for key in _keys(extract))])
    theirs = f"select document from documents where extract = {literal(str(whose))}"
    _gather(connection, name, extract, parquet, f"{nobody} and {document} in ({theirs})", found)


def _main_files(paths: HomePaths, extract: Extract, manifests: Sequence[Manifest]) -> list[str]:
    """The Parquet of the table in which persons and documents stand."""
    table = next(iter(extract.spec.tables))
    return [str(paths.lake / each.outputs[table]) for each in manifests if table in each.outputs]


def _keys(extract: Extract) -> list[str]:
    """The columns of pseudonyms."""
    return [column for column in next(iter(extract.spec.tables.values())) if column.endswith("_key")]


def _gather(
    connection: "DuckDBPyConnection",
    name: str,
    extract: Extract,
    parquet: Sequence[str],
    condition: str,
    found: PersonRows,
) -> None:
    """Note the rows for which the condition holds: their lines, their documents, their keys in the warehouse."""
    document = DOCUMENTS.get(extract.kind)
    # As the models name orders and responses.
    has_key = bool(extract.key) or extract.kind == "order_lines"
    by_row = "extract || '|row|' || file_id || '|' || line"
    identity = f"extract || '|id|' || {document}" if has_key and document else by_row
    published = {
        "orders": found.order_keys,
        "order_lines": found.order_keys,
        "survey_responses": found.response_keys,
    }.get(extract.kind, set())
    rows = (
        f"select file_id, line, {document or 'null'}, md5({identity}) from read_parquet($1) where {condition}"
    )
    for file_id, line, text, key in connection.execute(rows, [list(parquet)]).fetchall():
        found.lines.setdefault(file_id, set()).add(line)
        if key is not None:
            published.add(key)
        if has_key and text is not None and extract.kind != "refunds":
            found.documents.add((name, text))


def count_rows(paths: HomePaths, manifest: Manifest, erasure: FileErasure) -> dict[str, int]:
    """How many rows of each table go, by its place in the lake; places of which nothing goes are not named."""
    import duckdb

    counts = {}
    with duckdb.connect() as connection:
        _lines(connection, erasure)
        for table, output in manifest.outputs.items():
            query = f"select count(*) from {parquet_of(paths, output)} where {_goes(table)}"
            counts[f"lake/{Path(output).parent}"] = connection.execute(query).fetchall()[0][0]
    return {place: count for place, count in counts.items() if count}


def has_rejected_values(paths: HomePaths, manifest: Manifest) -> bool:
    """Whether any rejected row of the file keeps what stood in its cell."""
    import duckdb

    if REJECTED not in manifest.outputs:
        return False
    with duckdb.connect() as connection:
        query = f"select count(value) > 0 from {parquet_of(paths, manifest.outputs[REJECTED])}"
        return bool(connection.execute(query).fetchall()[0][0])


def rewrite_files(paths: HomePaths, plan: Plan) -> None:
    """Take the rows of the plan out of the lake, and all Parquet that no manifest names; again, nothing happens."""
    for extract, file_id in plan.stale:
        manifest_file(paths.manifests, extract, file_id).unlink(missing_ok=True)
    wanted = {(each.extract, each.file_id): each for each in plan.files}
    for extract in sorted({extract for extract, _ in wanted}):
        for manifest in list(read_manifests(paths.manifests, extract)):
            erasure = wanted.get((extract, manifest.file_id))
            if erasure is not None and not _is_done(manifest, plan):
                _rewrite(paths, manifest, erasure, plan)
    sweep(paths)


def _is_done(manifest: Manifest, plan: Plan) -> bool:
    return any(Path(output).stem.endswith(f"_{_mark(plan)}") for output in manifest.outputs.values())


def _mark(plan: Plan) -> str:
    return f"erased-{plan.name}"


def _rewrite(paths: HomePaths, manifest: Manifest, erasure: FileErasure, plan: Plan) -> None:
    import duckdb

    outputs = {}
    with duckdb.connect() as connection:
        _lines(connection, erasure)
        for table, output in manifest.outputs.items():
            if table != REJECTED:
                outputs[table] = written(
                    connection, paths, output, _mark(plan), _kept_query(paths, table, output)
                )
        main = outputs[next(iter(KINDS[manifest.kind].tables))]
        loaded = connection.execute(f"select count(*) from {parquet_of(paths, main)}").fetchall()[0][0]
        gone = manifest.rows_loaded - loaded
        rejected = manifest.outputs.get(REJECTED)
        place = rejected or f"rejected/{manifest.extract}/{manifest.file_id}.parquet"
        query = _rejected_query(paths, manifest, rejected, gone, is_unseen=erasure.is_unseen)
        if rejected or gone:
            outputs[REJECTED] = written(connection, paths, place, _mark(plan), query)
        reasons = connection.execute(
            f"select reason, count(*) from ({query}) group by reason order by all"
        ).fetchall()
    rewritten = replace(
        manifest,
        rows_loaded=loaded,
        rows_rejected=manifest.rows_rejected + gone,
        rejected_by_reason=dict(reasons),
        cells_hash=erasure.cells_hash,
        outputs=outputs,
        erased_on=plan.erased_on,
    )
    write_manifest(paths.manifests, rewritten)


def _lines(connection: "DuckDBPyConnection", erasure: FileErasure) -> None:
    connection.execute("create temp table gone as select unnest($1::bigint[]) as line", [erasure.lines])
    connection.execute(
        "create temp table gone_comments as select unnest($1::bigint[]) as line", [erasure.comment_lines]
    )


def _goes(table: str) -> str:
    comments = " or line in (from gone_comments)" if table == COMMENTS else ""
    return f"coalesce(line in (from gone){comments}, false)"


def _kept_query(paths: HomePaths, table: str, output: str) -> str:
    return f"select * from {parquet_of(paths, output)} where not {_goes(table)}"


def _rejected_query(
    paths: HomePaths, manifest: Manifest, rejected: str | None, gone: int, *, is_unseen: bool
) -> str:
    """The rejected rows, of which the person's keep no more than that there was one; loaded ones join them."""
    identity = f"{literal(manifest.extract)} as extract, {literal(manifest.file_id)} as file_id"
    nothing = "null::bigint as line, null::varchar as column_name, "
    nothing += f"{literal(ERASED_REASON)} as reason, null::varchar as value"
    queries = [f"select {identity}, {nothing} from range({gone})"]
    if rejected:
        value = "null::varchar as value" if is_unseen else "value"
        rows = parquet_of(paths, rejected)
        queries += [
            f"select extract, file_id, line, column_name, reason, {value} from {rows} where not {_goes(REJECTED)}",
            f"select {identity}, {nothing} from {rows} where {_goes(REJECTED)}",
        ]
    return " union all ".join(queries)
