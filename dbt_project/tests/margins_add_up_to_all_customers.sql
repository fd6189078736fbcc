{#- Every known customer has one value of each segment and one decile, and respondents are some of them. -#}
with

sums as (
    select
        period_grain,
        period_start_date,
        segment_name,
        value_decile > 0 as is_decile,
        sum(customer_count) as customer_count
    from {{ ref('population_margins') }}
    group by period_grain, period_start_date, segment_name, value_decile > 0
)

select
    period_grain,
    period_start_date,
    min(customer_count) as fewest,
    max(customer_count) as most
from sums
group by period_grain, period_start_date
having min(customer_count) <> max(customer_count)
