-- Where one answer of a customer counts, answers, units and pairs within a period are the same number, and pairs with
-- the period before are the overlap. Where several count, a unit has one answer or more, and their weights add up to 1
-- in the mean of codes, but for the last of their nine decimals.
with

answers as (
    select
        survey,
        item,
        period_grain,
        period_start_date,
        segment_name,
        segment_value,
        sum(answer_count) as answer_count,
        sum(weight_sum) as weight_sum
    from {{ ref('survey_score_counts') }}
    group by survey, item, period_grain, period_start_date, segment_name, segment_value
),

units as (
    select * from {{ ref('survey_unit_counts') }}
    where base = 'answered'
),

pairs as (
    select
        survey,
        item,
        period_grain,
        period_start_date,
        segment_name,
        segment_value,
        sum(case when lag = 'same' then weight_product_sum else 0 end) as same_sum,
        sum(case when lag = 'before' then weight_product_sum else 0 end) as before_sum
    from {{ ref('survey_score_pairs') }}
    group by survey, item, period_grain, period_start_date, segment_name, segment_value
),

-- A cell that stands in one of them alone has nothing in the others.
cells as (
    select *, 0 as unit_count, 0 as overlap_count, 0 as same_sum, 0 as before_sum from answers
    union all
    select
        survey, item, period_grain, period_start_date, segment_name, segment_value,
        0 as answer_count, 0 as weight_sum, unit_count, overlap_count, 0 as same_sum, 0 as before_sum
    from units
    union all
    select
        survey, item, period_grain, period_start_date, segment_name, segment_value,
        0 as answer_count, 0 as weight_sum, 0 as unit_count, 0 as overlap_count, same_sum, before_sum
    from pairs
),

measured as (
    select
        survey, item, period_grain, period_start_date, segment_name, segment_value,
        sum(answer_count) as answer_count,
        sum(weight_sum) as weight_sum,
        sum(unit_count) as unit_count,
        sum(overlap_count) as overlap_count,
        sum(same_sum) as same_sum,
        sum(before_sum) as before_sum
    from cells
    group by survey, item, period_grain, period_start_date, segment_name, segment_value
)

select
    measured.*,
    settings.multiple_responses_policy
from measured
cross join {{ source('context', 'settings') }} as settings
where
    case settings.multiple_responses_policy
        when 'all'
            then
                measured.weight_sum <> measured.answer_count
                or measured.unit_count > measured.answer_count
                or measured.same_sum < measured.answer_count
                or measured.before_sum < measured.overlap_count
        when 'mean_of_codes'
            then
                measured.weight_sum > measured.unit_count + measured.answer_count * 0.000000001
                or measured.unit_count > measured.answer_count
                or measured.same_sum > measured.unit_count + measured.answer_count * 0.00000001
                or measured.before_sum > measured.overlap_count + measured.answer_count * 0.00000001
        else
            measured.weight_sum <> measured.answer_count
            or measured.unit_count <> measured.answer_count
            or measured.same_sum <> measured.answer_count
            or measured.before_sum <> measured.overlap_count
    end
