-- Opening and what came and went make closing; of orders, closing is all that known customers brought in.
with

bridges as (
    select * from {{ ref('revenue_bridge_counts') }}
),

closings as (
    select
        *,
        lag(closing_sum) over (
            partition by revenue_source, period_grain
            order by period_start_date asc nulls last
        ) as previous_closing_sum
    from bridges
    where segment_name = 'all'
)

select
    'identity' as what,
    revenue_source,
    period_grain,
    period_start_date,
    closing_sum as found_amount
from bridges
where
    closing_sum
    <> opening_sum + new_sum + reactivated_sum + expansion_sum - contraction_sum - lost_sum - given_back_sum
    or kept_sum <> opening_sum - lost_sum - contraction_sum
    or returned_sum > kept_sum + expansion_sum
union all
-- Money given back can leave a customer below 0, who then opens with nothing; a subscription cannot.
select
    'opening' as what,
    revenue_source,
    period_grain,
    period_start_date,
    opening_sum as found_amount
from closings
where
    opening_sum < previous_closing_sum
    or (revenue_source = 'subscriptions' and opening_sum <> previous_closing_sum)
union all
select
    'closing' as what,
    closings.revenue_source,
    closings.period_grain,
    closings.period_start_date,
    closings.closing_sum as found_amount
from closings
inner join {{ ref('repeat_purchase_counts') }} as repeat_counts
    on
        closings.period_grain = repeat_counts.period_grain
        and closings.period_start_date = repeat_counts.period_start_date
where
    closings.revenue_source = 'orders'
    and repeat_counts.segment_name = 'all'
    and closings.closing_sum <> repeat_counts.net_amount_sum
