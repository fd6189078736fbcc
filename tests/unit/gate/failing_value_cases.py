"""For every expectation about customer value a change of its table that it must find."""

CLV_MODELS = [
    (
        "model, fit and parameter are never null",
        "update clv_models set parameter = null where model = 'bg_nbd'",
    ),
    (
        "model, fit, parameter are unique together",
        "insert into clv_models select * from clv_models where model = 'bg_nbd'",
    ),
    (
        "model is one of mbg_nbd, bg_nbd, pareto_nbd, gamma_gamma, shifted_beta_geometric",
        "update clv_models set model = 'bg_bb' where model = 'bg_nbd'",
    ),
    ("fit is one of full, calibration", "update clv_models set fit = 'half' where fit = 'calibration'"),
    (
        "a fit that converged has parameters above 0, with errors and intervals",
        "update clv_models set std_error = null where model = 'bg_nbd'",
    ),
    (
        "a fit that did not converge has no parameters and says why",
        "update clv_models set is_converged = false where model = 'bg_nbd'",
    ),
    ("every number is finite", "update clv_models set log_likelihood = 'nan' where model = 'bg_nbd'"),
    (
        "no parameter of fewer customers than min_disclosed_n",
        "update clv_models set customer_count = 2 where model = 'bg_nbd'",
    ),
    (
        "a chosen fit is that of all customers and has converged",
        "update clv_models set is_chosen = true where fit = 'calibration'",
    ),
    (
        "one purchase model is chosen at most, and never one that calls every one-time buyer alive",
        "update clv_models set is_chosen = model = 'bg_nbd'",
    ),
    (
        "the chosen model missed the holdout least",
        "update clv_models set holdout_error = 0.3 where model = 'mbg_nbd' and fit = 'full'",
    ),
    ("every model converged", "update clv_models set is_converged = false where model = 'bg_nbd'"),
    (
        "spend does not go with frequency",
        "update clv_models set warning = 'r 0.50' where model = 'gamma_gamma'",
    ),
]

CLV_BACKTEST = [
    (
        "model, fit and frequency_bucket are never null",
        "update clv_backtest set frequency_bucket = null where customer_count = 2",
    ),
    (
        "model, fit, frequency_bucket are unique together",
        "insert into clv_backtest select * from clv_backtest where customer_count = 2",
    ),
    (
        "model is one of mbg_nbd, bg_nbd, pareto_nbd, naive_same_rate, naive_last_window",
        "update clv_backtest set model = 'naive' where model = 'naive_same_rate'",
    ),
    (
        "frequency_bucket is one of all, 0, 1, 2, 3, 4, 5, 6, 7+",
        "update clv_backtest set frequency_bucket = '8' where customer_count = 2",
    ),
    ("customers and days are counted", "update clv_backtest set holdout_days = 0 where customer_count = 2"),
    (
        "figures are all there, or a reason",
        "update clv_backtest set expected_purchases = null where customer_count = 6",
    ),
    (
        "purchases and errors are not negative",
        "update clv_backtest set mean_absolute_error = -1 where customer_count = 6",
    ),
    (
        "shares lie between 0 and 1, and within their interval",
        "update clv_backtest set probability_alive = 1.1 where customer_count = 6",
    ),
    ("bias is what expected and actual say", "update clv_backtest set bias = 0.1 where customer_count = 6"),
    (
        "the buckets' customers add up to all",
        "update clv_backtest set customer_count = 7 where customer_count = 6",
    ),
    (
        "no figures below min_disclosed_n",
        "update clv_backtest set customer_count = 2 where customer_count = 6",
    ),
    (
        "the whole of no model is far from what was bought",
        "update clv_backtest set bias = 0.6 where customer_count = 6",
    ),
]

CUSTOMER_VALUES = [
    (
        "scores are 1 to 5 and named, all or none",
        "update customers set rfm_monetary_score = 6 where customer_key = 'c0'",
    ),
    (
        "probability_alive lies between 0 and 1",
        "update customers set probability_alive = 1.1 where customer_key = 'c0'",
    ),
    (
        "expected orders are there with their model and are not negative",
        "update customers set value_model = null where customer_key = 'c0'",
    ),
    (
        "residual value is not negative and needs expected orders",
        "update customers set expected_revenue_365 = -1 where customer_key = 'c0'",
    ),
    (
        "who has not purchased has no scores and no prediction",
        "update customers set is_churned_by_model = false where customer_key = 'c9'",
    ),
    ("net_amount_365 is never null", "update customers set net_amount_365 = null where customer_key = 'c9'"),
    (
        "the model is the one that clv_models marks as chosen",
        "update customers set value_model = 'bg_nbd' where customer_key = 'c0'",
    ),
]

VALUE_CASES = (("clv_models", CLV_MODELS), ("clv_backtest", CLV_BACKTEST), ("customers", CUSTOMER_VALUES))
"""By table; they are joined to the other cases."""
