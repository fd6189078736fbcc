with

changes as (
    select * from {{ ref('int_segment_changes') }}
),

customers as (
    select distinct customer_number from {{ ref('int_customer_keys') }}
),

segments as (
    select * from {{ source('context', 'segments') }}
),

-- From the day that showed a value to the day that shows another; as of the run, the last value for all time.
held_values as (
    select
        changes.customer_number,
        changes.segment_name,
        changes.segment_value,
        case
            when segments.taken_at = 'run' then {{ earliest_date() }}
            else changes.held_from_date
        end as valid_from_date,
        coalesce(changes.next_held_from_date, {{ latest_date() }}) as valid_to_date
    from changes
    inner join segments on changes.segment_name = segments.segment_name
    where segments.taken_at = 'event' or changes.next_held_from_date is null
),

first_held as (
    select
        customer_number,
        segment_name,
        min(valid_from_date) as valid_from_date
    from held_values
    group by customer_number, segment_name
),

unknown_before as (
    select
        customers.customer_number,
        segments.segment_name,
        'unknown' as segment_value,
        {{ earliest_date() }} as valid_from_date,
        coalesce(first_held.valid_from_date, {{ latest_date() }}) as valid_to_date
    from customers
    cross join segments
    left join first_held
        on
            customers.customer_number = first_held.customer_number
            and segments.segment_name = first_held.segment_name
),

everybody as (
    select
        customer_number,
        'all' as segment_name,
        'all' as segment_value,
        {{ earliest_date() }} as valid_from_date,
        {{ latest_date() }} as valid_to_date
    from customers
),

final as (
    select * from held_values
    union all
    select * from unknown_before
    where valid_from_date < valid_to_date
    union all
    select * from everybody
)

select * from final
