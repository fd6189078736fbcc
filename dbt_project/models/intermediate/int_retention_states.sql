with

spells as (
    select * from {{ ref('int_spell_periods') }}
),

with_customer_history as (
    select
        *,
        min(began_period) over (partition by customer_number, period_grain) as first_period,
        min(case when entered_number < left_number then entered_number end)
            over (partition by customer_number, period_grain) as first_entered_number
    from spells
),

-- A spell that lies between two starts of periods is seen at neither.
seen_spells as (
    select
        *,
        lag(left_number) over (
            partition by customer_number, period_grain
            order by began_date asc nulls last
        ) as previous_left_number,
        lead(entered_number) over (
            partition by customer_number, period_grain
            order by began_date asc nulls last
        ) as next_entered_number
    from with_customer_history
    where entered_number < left_number
),

entries as (
    select
        customer_number,
        period_grain,
        case
            -- Lapsed and back within one period: active at both its ends.
            when previous_left_number = entered_number then 'retained'
            when first_period = entered_number - 1 then 'new'
            else 'reactivated'
        end as retention_state,
        entered_number - 1 as first_period_number,
        entered_number - 1 as last_period_number
    from seen_spells
),

stays as (
    select
        customer_number,
        period_grain,
        'retained' as retention_state,
        entered_number as first_period_number,
        left_number - 2 as last_period_number
    from seen_spells
    where entered_number <= left_number - 2
),

exits as (
    select
        customer_number,
        period_grain,
        'lost' as retention_state,
        left_number - 1 as first_period_number,
        left_number - 1 as last_period_number
    from seen_spells
    where next_entered_number is null or next_entered_number <> left_number
),

visits as (
    select
        customer_number,
        period_grain,
        'new_and_lost' as retention_state,
        began_period as first_period_number,
        began_period as last_period_number
    from with_customer_history
    where
        is_first_spell
        and (first_entered_number is null or first_entered_number > began_period + 1)
),

states as (
    select * from entries
    union all
    select * from stays
    union all
    select * from exits
    union all
    select * from visits
),

-- What happened before the first period belongs to none.
final as (
    select * from states
    where first_period_number > 0
)

select * from final
