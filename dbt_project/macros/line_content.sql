{#- Everything an order line says beside its order and product, as one text: equal texts are equal lines. -#}
{% macro line_content(lines) -%}
    {%- set columns = [
        'identifier_key', 'account_key', 'email_key', 'phone_key', 'ordered_at', 'quantity', 'unit_price',
        'line_amount', 'tax_amount', 'shipping_amount', 'discount_amount', 'currency', 'status', 'channel'
    ] -%}
    {%- for column in columns %}
                    '|' || coalesce(cast({{ lines }}.{{ column }} as {{ dbt.type_string() }}), '')
                    {%- if not loop.last %} ||{% endif %}
    {%- endfor %}
{%- endmacro %}
