"""Ingest of a large order export beside a bare conversion of the same file, then once more, with the file known.

Each runs in a process of its own. What must stay out: the steps after ingest.
"""

import json
import tempfile
from pathlib import Path

import duckdb

from tests.bench.processes import run_watched

ROWS = 10_000_000
CUSTOMERS = 1_000_000
SETTINGS = """
company: A large shop
time_zone: Europe/Berlin
currency: EUR
history_start: 2023-01-01
extracts:
  orders:
    kind: orders
    files: orders.csv
    key: [order_id]
    columns:
      order_id: order_id
      customer_id: {from: customer, normalise: strip_zeros}
      ordered_at: {from: ordered_at, format: "%Y-%m-%d %H:%M:%S"}
      gross_amount: amount
      currency: currency
      status: {from: status, map: {bezahlt: completed, storniert: cancelled}}
"""
ORDERS = """
copy (
    select
        100000000 + i as order_id,
        lpad(cast(hash(i) % $customers as varchar), 8, '0') as customer,
        strftime(timestamp '2023-01-01' + to_seconds((i * 97) % 94608000), '%Y-%m-%d %H:%M:%S') as ordered_at,
        cast(((i * 7919) % 30000) / 100 as decimal(18, 2)) as amount,
        case when i % 50 = 0 then 'storniert' else 'bezahlt' end as status,
        'EUR' as currency
    from range($rows) as orders(i)
) to '{file}' (header)
"""


def report_large_ingest() -> str:
    """Measure, and tell as Markdown."""
    with tempfile.TemporaryDirectory(prefix="treue-bench-") as folder:
        home = Path(folder)
        (home / "landing").mkdir()
        (home / "treue.yml").write_text(SETTINGS, encoding="utf-8")
        file = home / "landing" / "orders.csv"
        duckdb.execute(ORDERS.format(file=file), {"rows": ROWS, "customers": CUSTOMERS})
        size = file.stat().st_size
        environment = {"TREUE_HOME": str(home), "TREUE_SECRET": "a secret for the bench alone"}
        # The first to read the file finds it in the page cache too: it was written just now.
        bare = run_watched("tests.bench.bare_conversion", str(file), str(home / "bare.parquet"))
        first = run_watched("tests.bench.ingest_stage", environment=environment)
        later = run_watched("tests.bench.ingest_stage", environment=environment)
    runs = {"bare conversion": bare, "ingest": first, "ingest, file known": later}
    seconds = {name: json.loads(run.said)["seconds"] for name, run in runs.items()}
    yardstick = seconds["bare conversion"]
    lines = [
        f"| {name} | {seconds[name]:.1f} | {seconds[name] / yardstick:.2f} | {run.peak_bytes / 1e6:,.0f} |"
        for name, run in runs.items()
    ]
    what = (
        f"{ROWS:,} order rows ({size / 1e6:,.0f} MB of CSV, {CUSTOMERS:,} customers), from CSV to Parquet. The bare "
        "conversion is DuckDB's `read_csv` into typed Parquet, without contract, pseudonyms, lines or checks."
    )
    return "\n".join([what, "", "| | s | ratio | peak, MB |", "|---|---|---|---|", *lines])
