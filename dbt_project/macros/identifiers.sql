{#- The identifier of a row after its first one; null where it has no other. -#}
{% macro next_identifier() -%}
    coalesce(
            nullif(account_key, identifier_key),
            nullif(email_key, identifier_key),
            nullif(phone_key, identifier_key)
        )
{%- endmacro %}

{#-
    The identifier by which a row finds its customer: its first one, unless too many share that one (int_identifier_hubs,
    joined on the first); a number that a till gives every guest must not keep their addresses from telling them apart.
-#}
{% macro telling_identifier(rows, hubs) -%}
    case
            when {{ hubs }}.identifier_key is null then {{ rows }}.identifier_key
            else coalesce({{ rows }}.next_identifier_key, {{ rows }}.identifier_key)
        end
{%- endmacro %}
