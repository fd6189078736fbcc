with

answers as (
    select * from {{ ref('int_weighting_answers') }}
),

customers as (
    select * from {{ ref('int_weighting_customers') }}
),

final as (
    select
        answers.survey,
        answers.question as item,
        answers.period_grain,
        answers.period_start_date,
        customers.combination_number,
        customers.value_decile,
        answers.nps_class,
        count(*) as answer_count
    from answers
    inner join customers
        on
            answers.customer_number = customers.customer_number
            and answers.moment_number = customers.moment_number
    group by
        answers.survey,
        answers.question,
        answers.period_grain,
        answers.period_start_date,
        customers.combination_number,
        customers.value_decile,
        answers.nps_class
)

select * from final
