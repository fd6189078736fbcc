{#-
    The order in which the responses of one customer in one period are considered: the first one counts, which is the
    latest unless the policy names the first. Two at the same instant: the largest key, under either policy.
-#}
{% macro counted_first(responses, policy) -%}
    case when {{ policy }} <> 'first_in_period' then {{ responses }}.responded_at end desc nulls last,
    case when {{ policy }} = 'first_in_period' then {{ responses }}.responded_at end asc nulls last,
    {{ responses }}.response_key desc nulls last
{%- endmacro %}

{#- Whether every answer of a customer counts in a period, not only one of them. -#}
{% macro counts_all(policy) -%}
    {{ policy }} in ('mean_of_codes', 'all')
{%- endmacro %}

{#-
    Whether no other answer of the customer is preferred within the period of the calendar: answers stand in the order
    of counted_first, that of their time, so where the neighbour is of another period, all others are.
-#}
{% macro is_preferred(preferred_date, calendar) -%}
    (
        {{ preferred_date }} is null
        or {{ preferred_date }} < {{ calendar }}.period_start_date
        or {{ preferred_date }} >= {{ calendar }}.period_end_date
    )
{%- endmacro %}
