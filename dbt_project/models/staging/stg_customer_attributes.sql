with

attributes as (
    select * from {{ source('raw', 'customer_attributes') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

-- Rows that a later delivery replaced stay in: what they said held until then.
final as (
    select
        attributes.extract as source,
        attributes.file_id,
        attributes.line,
        attributes.known_on,
        files.delivery_rank,
        -- From the day that the file states, else from the day that showed it.
        coalesce(attributes.valid_from_date, attributes.known_on) as held_from_date,
        attributes.identifier_key,
        attributes.attribute,
        attributes.value as attribute_value
    from attributes
    inner join files
        on
            attributes.extract = files.extract
            and attributes.file_id = files.file_id
    cross join run
    where
        files.is_known
        and (attributes.valid_from_date is null or attributes.valid_from_date <= run.as_of_date)
)

select * from final
