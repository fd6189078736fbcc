{#- The key of a document: its own id where the extract has a key, else the place it was read from. -#}
{% macro row_identity(has_key, id_column) -%}
    md5(
        case
            when {{ has_key }} then extract || '|id|' || {{ id_column }}
            else extract || '|row|' || file_id || '|' || cast(line as {{ dbt.type_string() }})
        end
    )
{%- endmacro %}
