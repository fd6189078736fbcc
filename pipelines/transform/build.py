"""The build: one DuckDB file that holds one day of one home, from raw tables to the gate's verdict.

Holds its making (the context of the run and the registered raw tables) and its opening by later steps, which
refuse a build of another day. What must stay out: what the models compute.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from pipelines.ingest.kinds import KINDS, REJECTED_COLUMNS
from pipelines.ingest.lake import LakeFile
from pipelines.refusal import Refusal
from pipelines.settings import Definitions, Settings
from pipelines.transform.periods import periods

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Knowledge = Literal["now", "then"]


class WrongBuild(Refusal):
    """The build is missing or is not of the day and settings that the step asks for."""


CONTEXT_TABLES = {
    "run": "as_of_date date, as_of_end timestamp, knowledge text, known_until date, settings_hash text, "
    "lake_hash text, company text, time_zone text, currency text, history_start_date date, relationship_survey text",
    "settings": "min_publishable_n integer, min_disclosed_n integer, multiple_responses_policy text, sci_box text, "
    "active_window_days integer, purchase_collapse text, ci_level double, fx_max_age_days integer, "
    "revenue_basis text, zero_value_orders text, max_links_per_identifier integer, "
    "max_identifiers_per_customer integer, active_definition text, repeat_within_days integer, "
    "holdout_days integer",
    "files": "extract text, kind text, file_id text, path text, known_on date, rows_read bigint, "
    "rows_loaded bigint, rows_rejected bigint, repeated_row_count bigint",
    "deliveries": "extract text, file_id text, path text, delivered_on date, known_on date, replaced_on date",
    "extracts": "extract text, kind text, delivery text, has_key boolean, belongs_to text",
    "questions": "survey text, question text, construct text, scale_low integer, scale_high integer, "
    "low_is_good boolean, attribute text, scale_name text, version text, question_text text",
    "segments": "segment_name text, attribute text, taken_at text",
    "periods": "period_grain text, period_start_date date, period_end_date date, is_complete boolean",
}


def end_of_day(day: date, time_zone: str) -> datetime:
    """The first instant after a local day, as naive UTC."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(time_zone))
    return midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def create_build(
    path: Path,
    as_of: date,
    knowledge: Knowledge,
    settings: Settings,
    files: Sequence[LakeFile],
    lake_hash: str,
) -> None:
    """Write a new build for one day: the context tables, and the raw tables over exactly these files."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw; create schema rejected; create schema context")
        rows = _context_rows(as_of, knowledge, settings, files, lake_hash)
        for table, columns in CONTEXT_TABLES.items():
            connection.execute(f"create table context.{table} ({columns})")
            if rows[table]:
                marks = ", ".join("?" for _ in rows[table][0])
                connection.executemany(f"insert into context.{table} values ({marks})", rows[table])
        _register_raw(connection, files)


def _context_rows(
    as_of: date, knowledge: Knowledge, settings: Settings, files: Sequence[LakeFile], lake_hash: str
) -> dict[str, list[tuple[Any, ...]]]:
    known_until = as_of + timedelta(days=1) if knowledge == "then" else date(9999, 12, 31)
    run = (
        as_of, end_of_day(as_of, settings.time_zone), knowledge, known_until, settings.fingerprint(), lake_hash,
        settings.company, settings.time_zone, settings.currency, settings.history_start, settings.relationship_survey,
    )  # fmt: skip
    surveys = settings.extracts_of("survey_responses")
    return {
        "run": [run],
        "settings": [_settings_row(settings.definitions)],
        "files": [
            (f.extract, f.kind, f.file_id, f.path, f.known_on, f.rows_read, f.rows_loaded, f.rows_rejected,
             f.repeated_row_count)
            for f in files
        ],
        "deliveries": [
            (f.extract, f.file_id, d.path, d.delivered_on, d.known_on, d.replaced_on)
            for f in files
            for d in f.deliveries
        ],
        "extracts": [
            (name, e.kind, e.delivery, bool(e.key), e.belongs_to) for name, e in settings.extracts.items()
        ],
        "questions": [
            (name, q.id, q.construct_name, *(q.scale or (None, None)), q.low_is_good, q.attribute, q.scale_name,
             q.version, str(q.column if q.column is not None else next(iter(q.columns))))
            for name, survey in surveys.items()
            for q in survey.questions
            if not q.is_comment
        ],
        "segments": [(segment.name, segment.attribute, segment.at) for segment in settings.segments],
        "periods": [
            (p.grain, p.start, p.end, p.is_complete) for p in periods(settings.history_start, as_of)
        ],
    }  # fmt: skip


def _settings_row(chosen: Definitions) -> tuple[Any, ...]:
    return (
        chosen.min_publishable_n, chosen.min_disclosed_n, chosen.multiple_responses_policy, chosen.sci_box,
        chosen.active_window_days, chosen.purchase_collapse, chosen.ci_level, chosen.fx_max_age_days,
        chosen.revenue_basis, chosen.zero_value_orders, chosen.max_links_per_identifier,
        chosen.max_identifiers_per_customer, chosen.active_definition, chosen.repeat_within_days,
        chosen.holdout_days,
    )  # fmt: skip


def _register_raw(connection: "DuckDBPyConnection", files: Sequence[LakeFile]) -> None:
    tables = {table: columns for kind in KINDS.values() for table, columns in kind.tables.items()}
    for schema, table, columns in (
        *(("raw", table, columns) for table, columns in tables.items()),
        ("rejected", "rows", REJECTED_COLUMNS),
    ):
        paths = sorted(f.outputs[table] for f in files if table in f.outputs)
        if paths:
            # An explicit list, never a glob: a glob reads what a killed run left.
            listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
            names = ", ".join(columns)
            connection.execute(
                f"create view {schema}.{table} as select {names} from read_parquet([{listed}])"
            )
        else:
            typed = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
            connection.execute(f"create table {schema}.{table} ({typed})")


@contextmanager
def open_build(
    path: Path, as_of: date, settings: Settings, *, read_only: bool = False
) -> "Iterator[DuckDBPyConnection]":
    """A connection to the build of this day; `WrongBuild` says which run to start if it is another's."""
    import duckdb

    remedy = (
        f"Start the job `nightly` for {as_of}, or materialise everything from `context/run` on for that day."
    )
    if not path.exists():
        raise WrongBuild(f"{path} does not exist: no run has made a build here yet. {remedy}")
    connection = duckdb.connect(str(path), read_only=read_only)
    try:
        built = connection.execute("select as_of_date, settings_hash from context.run").fetchall()
        if built != [(as_of, settings.fingerprint())]:
            what = f"of {built[0][0]}" if built and built[0][0] != as_of else "made with other settings"
            raise WrongBuild(
                f"{path} is {what}, and this step is for {as_of} with the settings of now. {remedy}"
            )
        yield connection
    finally:
        connection.close()
