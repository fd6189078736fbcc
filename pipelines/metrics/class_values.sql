-- What customers of each standing are worth. One row per kind of class and standing that a customer with a purchase has.
with

customers as (

    select
        facts.nps_class,
        facts.sci_class,
        facts.is_active,
        scores.net_amount_365,
        scores.probability_alive,
        scores.expected_revenue_365
    from marts.customer_facts as facts
    inner join metrics.customer_scores as scores on facts.customer_key = scores.customer_key

),

-- Who stands at risk by either class is there once.
standing as (

    select
        'nps' as item,
        case when nps_class = 'detractor' then 'at_risk' when nps_class is not null then 'other' end as standing,
        net_amount_365,
        expected_revenue_365
    from customers
    union all
    select
        'sci' as item,
        case when sci_class in ('vulnerable', 'at_risk') then 'at_risk' when sci_class is not null then 'other' end
            as standing,
        net_amount_365,
        expected_revenue_365
    from customers
    union all
    select
        'nps_or_sci' as item,
        case
            when nps_class = 'detractor' or sci_class in ('vulnerable', 'at_risk') then 'at_risk'
            when nps_class is not null or sci_class is not null then 'other'
        end as standing,
        net_amount_365,
        expected_revenue_365
    from customers

),

final as (

    select
        item,
        coalesce(standing, 'unclassified') as standing,
        count(*) as customer_count,
        count(expected_revenue_365) as valued_count,
        sum(net_amount_365) as revenue_sum,
        sum(net_amount_365 * net_amount_365) as revenue_square_sum,
        coalesce(sum(expected_revenue_365), 0) as residual_sum,
        coalesce(sum(expected_revenue_365 * expected_revenue_365), 0) as residual_square_sum
    from standing
    group by item, coalesce(standing, 'unclassified')

)

select * from final
