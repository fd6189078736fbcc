"""The SQL that a night runs: every dbt model as dbt compiles it, and the one query of the metrics stage.

Compiled once, and built over a small draw of the demo company, so that a test can ask the engine for the type of
any expression and for the rows that an expression sees. What must stay out: what is allowed; the tests say that.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from pipelines.demo.company import AS_OF
from pipelines.demo.home import write_demo_home
from pipelines.ingest.lake import lake_files, lake_hash
from pipelines.ingest.load import Ingest
from pipelines.ingest.stage import ingest_extracts
from pipelines.metrics.result_tables import TABLES
from pipelines.metrics.tables import QUERY_FILES
from pipelines.paths import HomePaths
from pipelines.settings import load_settings
from pipelines.transform.build import create_build

PROJECT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT / "dbt_project"
TARGET = DBT_PROJECT / "target" / "architecture"
# dbt's own folder, so that a second call parses only what has changed.

ENGINE = "duckdb"
SECRET = b"a secret for tests alone"
FEW_CUSTOMERS = 300
CLAUSES_AFTER_FROM_AND_WHERE = ("group", "having", "order", "limit", "distinct", "qualify", "with_")


@dataclass(frozen=True)
class Model:
    """One query as the engine gets it."""

    name: str
    sql: str

    @cached_property
    def tree(self) -> exp.Expression:
        return sqlglot.parse_one(self.sql, dialect=ENGINE)


@dataclass(frozen=True)
class Models:
    """All queries, dbt's manifest, and the build they made."""

    manifest: dict[str, Any]
    queries: Sequence[Model]
    build: duckdb.DuckDBPyConnection

    @property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """The manifest's models by name."""
        return {n["name"]: n for n in self.manifest["nodes"].values() if n["resource_type"] == "model"}

    def keys_tested(self) -> dict[str, list[list[str]]]:
        """By model, the columns of its `keyed_by` tests."""
        keys: dict[str, list[list[str]]] = {}
        for node in self.manifest["nodes"].values():
            test = node.get("test_metadata") or {}
            if test.get("name") == "keyed_by":
                model = node["attached_node"].rpartition(".")[2]
                keys.setdefault(model, []).append(test["kwargs"]["columns"])
        return keys

    def types_of(self, *expressions: exp.Expression) -> list[str]:
        """The engine's types of expressions that stand in one select."""
        described = self.build.execute(f"describe {self.rows_of(*expressions)}").fetchall()
        return [str(row[1]) for row in described]

    def repeated(self, *expressions: exp.Expression) -> int:
        """How many rows the most frequent combination of these expressions has, 0 where there are no rows."""
        values = ", ".join(f"value_{position}" for position in range(len(expressions)))
        query = f"select count(*) as row_count from ({self.rows_of(*expressions)}) group by {values}"
        ((most,),) = self.build.execute(f"select coalesce(max(row_count), 0) from ({query})").fetchall()
        return int(most)

    def rows_of(self, *expressions: exp.Expression) -> str:
        """The query of what expressions of one select are, row by row, before it groups anything."""
        select = expressions[0].find_ancestor(exp.Select)
        assert select is not None
        rows = select.copy()
        values = [exp.alias_(each.copy(), f"value_{position}") for position, each in enumerate(expressions)]
        rows.set("expressions", values)
        is_of_groups = any(each.find(exp.AggFunc) and not each.find(exp.Window) for each in expressions)
        for clause in CLAUSES_AFTER_FROM_AND_WHERE:
            if not (is_of_groups and clause == "group"):
                rows.set(clause, None)
        before = ", ".join(each.sql(ENGINE) for each in _visible_from(expressions[0]))
        return f"{'with ' + before if before else ''} {rows.sql(ENGINE)}"


def _visible_from(node: exp.Expression) -> list[exp.Expression]:
    """The common table expressions that a place in a query can name, in their order."""
    visible: list[exp.Expression] = []
    inside = node
    for outside in _ancestors(node):
        if isinstance(outside, exp.With):
            visible = [*outside.expressions[: inside.index], *visible]
        elif not isinstance(inside, exp.With) and outside.args.get("with_"):
            visible = [*outside.args["with_"].expressions, *visible]
        inside = outside
    return visible


def _ancestors(node: exp.Expression) -> Iterator[exp.Expression]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def compile_and_build(folder: Path) -> Models:
    """Compile every model, and build them in `folder` over a draw of a few hundred customers."""
    with ThreadPoolExecutor() as beside:
        compiling = beside.submit(compiled_manifest)
        build = _small_build(HomePaths(folder / "home"))
        manifest = compiling.result()
    queries = build_models(build, manifest)
    _make_metrics_tables(build)
    queries += [Model(f"metrics/{file.name}", file.read_text(encoding="utf-8")) for file in QUERY_FILES]
    return Models(manifest, queries, build)


def _make_metrics_tables(build: duckdb.DuckDBPyConnection) -> None:
    """The tables of the metrics stage, typed and empty, for the queries that read them."""
    build.execute("create schema metrics")
    for table in TABLES:
        columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
        build.execute(f"create table metrics.{table.name} ({columns})")


def build_models(
    build: duckdb.DuckDBPyConnection, manifest: dict[str, Any], wanted: Collection[str] = ()
) -> list[Model]:
    """Make the tables of all models in a build, or of those that are wanted with all that they read."""
    nodes = {key: n for key, n in manifest["nodes"].items() if n["resource_type"] in ("model", "seed")}
    for layer in ("staging", "intermediate", "marts"):
        build.execute(f"create schema {layer}")
    queries = []
    for key in _in_order(nodes, wanted):
        node = nodes[key]
        relation = f"{node['schema']}.{node['name']}"
        if node["resource_type"] == "seed":
            build.execute(f"create table {relation} as {_seed_query(node)}")
            continue
        build.execute(f"create table {relation} as {node['compiled_code']}")
        queries.append(Model(node["name"], node["compiled_code"]))
    return queries


@cache
def compiled_manifest() -> dict[str, Any]:
    """dbt's manifest with the SQL of every model as dbt compiles it."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with (TARGET / ".lock").open("w") as lock:
        # Tests in several processes share the folder.
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [
            str(Path(sys.executable).parent / "dbt"), "--quiet", "compile", "--select", "resource_type:model",
            "--no-introspect", "--no-populate-cache",
            "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
            "--target-path", str(TARGET), "--log-path", str(TARGET),
        ]  # fmt: skip
        environment = {**os.environ, "TREUE_BUILD": str(TARGET / "treue.duckdb")}
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))


def _small_build(paths: HomePaths) -> duckdb.DuckDBPyConnection:
    write_demo_home(paths.root, customers=FEW_CUSTOMERS)
    settings = load_settings(paths.root)
    night = Ingest(paths, settings.time_zone, settings.currency, SECRET, date(2026, 1, 2))
    ingest_extracts(night, settings.extracts)
    files = lake_files(paths, settings, SECRET)
    create_build(paths.build_file, AS_OF, "now", settings, files, lake_hash(files))
    return duckdb.connect(str(paths.build_file))


def _seed_query(node: dict[str, Any]) -> str:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in node["config"]["column_types"].items())
    return f"select * from read_csv('{DBT_PROJECT / node['original_file_path']}', types = {{{types}}})"


def _in_order(nodes: dict[str, dict[str, Any]], wanted: Collection[str] = ()) -> Iterator[str]:
    """Models after what they read; without any that is wanted, all of them."""
    done: set[str] = set()

    def visit(key: str) -> Iterator[str]:
        if key in nodes and key not in done:
            done.add(key)
            for parent in nodes[key].get("depends_on", {}).get("nodes", []):
                yield from visit(parent)
            yield key

    for key in nodes:
        if not wanted or nodes[key]["name"] in wanted:
            yield from visit(key)
