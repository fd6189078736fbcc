with

answers as (
    select * from {{ ref('int_weighting_answers') }}
),

spells as (
    select * from {{ ref('int_worth_spells') }}
),

value_deciles as (
    select * from {{ ref('int_value_deciles') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

-- Who gave no order until the moment is not among the customers whom the margins count.
customers as (
    select distinct
        answers.customer_number,
        answers.moment_number,
        answers.moment_date,
        value_deciles.value_decile
    from answers
    inner join spells
        on
            answers.customer_number = spells.customer_number
            and answers.moment_number >= spells.first_moment_number
            and answers.moment_number <= spells.last_moment_number
    inner join value_deciles
        on
            answers.moment_number = value_deciles.moment_number
            and spells.whole_net_amount = value_deciles.whole_net_amount
),

-- Every customer has one value of every segment, so equal lists are equal values.
with_segments as (
    select
        customers.customer_number,
        customers.moment_number,
        customers.moment_date,
        customers.value_decile,
        array_agg(segments.segment_value order by segments.segment_name asc nulls last) as segment_values
    from customers
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.moment_date > segments.valid_from_date
            and customers.moment_date <= segments.valid_to_date
    group by
        customers.customer_number,
        customers.moment_number,
        customers.moment_date,
        customers.value_decile
),

final as (
    select
        customer_number,
        moment_number,
        moment_date,
        value_decile,
        cast(dense_rank() over (order by segment_values asc nulls last) as integer) as combination_number
    from with_segments
)

select * from final
