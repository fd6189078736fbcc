"""For every expectation of the drivers' suite one change of the small build that breaks it."""

DRIVERS = [
    (
        "survey, period_grain, period_start_date and attribute are never null",
        "update drivers set survey = null where attribute = 'delivery'",
    ),
    (
        "survey, period_grain, period_start_date, attribute are unique together",
        "update drivers set attribute = 'delivery' where attribute = 'price'",
    ),
    (
        "period_grain is one of month, quarter, year, all",
        "update drivers set period_grain = 'week' where attribute = 'delivery'",
    ),
    (
        "class is one of the seven",
        "update drivers set class = 'inert' where attribute = 'delivery'",
    ),
    (
        "n is never null nor negative",
        "update drivers set n = -1 where attribute = 'advice'",
    ),
    (
        "low and high ratings are part of n",
        "update drivers set n_low = 300 where attribute = 'delivery'",
    ),
    (
        "no figure below min_disclosed_n",
        "update drivers set n = 2, n_low = 1, n_high = 1 where attribute = 'delivery'",
    ),
    (
        "every number is finite",
        "update drivers set reward_ci_high = 'infinity' where attribute = 'delivery'",
    ),
    (
        "importance lies between 0 and 1",
        "update drivers set importance_lmg_ci_low = -0.1 where attribute = 'delivery'",
    ),
    (
        "the importances of a period sum to r_squared",
        "update drivers set importance_johnson = 0.3 where attribute = 'delivery'",
    ),
    (
        "an interval has two ends in order",
        "update drivers set asymmetry_ci_high = null where attribute = 'delivery'",
    ),
    (
        "a coefficient lies within its interval",
        "update drivers set penalty_ci_high = -0.8 where attribute = 'delivery'",
    ),
    (
        "net_effect is penalty plus reward",
        "update drivers set net_effect = -0.55 where attribute = 'delivery'",
    ),
    (
        "asymmetry lies between -1 and 1",
        "update drivers set asymmetry = -1.2 where attribute = 'delivery'",
    ),
    (
        "no asymmetry without a sound class",
        "update drivers set class = 'inconsistent' where attribute = 'delivery'",
    ),
    (
        "a class rests on 30 low and 30 high ratings",
        "update drivers set n_high = 29 where attribute = 'delivery'",
    ),
    (
        "a class has its effects",
        "update drivers set reward = null, net_effect = null where attribute = 'delivery'",
    ),
    (
        "the interval of net_effect decides between basic and excitement",
        "update drivers set class = 'excitement' where attribute = 'delivery'",
    ),
    (
        "what is missing has its reason",
        "update drivers set suppression_reason = null where attribute = 'advice'",
    ),
    (
        "publishable means an importance and min_publishable_n or more",
        "update drivers set n = 4, n_low = 1, n_high = 1 where attribute = 'delivery'",
    ),
    (
        "ci_level is at least 0.90",
        "update drivers set ci_level = 0.8 where attribute = 'delivery'",
    ),
]
