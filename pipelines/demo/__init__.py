"""The demo company: a home whose extracts are drawn, with a seed, from known truth.

`company` states the truth's parameters and `questionnaire` the survey's words; `customers`, `orders`, `survey`,
`invitations`, `subscriptions`, `exchange_rates` and `swiss_shop` draw; `expected_*` compute what figures would be
without chance; `counts` and `swiss_counts` what the pipeline must find exactly; `*extracts` write files as each
tool would export them; `home` puts a home together. No module of a stage is imported here: the truth must not be
computed by what it is to judge.
"""
