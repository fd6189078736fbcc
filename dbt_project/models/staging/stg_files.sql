with

files as (
    select * from {{ source('context', 'files') }}
),

extracts as (
    select * from {{ source('context', 'extracts') }}
),

run as (
    select known_until from {{ source('context', 'run') }}
),

ranked_files as (
    select
        files.extract,
        files.file_id,
        extracts.delivery,
        extracts.has_key,
        files.known_on <= run.known_until as is_known,
        row_number() over (
            partition by files.extract, files.known_on <= run.known_until
            order by files.known_on desc nulls last, files.file_id desc nulls last
        ) as recency
    from files
    inner join extracts on files.extract = extracts.extract
    cross join run
),

final as (
    select
        extract,
        file_id,
        delivery,
        has_key,
        is_known,
        is_known and (delivery <> 'full' or recency = 1) as is_current
    from ranked_files
)

select * from final
