with

order_lines as (
    select * from {{ ref('stg_order_lines') }}
),

settings as (
    select revenue_basis from {{ source('context', 'settings') }}
),

valued as (
    select
        order_lines.*,
        {{ revenue('order_lines.line_amount', 'settings.revenue_basis') }} as revenue_amount
    from order_lines
    cross join settings
),

added_up as (
    select
        source,
        order_id,
        count(*) as line_count,
        min(ordered_at) as ordered_at,
        min(ordered_date) as ordered_date,
        min(ordered_at) <> max(ordered_at) as has_lines_at_other_times,
        min(identifier_key) as identifier_key,
        min(next_identifier_key) as next_identifier_key,
        min(identifier_key) <> max(identifier_key) as has_lines_of_other_customers,
        case when min(currency) = max(currency) then min(currency) else 'mixed' end as currency,
        min(channel) as channel,
        case
            when bool_or(status = 'completed') then 'completed'
            when bool_or(status = 'cancellation') then 'cancellation'
            else 'cancelled'
        end as status,
        bool_or(
            status = 'completed' and line_amount > 0 and (quantity is null or quantity > 0)
        ) as has_sold_line,
        sum(
            case when status in ('completed', 'cancelled') and line_amount > 0 then line_amount else 0 end
        ) as paid_amount,
        sum(
            case when status in ('completed', 'cancelled') and line_amount > 0 then revenue_amount else 0 end
        ) as gross_amount,
        sum(
            case
                when status = 'cancellation' then -revenue_amount
                when status = 'completed' and line_amount < 0 then -revenue_amount
                when status = 'cancelled' and line_amount > 0 then revenue_amount
                else 0
            end
        ) as refunded_amount,
        sum(tax_amount) as tax_amount,
        sum(shipping_amount) as shipping_amount,
        sum(discount_amount) as discount_amount
    from valued
    group by source, order_id
),

final as (
    select
        md5(source || '|id|' || order_id) as order_key,
        source,
        order_id,
        line_count,
        identifier_key,
        next_identifier_key,
        ordered_at,
        ordered_date,
        -- Rounded once per order, after the lines are summed: some prices have more than two decimals.
        cast(round(paid_amount, 2) as decimal(18, 2)) as paid_amount,
        cast(round(gross_amount, 2) as decimal(18, 2)) as gross_amount,
        cast(round(refunded_amount, 2) as decimal(18, 2)) as refunded_amount,
        cast(round(tax_amount, 2) as decimal(18, 2)) as tax_amount,
        cast(round(shipping_amount, 2) as decimal(18, 2)) as shipping_amount,
        cast(round(discount_amount, 2) as decimal(18, 2)) as discount_amount,
        currency,
        status,
        has_sold_line and refunded_amount < gross_amount as is_purchase,
        channel,
        has_lines_at_other_times,
        has_lines_of_other_customers
    from added_up
)

select * from final
