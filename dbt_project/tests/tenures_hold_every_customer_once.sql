-- Whoever bought waits for a second purchase, in every segment once; nobody was watched for less than nothing.
with

buyers as (
    select coalesce(sum(case when has_purchased then 1 else 0 end), 0) as buyer_count
    from {{ ref('customer_facts') }}
),

watched as (
    select
        segment_name,
        sum(customer_count) as customer_count
    from {{ ref('tenure_counts') }}
    where event = 'second_purchase'
    group by segment_name
)

select
    'second_purchase in ' || watched.segment_name as what,
    buyers.buyer_count as expected_count,
    watched.customer_count as found_count
from buyers
cross join watched
where buyers.buyer_count <> watched.customer_count
union all
select
    'watched days' as what,
    entry_day as expected_count,
    exit_day as found_count
from {{ ref('tenure_counts') }}
where
    entry_day < -1
    or exit_day <= entry_day
