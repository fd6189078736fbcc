with

answers as (
    select * from {{ ref('int_scored_answers') }}
),

final as (
    select
        response_key,
        question,
        survey,
        construct,
        score,
        choice,
        is_missing,
        scale_low,
        scale_high,
        case
            when construct = 'recommend' then nps_class
            when sci_level = 4 then 'top'
            when sci_level = 3 then 'second'
            when sci_level = 2 then 'middle'
            when sci_level = 1 then 'below'
        end as class
    from answers
)

select * from final
