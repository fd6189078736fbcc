{#-
    The rows that give way to another row of their key, as select of (extract, file_id, line, left_out_reason).
    `rows` is a CTE with extract, file_id, line, delivery, delivery_rank and row_key, null where the row does not
    compete. Where later rows replace earlier ones the last row stays, else the first; later is the file delivered
    later, then the row further down. Only rows whose key repeats are ranked: a window over every row would cost more
    than the rest of staging.
-#}
{% macro find_repeats(rows) -%}
    select
        ranked.extract,
        ranked.file_id,
        ranked.line,
        case when ranked.delivery = 'changes' then 'replaced_by_later_row' else 'repeated_row' end as left_out_reason
    from (
        select
            competing.extract,
            competing.file_id,
            competing.line,
            competing.delivery,
            repeated.row_count,
            row_number() over (
                partition by competing.extract, competing.row_key
                order by
                    competing.delivery_rank asc nulls last,
                    competing.line asc nulls last
            ) as place
        from {{ rows }} as competing
        inner join (
            select
                extract,
                row_key,
                count(*) as row_count
            from {{ rows }}
            where row_key is not null
            group by extract, row_key
            having count(*) > 1
        ) as repeated
            on
                competing.extract = repeated.extract
                and competing.row_key = repeated.row_key
    ) as ranked
    where ranked.place <> case when ranked.delivery = 'changes' then ranked.row_count else 1 end
{%- endmacro %}
