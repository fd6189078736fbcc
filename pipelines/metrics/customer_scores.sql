-- Scores, predictions and spend of the last year. One row per customer with a purchase.
with

customer_values as (

    select * from marts.customer_values

),

purchase_scores as (

    select * from metrics.purchase_scores

),

-- Gamma-Gamma's p, q and gamma; null where it did not converge.
spend_model as (

    select
        max(case when parameter = 'p' then value end) as p,
        max(case when parameter = 'q' then value end) as q,
        max(case when parameter = 'gamma' then value end) as gamma
    from metrics.purchase_fits
    where model = 'gamma_gamma' and is_chosen

),

-- Of whom no repeat purchase has brought anything, the model knows no more than of a new customer.
told_spend as (

    select
        customer_values.*,
        case when spend_sum > 0 then cast(spend_frequency as double) else 0 end as told_frequency,
        case when spend_sum > 0 then cast(spend_sum as double) else 0 end as told_sum
    from customer_values

),

-- E[M] = p (gamma + x m) / (p x + q - 1): there is no mean unless p x + q is above 1.
valued as (

    select
        told_spend.*,
        scores.model as value_model,
        scores.probability_alive,
        scores.expected_orders_365,
        scores.is_churned_by_inactivity,
        scores.is_churned_by_model,
        case when p * told_frequency + q > 1 then
            cast(discounted_orders_365 * p * (gamma + told_sum) / (p * told_frequency + q - 1) as decimal(18, 2))
        end as expected_revenue_365
    from told_spend
    cross join spend_model
    left join purchase_scores as scores
        on
            told_spend.frequency = scores.frequency
            and told_spend.recency_days = scores.recency_days
            and told_spend.age_days = scores.age_days

),

final as (

    select
        customer_key,
        age_days - recency_days as days_since_last_purchase,
        net_amount_365,
        rfm_recency_score,
        rfm_frequency_score,
        rfm_monetary_score,
        rfm_segment,
        value_model,
        probability_alive,
        expected_orders_365,
        expected_revenue_365,
        is_churned_by_inactivity,
        is_churned_by_model
    from valued

)

select * from final
