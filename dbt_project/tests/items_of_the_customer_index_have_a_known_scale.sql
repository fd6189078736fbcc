-- A scale without levels would make every answer a missing one.
select
    questions.survey,
    questions.question,
    questions.scale_low,
    questions.scale_high
from {{ source('context', 'questions') }} as questions
left join {{ ref('score_levels') }} as score_levels
    on
        questions.scale_low = score_levels.scale_low
        and questions.scale_high = score_levels.scale_high
where
    questions.construct in ('recommend', 'overall_satisfaction', 'repurchase', 'willingness_to_recommend')
    and score_levels.score is null
