-- Every known customer with facts and scores. One row per customer.
with

customer_facts as (

    select * from marts.customer_facts

),

customer_scores as (

    select * from metrics.customer_scores

),

run as (

    select * from context.run

),

final as (

    select
        facts.customer_key,
        facts.has_purchased,
        cast(date_trunc('month', facts.first_purchase_date) as date) as cohort_month_date,
        case
            when facts.is_active then 'active'
            when not facts.has_purchased then 'never_purchased'
            else 'lapsed'
        end as lifecycle,
        facts.first_purchase_date,
        facts.last_purchase_date,
        scores.days_since_last_purchase,
        facts.order_count,
        facts.purchase_occasion_count,
        facts.gross_amount,
        facts.refunded_amount,
        facts.net_amount,
        run.currency,
        facts.is_active,
        facts.last_responded_date,
        facts.nps_class,
        facts.sci_class,
        facts.registered_date,
        coalesce(scores.net_amount_365, 0) as net_amount_365,
        scores.rfm_recency_score,
        scores.rfm_frequency_score,
        scores.rfm_monetary_score,
        scores.rfm_segment,
        scores.value_model,
        scores.probability_alive,
        scores.expected_orders_365,
        scores.expected_revenue_365,
        scores.is_churned_by_inactivity,
        scores.is_churned_by_model
    from customer_facts as facts
    left join customer_scores as scores on facts.customer_key = scores.customer_key
    cross join run

)

select * from final
