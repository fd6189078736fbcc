select
    'orders' as mart,
    orders.order_key as row_key,
    orders.customer_key
from {{ ref('orders') }} as orders
left join {{ ref('customer_facts') }} as customers on orders.customer_key = customers.customer_key
where
    orders.customer_key is not null
    and customers.customer_key is null
union all
select
    'survey_responses' as mart,
    responses.response_key as row_key,
    responses.customer_key
from {{ ref('survey_responses') }} as responses
left join {{ ref('customer_facts') }} as customers on responses.customer_key = customers.customer_key
where
    responses.customer_key is not null
    and customers.customer_key is null
union all
select
    'survey_answers' as mart,
    answers.response_key as row_key,
    answers.question as customer_key
from {{ ref('survey_answers') }} as answers
left join {{ ref('survey_responses') }} as responses on answers.response_key = responses.response_key
where responses.response_key is null
