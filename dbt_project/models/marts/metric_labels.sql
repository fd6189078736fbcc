with

labels as (
    select * from {{ ref('metric_names') }}
),

final as (
    select
        metric,
        unit,
        label_en,
        label_de
    from labels
)

select * from final
