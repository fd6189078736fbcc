{#-
    What of an amount is revenue, by the setting revenue_basis: all that was paid, or without its tax, or without its
    tax and shipping. Of a negative amount they are taken off its size, whatever sign the file gives them.
-#}
{% macro revenue(amount, basis) -%}
    cast(
            {{ amount }} - case when {{ amount }} < 0 then -1 else 1 end * (
                case when {{ basis }} = 'paid' then 0 else abs(coalesce(tax_amount, 0)) end
                + case
                    when {{ basis }} = 'without_tax_and_shipping' then abs(coalesce(shipping_amount, 0))
                    else 0
                end
            ) as decimal(18, 4)
        )
{%- endmacro %}

{#- What of a refund is revenue: the share that revenue has in what was paid; all of it where nothing was paid. -#}
{% macro refunded_revenue(refund, revenue_amount, paid_amount) -%}
    cast(
            round(
                {{ refund }}
                * coalesce(cast({{ revenue_amount }} as double) / nullif(cast({{ paid_amount }} as double), 0), 1),
                4
            ) as decimal(18, 4)
        )
{%- endmacro %}
