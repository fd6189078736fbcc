{#-
    The order in which the responses of one customer in one period are considered: the first one counts.
    Two at the same instant: the largest key, under either policy.
-#}
{% macro counted_first(responses, policy) -%}
    case when {{ policy }} = 'latest_in_period' then {{ responses }}.responded_at end desc nulls last,
    case when {{ policy }} = 'first_in_period' then {{ responses }}.responded_at end asc nulls last,
    {{ responses }}.response_key desc nulls last
{%- endmacro %}
