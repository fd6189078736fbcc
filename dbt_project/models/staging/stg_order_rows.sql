-- A table, although staging is views: several models read it, and repeats are worth finding only once.
{{ config(materialized='table') }}

with

raw_rows as (
    select * from {{ source('raw', 'orders') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

run as (
    select * from {{ source('context', 'run') }}
),

keyed_rows as (
    select
        raw_rows.*,
        files.delivery,
        files.delivery_rank,
        files.has_key,
        files.is_known,
        files.is_current,
        -- Null where a row does not compete with others: no key, or not one of the files that count.
        case when files.has_key and files.is_current then raw_rows.order_id end as row_key
    from raw_rows
    inner join files
        on
            raw_rows.extract = files.extract
            and raw_rows.file_id = files.file_id
),

repeats as (
    {{ find_repeats('keyed_rows') }}
),

final as (
    select
        keyed_rows.extract,
        keyed_rows.file_id,
        keyed_rows.line,
        keyed_rows.known_on,
        keyed_rows.has_key,
        keyed_rows.order_id,
        keyed_rows.identifier_key,
        keyed_rows.account_key,
        keyed_rows.email_key,
        keyed_rows.phone_key,
        keyed_rows.ordered_at,
        keyed_rows.ordered_date,
        keyed_rows.gross_amount,
        keyed_rows.refunded_amount,
        keyed_rows.tax_amount,
        keyed_rows.shipping_amount,
        keyed_rows.discount_amount,
        coalesce(keyed_rows.currency, run.currency) as currency,
        coalesce(keyed_rows.status, 'completed') as status,
        keyed_rows.channel,
        case
            when not keyed_rows.is_known then 'not_yet_known'
            when not keyed_rows.is_current then 'superseded_file'
            when repeats.left_out_reason is not null then repeats.left_out_reason
            when keyed_rows.status = 'not_a_sale' then 'not_a_sale'
            when keyed_rows.ordered_at >= run.as_of_end then 'after_as_of'
        end as left_out_reason
    from keyed_rows
    left join repeats
        on
            keyed_rows.extract = repeats.extract
            and keyed_rows.file_id = repeats.file_id
            and keyed_rows.line = repeats.line
    cross join run
)

select * from final
