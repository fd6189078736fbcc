-- What active customers are expected to bring, and how many of them are alive. One row.
with

customers as (

    select
        scores.expected_revenue_365,
        cast(scores.probability_alive as decimal(18, 6)) as alive
    from marts.customer_facts as facts
    inner join metrics.customer_scores as scores on facts.customer_key = scores.customer_key
    where facts.is_active

),

final as (

    select
        count(*) as customer_count,
        count(expected_revenue_365) as valued_count,
        coalesce(sum(alive), 0) as alive_sum,
        coalesce(sum(alive * alive), 0) as alive_square_sum,
        coalesce(sum(expected_revenue_365), 0) as residual_sum,
        coalesce(sum(expected_revenue_365 * expected_revenue_365), 0) as residual_square_sum,
        coalesce(sum(expected_revenue_365 * alive), 0) as residual_alive_sum
    from customers

)

select * from final
