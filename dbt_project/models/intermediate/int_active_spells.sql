-- A view: one of two tables, as the settings have it.
{{ config(materialized='view') }}

with

purchase_spells as (
    select * from {{ ref('int_purchase_spells') }}
),

contract_spells as (
    select * from {{ ref('int_contract_spells') }}
),

settings as (
    select active_definition from {{ source('context', 'settings') }}
),

final as (
    select
        purchase_spells.customer_number,
        purchase_spells.first_purchased_date as began_date,
        purchase_spells.last_active_date,
        purchase_spells.is_first_spell
    from purchase_spells
    cross join settings
    where settings.active_definition = 'purchase_window'
    union all
    -- At the end of the day before, a contract that ends today is still valid: today's start finds it active.
    select
        contract_spells.customer_number,
        contract_spells.began_date,
        contract_spells.ended_date as last_active_date,
        contract_spells.is_first_spell
    from contract_spells
    cross join settings
    where settings.active_definition = 'contract'
)

select * from final
