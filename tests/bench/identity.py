"""The models that join identifiers into customers, over millions of them, beside a bare scipy over the same pairs.

Raw tables are generated and staged first; what is measured is dbt with the models from the sightings to the keys.
What must stay out: reading extracts (`large_ingest.py`) and what is made of customers afterwards (`night.py`).
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from pipelines.ingest.lake import LakeFile
from pipelines.ingest.ledger import Delivered
from pipelines.settings import read_settings
from pipelines.transform.build import create_build
from tests.bench.processes import run_watched

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
PEOPLE = 2_000_000
DAY = date(2025, 12, 31)
MODELS = (
    "int_identifier_sightings", "int_identifiers", "int_identifier_links", "int_identifier_partners",
    "int_identifier_hubs", "int_identifier_components", "int_customer_keys",
)  # fmt: skip
SETTINGS = """
company: A company that knows many
time_zone: Europe/Berlin
currency: EUR
history_start: 2023-01-01
extracts:
  people:
    kind: customers
    files: people.csv
    key: none
    columns: {customer_id: number, email: email, phone: phone}
  merged:
    kind: customer_links
    files: merged.csv
    key: none
    columns: {customer_id: one, linked_id: other}
  orders:
    kind: orders
    files: orders.csv
    key: none
    columns: {customer_id: number, email: email, ordered_at: at, gross_amount: amount}
"""
KEY = "sha256('{space}' || ({number}))"
# Every customer has an address and every other one a phone; half of them are an old account of one of the other half;
# a quarter once ordered with the address of the neighbour.
TABLES = {
    "customers": "{identity}, 'n' as id_space, {n} as identifier_key, null as account_key, {e} as email_key, "
    "case when i % 2 = 0 then {p} end as phone_key, null::timestamp as registered_at, "
    "null::date as registered_date, null::date as valid_from_date from range({people}) as people (i)",
    "customer_links": "{identity}, 'n' as id_space, {n} as identifier_key, 'n' as linked_id_space, {older} as "
    "linked_key, null::date as valid_from_date, null::date as valid_until_date from range({people} // 2) as people (i)",
    "orders": "{identity}, i::text as order_id, 'n' as id_space, {n} as identifier_key, null as account_key, case "
    "when i < {people} // 2 then {neighbour} else {e} end as email_key, null as phone_key, timestamp '2025-01-01' as "
    "ordered_at, date '2025-01-01' as ordered_date, 10::decimal(18, 4) as gross_amount, null::decimal(18, 4) as "
    "refunded_amount, null::decimal(18, 4) as tax_amount, null::decimal(18, 4) as shipping_amount, "
    "null::decimal(18, 4) as discount_amount, 'EUR' as currency, 'completed' as status, 'web' as channel "
    "from range({people}) as people (i)",
}
EXTRACTS = {"customers": "people", "customer_links": "merged", "orders": "orders"}


def _generate(folder: Path) -> list[LakeFile]:
    """The raw tables as the lake would hold them."""
    files = []
    for kind, query in TABLES.items():
        extract = EXTRACTS[kind]
        filled = query.format(
            identity=f"'{extract}' as extract, 'f' as file_id, i as line, date '2025-01-01' as known_on",
            people=PEOPLE,
            n=KEY.format(space="n", number="i"),
            e=KEY.format(space="e", number="i"),
            p=KEY.format(space="p", number="i"),
            older=KEY.format(space="n", number=f"i + {PEOPLE // 2}"),
            neighbour=KEY.format(space="e", number="xor(i, 1)"),
        )
        file = folder / f"{kind}.parquet"
        duckdb.execute(f"copy (select {filled}) to '{file}' (format parquet)")
        path = f"{extract}.csv"
        files.append(
            LakeFile(
                extract, kind, "f", path, DAY, PEOPLE, PEOPLE, 0, 0,
                (Delivered(path, "f", DAY, DAY, None, DAY),), {kind: str(file)},
            )
        )  # fmt: skip
    return files


def _pairs(folder: Path) -> list[str]:
    """What the rows of the raw tables link, as two columns of keys."""
    queries = {
        "by_row": "select distinct identifier_key as one, email_key as other from read_parquet($tables, "
        "union_by_name = true) where email_key is not null",
        "by_phone": "select unnest([identifier_key, email_key]) as one, phone_key as other from "
        "read_parquet($customers) where phone_key is not null",
        "stated": "select identifier_key as one, linked_key as other from read_parquet($links)",
    }
    names = {"tables": ["customers", "orders"], "customers": ["customers"], "links": ["customer_links"]}
    for name, query in queries.items():
        needed = {key: [str(folder / f"{each}.parquet") for each in those] for key, those in names.items()}
        used = {key: those for key, those in needed.items() if f"${key}" in query}
        duckdb.execute(f"copy ({query}) to '{folder / name}.pairs' (format parquet)", used)
    return [str(folder / f"{name}.pairs") for name in queries]


def _dbt(folder: Path) -> list[str]:
    return [
        "--quiet", "run", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
    ]  # fmt: skip


def report_identity() -> str:
    """Measure, and tell as Markdown."""
    with tempfile.TemporaryDirectory(prefix="treue-bench-") as name:
        folder = Path(name)
        (folder / "treue.yml").write_text(SETTINGS, encoding="utf-8")
        build = folder / "build.duckdb"
        create_build(build, DAY, "now", read_settings(folder / "treue.yml"), _generate(folder), "bench")
        environment = {"TREUE_BUILD": str(build)}
        subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", *_dbt(folder), "--select", "staging"],
            check=True,
            env={**os.environ, **environment},
        )
        run = run_watched("dbt.cli.main", *_dbt(folder), "--select", *MODELS, environment=environment)
        steps = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        with duckdb.connect(str(build), read_only=True) as connection:
            ((identifiers, links, customers),) = connection.execute(
                "select (select count(*) from intermediate.int_identifiers), (select count(*) from (select distinct "
                "identifier_number, linked_number from intermediate.int_identifier_links)), (select count(distinct "
                "customer_number) from intermediate.int_customer_keys)"
            ).fetchall()
        bare = run_watched("tests.bench.bare_components", *_pairs(folder))
    said = json.loads(bare.said)
    if (identifiers, links, customers) != (said["identifiers"], said["links"], said["components"]):
        raise SystemExit(f"dbt found {(identifiers, links, customers)}, scipy {said}")
    by_model = {step["unique_id"].rpartition(".")[2]: step["execution_time"] for step in steps}
    lines = [f"| {each} | {by_model[each]:.1f} | |" for each in MODELS]
    what = (
        f"{identifiers:,} identifiers with {links:,} links, joined by the models into {customers:,} customers. The "
        "bare script numbers the same pairs in DuckDB and hands them to scipy's `connected_components`, which takes "
        f"{said['components_seconds']:.1f} s by itself; it knows no rule, no cut and no key."
    )
    totals = [
        f"| dbt with these models | **{run.seconds:.1f}** | **{run.peak_bytes / 1e6:,.0f}** |",
        f"| bare scipy | {bare.seconds:.1f} | {bare.peak_bytes / 1e6:,.0f} |",
    ]
    return "\n".join([what, "", "| | s | peak, MB |", "|---|---|---|", *lines, *totals])
