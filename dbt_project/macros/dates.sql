{#- Adding to a date gives a timestamp on some engines: a date it shall stay. -#}
{% macro add_days(date_column, days) -%}
    cast({{ dbt.dateadd('day', days, date_column) }} as date)
{%- endmacro %}

{#- Days from one date to another. -#}
{% macro days_between(from_date, to_date) -%}
    cast({{ dbt.datediff(from_date, to_date, 'day') }} as bigint)
{%- endmacro %}

{#- The ends of an interval that is open. -#}
{% macro earliest_date() -%} cast('0001-01-01' as date) {%- endmacro %}

{% macro latest_date() -%} cast('9999-12-31' as date) {%- endmacro %}
