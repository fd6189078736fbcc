with

attributes as (
    select * from {{ source('raw', 'customer_attributes') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

-- Rows that a later delivery replaced stay in: what they said held until then.
final as (
    select
        attributes.extract as source,
        attributes.file_id,
        attributes.line,
        attributes.known_on,
        attributes.identifier_key,
        attributes.attribute,
        attributes.value as attribute_value
    from attributes
    inner join files
        on
            attributes.extract = files.extract
            and attributes.file_id = files.file_id
    where files.is_known
)

select * from final
