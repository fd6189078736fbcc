"""The headline figures of the demo's orders as an analyst's script would compute them; a yardstick for `bench`.

No contract, no survey, no interval, no history. What must stay out: any import of the project.
"""

import json
import sys
import tempfile
from pathlib import Path

import duckdb

ORDERS = """
create table orders as
select
    nullif(column02, '') as customer,
    strptime(column01, '%d.%m.%Y %H:%M')::date as ordered_date,
    replace(replace(column03, '.', ''), ',', '.')::decimal(18, 2) as gross_amount,
    case when column05 = 'storniert' then replace(replace(column03, '.', ''), ',', '.')
        else replace(replace(column04, '.', ''), ',', '.') end::decimal(18, 2) as refunded_amount,
    column05 in ('bezahlt', 'teilweise erstattet') as is_purchase
from read_csv($file, delim = ';', header = false, auto_detect = false, columns = {
    'column00': 'varchar', 'column01': 'varchar', 'column02': 'varchar', 'column03': 'varchar',
    'column04': 'varchar', 'column05': 'varchar', 'column06': 'varchar', 'column07': 'varchar'
})
"""
SWISS_ORDERS = """
insert into orders
with lines as (
    select
        "Order" as number,
        any_value(nullif("Customer", '')) as customer,
        min(left("Ordered at", 10))::date as ordered_date,
        sum(replace("Amount", '''', '')::decimal(18, 2)) as francs,
        any_value("Status") = 'paid' as is_paid
    from read_csv($lines, delim = ',', header = true, all_varchar = true)
    group by "Order"
),
refunds as (
    select "Order" as number, sum(replace("Amount", '''', '')::decimal(18, 2)) as refunded_francs
    from read_csv($refunds, delim = ',', header = true, all_varchar = true)
    group by "Order"
),
rates as (
    select "Date"::date as quoted_date, round(1 / "Per euro"::decimal(18, 4), 8)::decimal(18, 8) as rate
    from read_csv($rates, delim = ',', header = true, all_varchar = true)
),
valued as (
    select
        lines.*,
        case when is_paid then coalesce(refunded_francs, 0) else francs end as refunded_francs,
        -- No rate older than a week.
        case when ordered_date <= quoted_date + 7 then rate end as rate
    from lines
    left join refunds using (number)
    asof left join rates on lines.ordered_date >= rates.quoted_date
)
select
    customer,
    ordered_date,
    round(francs * rate, 2) as gross_amount,
    round(refunded_francs * rate, 2) as refunded_amount,
    is_paid and refunded_francs < francs as is_purchase
from valued
"""
HEADLINES = """
with customers as (
    select
        customer,
        count(distinct ordered_date) filter (is_purchase) as days,
        bool_or(is_purchase and ordered_date >= date '2025-10-01' - 365 and ordered_date < '2025-10-01') as opening,
        bool_or(is_purchase and ordered_date > date '2025-12-31' - 365) as closing,
        -- Orders without a rate are purchases, and outside all that is about money.
        bool_or(is_purchase and gross_amount is not null and ordered_date > date '2025-12-31' - 365) as bought,
        bool_or(
            is_purchase and gross_amount is not null
            and ordered_date > date '2025-12-31' - 730 and ordered_date <= date '2025-12-31' - 365
        ) as bought_before,
        coalesce(sum(gross_amount - refunded_amount) filter (ordered_date > date '2025-12-31' - 365), 0) as net_amount
    from orders
    where customer is not null
    group by customer
)
select
    count(*) filter (days >= 2) / count(*) filter (days >= 1) as repeat_purchase_rate,
    count(*) filter (opening and closing) / count(*) filter (opening) as retention_rate,
    count(*) filter (opening and not closing) / count(*) filter (opening) as churn_rate,
    sum(net_amount)::double * count(*) filter (bought_before)
        / (count(*) filter (bought) * count(*) filter (bought_before and not bought)) as clv_simple_revenue
from customers
"""


def headlines(landing: Path) -> dict[str, float]:
    """Four of the headline figures, from the files of orders, refunds and rates alone."""
    connection = duckdb.connect()
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
        # DuckDB reads no Windows-1252.
        for path in sorted((landing / "bestellungen").glob("*.csv")):
            file.write(path.read_bytes().decode("cp1252").partition("\n")[2])
        file.flush()
        connection.execute(ORDERS, {"file": file.name})
    swiss = {"lines": "schweiz", "refunds": "schweiz_erstattungen", "rates": "kurse"}
    connection.execute(SWISS_ORDERS, {name: f"{landing}/{folder}/*.csv" for name, folder in swiss.items()})
    answer = connection.execute(HEADLINES)
    names = [column[0] for column in answer.description]
    return dict(zip(names, answer.fetchall()[0], strict=True))


if __name__ == "__main__":
    print(json.dumps(headlines(Path(sys.argv[1]))))
