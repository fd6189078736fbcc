select distinct 'orders.status' as code_name, status as code
from {{ ref('orders') }}
where status not in ('completed', 'cancelled', 'cancellation')
union all
select distinct 'survey_answers.class' as code_name, class as code
from {{ ref('survey_answers') }}
where class not in ('promoter', 'passive', 'detractor', 'top', 'second', 'middle', 'below')
union all
select distinct 'customer_facts.nps_class' as code_name, nps_class as code
from {{ ref('customer_facts') }}
where nps_class not in ('promoter', 'passive', 'detractor')
union all
select distinct 'customer_facts.sci_class' as code_name, sci_class as code
from {{ ref('customer_facts') }}
where sci_class not in ('secure', 'favorable', 'vulnerable', 'at_risk')
