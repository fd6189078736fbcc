with

spells as (
    select * from {{ ref('int_value_spells') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

run as (
    select currency from {{ source('context', 'run') }}
),

-- Customers of one span and segment value are added up first and spread over moments after.
added_up_spans as (
    select
        spells.first_moment_number,
        spells.last_moment_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date,
        count(*) as customer_count,
        sum(case when spells.has_bought then 1 else 0 end) as buyer_count,
        sum(case when spells.has_bought_year_before then 1 else 0 end) as opening_count,
        sum(case when spells.has_bought_year_before and spells.has_bought then 1 else 0 end) as retained_count,
        sum(case when spells.has_bought_year_before and not spells.has_bought then 1 else 0 end) as lost_count,
        sum(spells.order_count) as order_count,
        sum(spells.net_amount) as net_amount_sum,
        sum(spells.net_amount * spells.net_amount) as net_amount_square_sum,
        sum(case when spells.has_bought then spells.net_amount else 0 end) as net_amount_buyer_sum,
        sum(case when spells.has_bought_year_before then spells.net_amount else 0 end) as net_amount_opening_sum,
        sum(
            case when spells.has_bought_year_before and not spells.has_bought then spells.net_amount else 0 end
        ) as net_amount_lost_sum
    from spells
    inner join segments on spells.customer_number = segments.customer_number
    group by
        spells.first_moment_number,
        spells.last_moment_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date
),

final as (
    select
        periods.period_grain,
        periods.period_start_date,
        spans.segment_name,
        spans.segment_value,
        run.currency,
        cast(sum(spans.customer_count) as bigint) as customer_count,
        cast(sum(spans.buyer_count) as bigint) as buyer_count,
        cast(sum(spans.opening_count) as bigint) as opening_count,
        cast(sum(spans.retained_count) as bigint) as retained_count,
        cast(sum(spans.lost_count) as bigint) as lost_count,
        cast(sum(spans.order_count) as bigint) as order_count,
        cast(sum(spans.net_amount_sum) as decimal(18, 2)) as net_amount_sum,
        cast(sum(spans.net_amount_square_sum) as decimal(38, 4)) as net_amount_square_sum,
        cast(sum(spans.net_amount_buyer_sum) as decimal(18, 2)) as net_amount_buyer_sum,
        cast(sum(spans.net_amount_opening_sum) as decimal(18, 2)) as net_amount_opening_sum,
        cast(sum(spans.net_amount_lost_sum) as decimal(18, 2)) as net_amount_lost_sum
    from added_up_spans as spans
    inner join periods as moments
        on
            spans.first_moment_number <= moments.period_number
            and spans.last_moment_number >= moments.period_number
            and moments.period_grain = 'month'
    inner join periods
        on
            moments.moment_date = periods.period_end_date
            and periods.is_complete
            and spans.valid_from_date <= periods.last_date
            and spans.valid_to_date > periods.last_date
    cross join run
    group by
        periods.period_grain,
        periods.period_start_date,
        spans.segment_name,
        spans.segment_value,
        run.currency
)

select * from final
