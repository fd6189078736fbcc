with

classes as (
    select * from {{ ref('int_counted_nps_classes') }}
),

answers as (
    select * from {{ ref('int_scored_answers') }}
    where
        construct = 'reason'
        and not is_missing
),

-- The same choice in two questions of one response is named once.
named_reasons as (
    select distinct
        response_key,
        survey,
        choice as reason
    from answers
),

reasons_by_survey as (
    select distinct
        survey,
        reason
    from named_reasons
),

answering as (
    select distinct response_key from named_reasons
),

bases as (
    select
        classes.survey,
        classes.period_grain,
        classes.period_start_date,
        classes.nps_class,
        count(*) as base_count
    from classes
    inner join answering on classes.response_key = answering.response_key
    group by classes.survey, classes.period_grain, classes.period_start_date, classes.nps_class
),

counted as (
    select
        classes.survey,
        classes.period_grain,
        classes.period_start_date,
        classes.nps_class,
        named_reasons.reason,
        count(*) as respondent_count
    from classes
    inner join named_reasons on classes.response_key = named_reasons.response_key
    group by
        classes.survey,
        classes.period_grain,
        classes.period_start_date,
        classes.nps_class,
        named_reasons.reason
),

-- A reason that nobody of a class named in a period is a 0, not a gap.
final as (
    select
        bases.survey,
        bases.period_grain,
        bases.period_start_date,
        bases.nps_class,
        reasons_by_survey.reason,
        coalesce(counted.respondent_count, 0) as respondent_count,
        bases.base_count
    from bases
    inner join reasons_by_survey on bases.survey = reasons_by_survey.survey
    left join counted
        on
            bases.survey = counted.survey
            and bases.period_grain = counted.period_grain
            and bases.period_start_date = counted.period_start_date
            and bases.nps_class = counted.nps_class
            and reasons_by_survey.reason = counted.reason
)

select * from final
