with

second_purchases as (
    select * from {{ ref('int_second_purchases') }}
),

contract_spells as (
    select * from {{ ref('int_contract_spells') }}
),

run as (
    select
        as_of_date,
        history_start_date
    from {{ source('context', 'run') }}
),

-- What ended before the history began was never watched; of several spells the earliest that was watched counts.
watched_spells as (
    select
        contract_spells.customer_number,
        contract_spells.began_date,
        contract_spells.ended_date,
        row_number() over (
            partition by contract_spells.customer_number
            order by contract_spells.began_date asc nulls last
        ) as place
    from contract_spells
    cross join run
    where contract_spells.ended_date >= run.history_start_date
),

spans as (
    select
        'second_purchase' as event,
        second_purchases.customer_number,
        second_purchases.first_purchased_date as began_date,
        second_purchases.first_purchased_date as watched_from_date,
        second_purchases.second_purchased_date as happened_date
    from second_purchases
    union all
    select
        'subscription_end' as event,
        watched_spells.customer_number,
        watched_spells.began_date,
        greatest(watched_spells.began_date, run.history_start_date) as watched_from_date,
        case when watched_spells.ended_date <= run.as_of_date then watched_spells.ended_date end as happened_date
    from watched_spells
    cross join run
    where watched_spells.place = 1
),

-- Who has not met the event was watched up to the run's day.
until_the_end as (
    select
        spans.event,
        spans.customer_number,
        spans.began_date,
        spans.watched_from_date,
        coalesce(spans.happened_date, run.as_of_date) as until_date,
        spans.happened_date is not null as is_event
    from spans
    cross join run
),

-- The days of tenure before the watch and up to its end; who was watched from the beginning has none before.
final as (
    select
        spans.event,
        spans.customer_number,
        spans.watched_from_date,
        {{ days_between('spans.began_date', 'spans.watched_from_date') }} - 1 as entry_day,
        {{ days_between('spans.began_date', 'spans.until_date') }} as exit_day,
        spans.is_event
    from until_the_end as spans
)

select * from final
