with

responses as (
    select * from {{ ref('int_survey_responses') }}
),

valid_responses as (
    select * from {{ ref('int_valid_responses') }}
),

invitations as (
    select * from {{ ref('int_invitations') }}
    where status = 'sent'
),

of_known_customers as (
    select
        responses.response_key,
        invitations.invitation_key,
        invitations.invited_date,
        row_number() over (
            partition by responses.response_key
            order by
                invitations.invited_at desc nulls last,
                invitations.invitation_key desc nulls last
        ) as recency
    from responses
    inner join invitations
        on
            responses.survey = invitations.survey
            and responses.customer_number = invitations.customer_number
            and responses.responded_at >= invitations.invited_at
),

anonymous_days as (
    select distinct
        survey,
        responded_date
    from responses
    where customer_number is null
),

invited_days as (
    select distinct
        survey,
        invited_date
    from invitations
),

-- Nobody knows to whom an anonymous response belongs: it is taken for one to the last mailing before it.
last_mailings as (
    select
        anonymous_days.survey,
        anonymous_days.responded_date,
        max(invited_days.invited_date) as invited_date
    from anonymous_days
    inner join invited_days
        on
            anonymous_days.survey = invited_days.survey
            and anonymous_days.responded_date >= invited_days.invited_date
    group by anonymous_days.survey, anonymous_days.responded_date
),

met as (
    select
        response_key,
        invitation_key,
        invited_date
    from of_known_customers
    where recency = 1
    union all
    select
        responses.response_key,
        null as invitation_key,
        last_mailings.invited_date
    from responses
    inner join last_mailings
        on
            responses.survey = last_mailings.survey
            and responses.responded_date = last_mailings.responded_date
    where responses.customer_number is null
),

final as (
    select
        met.response_key,
        responses.survey,
        met.invitation_key,
        met.invited_date,
        valid_responses.is_complete
    from met
    inner join responses on met.response_key = responses.response_key
    inner join valid_responses on met.response_key = valid_responses.response_key
)

select * from final
