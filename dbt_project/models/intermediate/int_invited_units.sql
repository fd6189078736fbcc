with

invitations as (
    select * from {{ ref('int_invitations') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

responses as (
    select * from {{ ref('int_responses_to_invitations') }}
),

responded as (
    select
        invitation_key,
        max(case when is_complete then 1 else 0 end) as complete_count
    from responses
    where invitation_key is not null
    group by invitation_key
),

-- An invitation of an unknown customer is its own unit. What reached a customer counts before what came back, and that
-- before what was never sent.
ranked_invitations as (
    select
        invitations.survey,
        calendar.period_grain,
        calendar.period_start_date,
        coalesce(invitations.customer_key, invitations.invitation_key) as unit_key,
        invitations.customer_number,
        invitations.invited_date,
        invitations.status,
        case when responded.invitation_key is not null then 1 else 0 end as response_count,
        coalesce(responded.complete_count, 0) as complete_count,
        row_number() over (
            partition by
                invitations.survey,
                calendar.period_grain,
                calendar.period_start_date,
                coalesce(invitations.customer_key, invitations.invitation_key)
            order by
                case invitations.status when 'sent' then 1 when 'bounced' then 2 else 3 end asc nulls last,
                invitations.invited_at desc nulls last,
                invitations.invitation_key desc nulls last
        ) as place
    from invitations
    inner join calendar on invitations.invited_date = calendar.day_date
    left join responded on invitations.invitation_key = responded.invitation_key
),

final as (
    select
        survey,
        period_grain,
        period_start_date,
        max(customer_number) as customer_number,
        max(case when place = 1 then invited_date end) as invited_date,
        1 as chosen_count,
        max(case when status in ('sent', 'bounced') then 1 else 0 end) as sent_count,
        max(case when status = 'sent' then 1 else 0 end) as delivered_count,
        max(response_count) as response_count,
        max(complete_count) as complete_count,
        0 as anonymous_response_count
    from ranked_invitations
    group by survey, period_grain, period_start_date, unit_key
    union all
    select
        responses.survey,
        calendar.period_grain,
        calendar.period_start_date,
        null as customer_number,
        responses.invited_date,
        0 as chosen_count,
        0 as sent_count,
        0 as delivered_count,
        1 as response_count,
        case when responses.is_complete then 1 else 0 end as complete_count,
        1 as anonymous_response_count
    from responses
    inner join calendar on responses.invited_date = calendar.day_date
    where responses.invitation_key is null
)

select * from final
