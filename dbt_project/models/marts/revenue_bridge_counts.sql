{#- What each line of the bridge takes of one customer's pair of amounts; each is counted with its sum of squares. -#}
{% set lines = {
    'opening': 'case when before_amount > 0 then before_amount else 0 end',
    'new': 'case when before_amount <= 0 and is_new then greatest(now_amount, 0) else 0 end',
    'reactivated': 'case when before_amount <= 0 and not is_new then greatest(now_amount, 0) else 0 end',
    'expansion': 'case when before_amount > 0 then greatest(now_amount - before_amount, 0) else 0 end',
    'contraction':
        'case when before_amount > 0 and now_amount > 0 then greatest(before_amount - now_amount, 0) else 0 end',
    'lost': 'case when before_amount > 0 and now_amount <= 0 then before_amount else 0 end',
    'given_back': 'greatest(-now_amount, 0)',
    'closing': 'now_amount',
    'returned': 'case when before_amount > 0 then now_amount else 0 end',
    'kept': 'case when before_amount > 0 then least(greatest(now_amount, 0), before_amount) else 0 end',
} -%}
with

pairs as (
    select * from {{ ref('int_revenue_pairs') }}
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

split as (
    select
        {%- for line, amount in lines.items() %}
            {{ amount }} as {{ line }}_amount,
        {%- endfor %}
        pairs.*
    from pairs
),

final as (
    select
        split.revenue_source,
        periods.period_grain,
        periods.period_start_date,
        segments.segment_name,
        segments.segment_value,
        run.currency,
        count(*) as customer_count,
        cast(sum(case when split.before_amount > 0 then 1 else 0 end) as bigint) as opening_customer_count,
        {%- for line in lines %}
            cast(sum(split.{{ line }}_amount) as decimal(18, 2)) as {{ line }}_sum,
            cast(sum(split.{{ line }}_amount * split.{{ line }}_amount) as decimal(38, 4)) as {{ line }}_square_sum,
        {%- endfor %}
        cast(sum(split.returned_amount * split.opening_amount) as decimal(38, 4)) as returned_opening_product_sum,
        cast(sum(split.kept_amount * split.opening_amount) as decimal(38, 4)) as kept_opening_product_sum
    from split
    inner join periods
        on
            split.period_grain = periods.period_grain
            and split.period_number = periods.period_number
    inner join segments
        on
            split.customer_number = segments.customer_number
            and periods.last_date >= segments.valid_from_date
            and periods.last_date < segments.valid_to_date
    cross join run
    group by
        split.revenue_source,
        periods.period_grain,
        periods.period_start_date,
        segments.segment_name,
        segments.segment_value,
        run.currency
)

select * from final
