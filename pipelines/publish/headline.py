"""The headline figures of the current release, as the short table that ends a run.

Read from the published file alone, as any analyst would.
"""

from pathlib import Path

HEADLINES = {
    "nps_points": ("Net Promoter Score", "{:+.1f} points"),
    "sci_share": ("Secure Customer Index", "{:.1%}"),
    "csat_share": ("Satisfied customers", "{:.1%}"),
    "retention_rate": ("Retention, last full quarter", "{:.1%}"),
    "churn_rate": ("Churn, last full quarter", "{:.1%}"),
    "repeat_purchase_rate": ("Customers who bought again", "{:.1%}"),
    "clv_simple_revenue": ("Lifetime revenue per customer", "{:,.2f}"),
}

LATEST = """
with values_of_all as (
    select *, row_number() over (
        partition by metric, survey, currency order by period_start_date desc, item
    ) as recency
    from loyalty.metric_values
    where segment_name = 'all' and weighting <> 'raked'
        and period_grain = case when metric in ('retention_rate', 'churn_rate') then 'quarter' else 'all' end
)
select metric, survey, currency, value, n, ci_low, ci_high, suppression_reason, ci_level
from values_of_all
where recency = 1
order by metric, survey, currency
"""


def headline(warehouse_file: Path) -> str:
    """The figures with n and interval, the release and where the warehouse is, as lines of text."""
    import duckdb

    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        rows = connection.execute(LATEST).fetchall()
        release, as_of = connection.execute(
            "select release_id, as_of_date from loyalty.releases where is_current"
        ).fetchall()[0]
        counts = connection.execute(
            "select (select count(*) from loyalty.customers), (select count(*) from loyalty.orders), "
            "(select count(*) from loyalty.survey_responses)"
        ).fetchall()[0]
    level = f"{rows[0][-1]:.0%} interval" if rows else "interval"
    lines = [f"{'':44}{'figure':>14}  {level:<30}{'n':>9}"]
    order = list(HEADLINES)
    for metric, survey, currency, value, n, low, high, reason, _ in sorted(
        (row for row in rows if row[0] in HEADLINES), key=lambda row: (order.index(row[0]), row[1])
    ):
        label, layout = HEADLINES[metric]
        of = ", ".join(part for part in (survey, currency) if part != "all")
        shown = layout.format(value) if value is not None else f"({reason})"
        span = f"{layout.format(low)} .. {layout.format(high)}" if low is not None else ""
        lines.append(f"{label + (f' ({of})' if of else ''):<44.44}{shown:>14}  {span:<30}{n:>9,}")
    lines.append(f"\n{counts[0]:,} customers, {counts[1]:,} orders, {counts[2]:,} survey responses")
    lines.append(f"release {release}, as of {as_of}: {warehouse_file}")
    return "\n".join(lines)
