{#- Every customer and response has exactly one value of every segment, so each segment adds up to all. -#}
{% set measures = {
    'survey_score_counts': 'answer_count + weight_sum',
    'sci_level_counts': 'unit_count + weight_sum',
    'scale_patterns': 'unit_count',
    'retention_counts': 'opening_active_count + closing_active_count + new_and_lost_count',
    'repeat_purchase_counts': 'buyer_count + repeat_buyer_count + returning_order_count + net_amount_sum',
    'matured_repeat_counts': 'matured_count + matured_repeat_count',
    'revenue_bridge_counts': 'customer_count + opening_sum + closing_sum + kept_square_sum',
    'invitation_counts': 'chosen_count + sent_count + delivered_count + response_count + complete_count',
    'value_moments': 'customer_count + order_count + net_amount_sum + net_amount_square_sum',
} %}
with

sums as (
{%- for mart, measure in measures.items() %}
    select
        '{{ mart }}' as mart,
        period_grain,
        period_start_date,
        segment_name,
        sum({{ measure }}) as measured
    from {{ ref(mart) }}
    group by period_grain, period_start_date, segment_name
    {{ 'union all' if not loop.last }}
{%- endfor %}
)

select
    segments.mart,
    segments.period_grain,
    segments.period_start_date,
    segments.segment_name,
    segments.measured,
    overall.measured as expected
from sums as segments
inner join sums as overall
    on
        segments.mart = overall.mart
        and segments.period_grain = overall.period_grain
        and segments.period_start_date = overall.period_start_date
where
    overall.segment_name = 'all'
    and segments.measured <> overall.measured
