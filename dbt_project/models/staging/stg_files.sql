with

files as (
    select * from {{ source('context', 'files') }}
),

deliveries as (
    select * from {{ source('context', 'deliveries') }}
),

extracts as (
    select * from {{ source('context', 'extracts') }}
),

run as (
    select known_until from {{ source('context', 'run') }}
),

judged_deliveries as (
    select
        deliveries.extract,
        deliveries.file_id,
        deliveries.path,
        deliveries.delivered_on,
        deliveries.known_on <= run.known_until as is_known,
        -- Other bytes under the same name replace what was read from it, once they are known.
        deliveries.known_on <= run.known_until
        and coalesce(deliveries.replaced_on > run.known_until, true) as is_in_force
    from deliveries
    cross join run
),

ranked_deliveries as (
    select
        *,
        row_number() over (
            partition by extract, is_in_force
            order by delivered_on desc nulls last, path desc nulls last, file_id desc nulls last
        ) as recency
    from judged_deliveries
),

judged_files as (
    select
        extract,
        file_id,
        bool_or(is_known) as is_known,
        bool_or(is_in_force) as is_in_force,
        bool_or(is_in_force and recency = 1) as is_newest,
        -- Of a file that was delivered twice: among changes it says again what it says, otherwise it only repeats it.
        coalesce(min(case when is_in_force then delivered_on end), min(delivered_on)) as first_delivered_on,
        coalesce(max(case when is_in_force then delivered_on end), max(delivered_on)) as last_delivered_on,
        max(path) as last_path
    from ranked_deliveries
    group by extract, file_id
),

final as (
    select
        files.extract,
        files.file_id,
        extracts.delivery,
        extracts.has_key,
        extracts.belongs_to,
        row_number() over (
            partition by files.extract
            order by
                case
                    when extracts.delivery = 'changes' then judged_files.last_delivered_on
                    else judged_files.first_delivered_on
                end asc nulls last,
                judged_files.last_path asc nulls last,
                files.file_id asc nulls last
        ) as delivery_rank,
        judged_files.is_known,
        judged_files.is_in_force and (extracts.delivery <> 'full' or judged_files.is_newest) as is_current
    from files
    inner join extracts on files.extract = extracts.extract
    inner join judged_files
        on
            files.extract = judged_files.extract
            and files.file_id = judged_files.file_id
)

select * from final
