"""The demo company: a home whose extracts are drawn, with a seed, from known truth.

`company` states the truth's parameters and `questionnaire` the survey's words; `customers`, `orders` and
`survey` draw; `expected_*` compute what figures would be without chance; `counts` what the pipeline must find
exactly; `extracts` writes files as the shop would export them; `home` puts a home together. No module of a
stage is imported here: the truth must not be computed by what it is to judge.
"""
