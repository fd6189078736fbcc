{#-
    A build is made anew each night, and nobody reads it meanwhile: a table or view is made in place, in one
    transaction. dbt-duckdb would make it under another name, rename it and look for what it replaced, which takes
    longer than most models.
-#}
{% materialization table, adapter='duckdb' %}
    {%- set made = this.incorporate(type='table') -%}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement('main') -%}
        {{ create_table_as(False, made, compiled_code) }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [made]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set made = this.incorporate(type='view') -%}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement('main') -%}
        {{ get_create_view_as_sql(made, compiled_code) }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [made]}) }}
{% endmaterialization %}
