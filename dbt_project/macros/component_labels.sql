{#-
    For every identifier of `partners` (identifier_number, partner_number; both ways) the smallest number that it is
    joined with, directly or through others, as select of (identifier_number, component_number).
-#}
{% macro component_labels(partners, settings) -%}
    {{ return(adapter.dispatch('component_labels')(partners, settings)) }}
{%- endmacro %}

{#-
    Numbers are handed on from partner to partner, and only those that became smaller are handed on again: the table is
    updated by its key instead of growing. No path is followed beyond the largest customer that is allowed: what has
    not met its smallest number by then is longer, and is told by partners whose numbers differ.
-#}
{% macro duckdb__component_labels(partners, settings) -%}
    with recursive labels (identifier_number, component_number, step) using key (identifier_number) as (
        select
            identifier_number,
            least(identifier_number, min(partner_number)) as component_number,
            1 as step
        from {{ partners }}
        group by identifier_number
        union
        select
            reached.partner_number as identifier_number,
            min(labels.component_number) as component_number,
            min(labels.step) + 1 as step
        from labels
        cross join {{ settings }}
        inner join {{ partners }} as reached on labels.identifier_number = reached.identifier_number
        inner join recurring.labels as so_far on reached.partner_number = so_far.identifier_number
        where
            labels.component_number < so_far.component_number
            and labels.step < {{ settings }}.max_identifiers_per_customer
        group by reached.partner_number
    )

    select
        identifier_number,
        component_number
    from labels
{%- endmacro %}

{#- Standard SQL: every number that reaches an identifier is kept, so the work grows with the square of a component. -#}
{% macro default__component_labels(partners, settings) -%}
    with recursive labels (identifier_number, component_number) as (
        select
            identifier_number,
            identifier_number as component_number
        from {{ partners }}
        union
        select
            reached.partner_number as identifier_number,
            labels.component_number
        from labels
        inner join {{ partners }} as reached on labels.identifier_number = reached.identifier_number
        where labels.component_number < reached.partner_number
    )

    select
        identifier_number,
        min(component_number) as component_number
    from labels
    group by identifier_number
{%- endmacro %}
