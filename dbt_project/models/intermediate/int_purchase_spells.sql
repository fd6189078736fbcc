with

occasions as (
    select * from {{ ref('int_purchase_occasions') }}
),

settings as (
    select active_window_days from {{ source('context', 'settings') }}
),

with_neighbours as (
    select
        customer_number,
        purchased_date,
        lag(purchased_date) over (
            partition by customer_number
            order by purchased_date asc nulls last
        ) as previous_date,
        lead(purchased_date) over (
            partition by customer_number
            order by purchased_date asc nulls last
        ) as next_date
    from occasions
),

-- A customer is active while the window holds a purchase, so a gap longer than the window ends a spell.
edges as (
    select
        with_neighbours.customer_number,
        with_neighbours.purchased_date,
        with_neighbours.previous_date is null as is_first_spell,
        with_neighbours.previous_date is null
        or with_neighbours.purchased_date
        > {{ add_days('with_neighbours.previous_date', 'settings.active_window_days') }} as is_start,
        with_neighbours.next_date is null
        or with_neighbours.next_date
        > {{ add_days('with_neighbours.purchased_date', 'settings.active_window_days') }} as is_end
    from with_neighbours
    cross join settings
),

paired_edges as (
    select
        customer_number,
        purchased_date as first_purchased_date,
        is_start,
        is_first_spell,
        is_end,
        lead(purchased_date) over (
            partition by customer_number
            order by purchased_date asc nulls last
        ) as next_edge_date
    from edges
    where is_start or is_end
),

spells as (
    select
        customer_number,
        first_purchased_date,
        case when is_end then first_purchased_date else next_edge_date end as last_purchased_date,
        is_first_spell
    from paired_edges
    where is_start
),

final as (
    select
        spells.customer_number,
        spells.first_purchased_date,
        spells.last_purchased_date,
        {{ add_days('spells.last_purchased_date', 'settings.active_window_days') }} as last_active_date,
        spells.is_first_spell
    from spells
    cross join settings
)

select * from final
