with

invitations as (
    select * from {{ ref('stg_survey_invitations') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

hubs as (
    select * from {{ ref('int_identifier_hubs') }}
),

final as (
    select
        invitations.invitation_key,
        customer_keys.customer_key,
        customer_keys.customer_number,
        invitations.survey,
        invitations.invited_at,
        invitations.invited_date,
        invitations.status
    from invitations
    left join hubs on invitations.identifier_key = hubs.identifier_key
    left join customer_keys on {{ telling_identifier('invitations', 'hubs') }} = customer_keys.identifier_key
)

select * from final
