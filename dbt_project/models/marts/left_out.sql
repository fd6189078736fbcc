with

files as (
    select * from {{ source('context', 'files') }}
),

rejected_rows as (
    select * from {{ ref('stg_rejected_rows') }}
),

dropped_rows as (
    select * from {{ ref('int_dropped_rows') }}
),

kept_apart as (
    select * from {{ ref('int_kept_apart') }}
    union all
    select * from {{ ref('int_subscriptions_kept_apart') }}
),

disagreeing_lines as (
    select * from {{ ref('int_disagreeing_lines') }}
),

repeated_deliveries as (
    select
        extract as source,
        sum(repeated_row_count) as row_count
    from files
    group by extract
),

counted as (
    select
        'ingest' as stage,
        source,
        reason,
        'dropped' as treatment,
        count(*) as row_count
    from rejected_rows
    group by source, reason
    union all
    select
        'ingest' as stage,
        source,
        'repeated_delivery' as reason,
        'dropped' as treatment,
        row_count
    from repeated_deliveries
    where row_count > 0
    union all
    select
        'transform' as stage,
        source,
        reason,
        'dropped' as treatment,
        row_count
    from dropped_rows
    union all
    select
        'transform' as stage,
        source,
        reason,
        'kept' as treatment,
        row_count
    from kept_apart
    union all
    select
        'transform' as stage,
        source,
        reason,
        'kept' as treatment,
        row_count
    from disagreeing_lines
),

final as (
    select
        stage,
        source,
        reason,
        treatment,
        cast(row_count as bigint) as row_count
    from counted
)

select * from final
