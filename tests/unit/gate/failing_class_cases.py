"""For every expectation of the suites about classes of customers a change of its table that it must find."""

REASONS = [
    (
        "survey, period_grain, period_start_date and reason are never null",
        "update reasons set survey = null where reason = 'price'",
    ),
    (
        "survey, period_grain, period_start_date, reason are unique together",
        "update reasons set reason = 'price' where reason = 'freshness'",
    ),
    (
        "period_grain is one of month, quarter, year, all",
        "update reasons set period_grain = 'week' where reason = 'price'",
    ),
    (
        "promoter_n, passive_n, detractor_n, is_clearly_shared and is_publishable are never null",
        "update reasons set passive_n = null where reason = 'advice'",
    ),
    (
        "no more name a reason than there are respondents",
        "update reasons set promoter_count = 11, promoter_share = 1.1 where reason = 'price'",
    ),
    ("a share is its count over its n", "update reasons set passive_share = 0.51 where reason = 'price'"),
    (
        "no share below min_disclosed_n",
        (
            "update reasons set detractor_n = 2, detractor_count = 1, detractor_share = 0.5 where reason = "
            "'freshness'"
        ),
    ),
    (
        "a share is missing with its reason, and only then",
        "update reasons set detractor_suppression_reason = null where reason = 'advice'",
    ),
    ("a withheld share is withheld whole", "update reasons set detractor_count = 1 where reason = 'advice'"),
    ("a share lies within its interval", "update reasons set promoter_ci_low = null where reason = 'price'"),
    (
        "a lift is a share over that of the promoters",
        "update reasons set passive_lift = 5.1 where reason = 'price'",
    ),
    (
        "a lift lies within its interval",
        "update reasons set detractor_lift_ci_high = 5 where reason = 'price'",
    ),
    (
        "a lift is missing with its reason, and only then",
        "update reasons set detractor_lift_reason = null where reason = 'advice'",
    ),
    (
        "shared reasons have a rank, and only they",
        "update reasons set shared_rank = 2 where reason = 'freshness'",
    ),
    ("ranks count from 1 by the excess", "update reasons set shared_rank = 2 where reason = 'price'"),
    (
        "a clearly shared reason has both lifts above 1",
        "update reasons set is_clearly_shared = true where reason = 'freshness'",
    ),
    (
        "publishable means three shares of min_publishable_n or more",
        "update reasons set is_publishable = true where reason = 'advice'",
    ),
]

CLASS_TRANSITIONS = [
    (
        "metric, survey, period_grain, period_start_date, from_class and to_class are never null",
        "update class_transitions set survey = null where from_class = 'passive' and to_class = 'passive'",
    ),
    (
        "metric, survey, period_grain, period_start_date, from_class, to_class are unique together",
        (
            "update class_transitions set to_class = 'promoter' where from_class = 'passive' and to_class = "
            "'passive'"
        ),
    ),
    (
        "metric is one of nps, sci",
        "update class_transitions set metric = 'csat' where from_class = 'passive' and to_class = 'passive'",
    ),
    (
        "period_grain is one of month, quarter, year",
        (
            "update class_transitions set period_grain = 'all' where from_class = 'passive' and to_class = "
            "'passive'"
        ),
    ),
    (
        "classes are those of the metric",
        (
            "update class_transitions set to_class = 'secure' where from_class = 'passive' and to_class = "
            "'passive'"
        ),
    ),
    (
        "every pair of classes is there",
        "delete from class_transitions where from_class = 'passive' and to_class = 'passive'",
    ),
    (
        "n_overlap, from_count and is_publishable are never null",
        "update class_transitions set from_count = null where from_class = 'passive' and to_class = 'passive'",
    ),
    (
        "who moved was of the class, and answered twice",
        "update class_transitions set n_overlap = 3 where from_class = 'passive' and to_class = 'passive'",
    ),
    (
        "moves out of a class add up to it",
        (
            "update class_transitions set customer_count = 1, transition_share = 0.25 where from_class = "
            "'passive' and to_class = 'passive'"
        ),
    ),
    ("the classes before add up to those who answered twice", "update class_transitions set n_overlap = 14"),
    (
        "transition_share is customer_count over from_count",
        (
            "update class_transitions set transition_share = 0.51 where from_class = 'passive' and to_class "
            "= 'passive'"
        ),
    ),
    (
        "no share below min_disclosed_n",
        (
            "update class_transitions set transition_share = 0.5, customer_count = 1 where from_class = "
            "'detractor' and to_class = 'detractor'"
        ),
    ),
    (
        "a share is missing with its reason, and only then",
        (
            "update class_transitions set suppression_reason = null where from_class = 'detractor' and "
            "to_class = 'detractor'"
        ),
    ),
    (
        "a withheld share is withheld whole",
        (
            "update class_transitions set customer_count = 1 where from_class = 'detractor' and to_class = "
            "'detractor'"
        ),
    ),
    (
        "a share lies within its interval",
        "update class_transitions set ci_low = 0.6 where from_class = 'passive' and to_class = 'passive'",
    ),
    (
        "a change stands only where customers stayed in the best class",
        (
            "update class_transitions set change_p_value = 0.5 where from_class = 'passive' and to_class = "
            "'passive'"
        ),
    ),
    (
        "a change is the share now less the share before",
        (
            "update class_transitions set class_share_now = 0.9 where from_class = 'promoter' and to_class "
            "= 'promoter'"
        ),
    ),
    (
        "a change has a sound p and interval",
        (
            "update class_transitions set change_ci_low = 0.5 where from_class = 'promoter' and to_class = "
            "'promoter'"
        ),
    ),
    ("no change below min_disclosed_n", "update class_transitions set n_overlap = 2"),
    (
        "publishable means a share of min_publishable_n or more",
        (
            "update class_transitions set is_publishable = true where from_class = 'passive' and to_class = "
            "'passive'"
        ),
    ),
]

CLASS_OUTCOMES = [
    (
        "metric, survey, class and horizon_days are never null",
        "update class_outcomes set survey = null where class = 'promoter'",
    ),
    (
        "metric, survey, class, horizon_days are unique together",
        "update class_outcomes set class = 'passive' where class = 'promoter'",
    ),
    ("metric is one of nps, sci", "update class_outcomes set metric = 'csat' where class = 'promoter'"),
    (
        "horizon_days is one of 90, 180, 365",
        "update class_outcomes set horizon_days = 30 where class = 'promoter'",
    ),
    ("class is one of the metric's", "update class_outcomes set class = 'secure' where class = 'promoter'"),
    ("every class of a metric is there", "delete from class_outcomes where class = 'passive'"),
    (
        "customer_count, currency and is_publishable are never null",
        "update class_outcomes set customer_count = null where class = 'detractor'",
    ),
    (
        "no more bought again than there are customers",
        "update class_outcomes set repurchased_count = 9, repurchase_share = 1.125 where class = 'promoter'",
    ),
    (
        "repurchase_share is repurchased_count over customer_count",
        "update class_outcomes set repurchase_share = 0.51 where class = 'promoter'",
    ),
    (
        "no figure below min_disclosed_n",
        "update class_outcomes set customer_count = 2, repurchased_count = 1 where class = 'promoter'",
    ),
    (
        "figures are missing with their reason, and only then",
        "update class_outcomes set suppression_reason = null where class = 'detractor'",
    ),
    (
        "withheld figures are withheld whole",
        "update class_outcomes set net_amount_per_customer_std_error = 1 where class = 'detractor'",
    ),
    (
        "a figure lies within its interval",
        "update class_outcomes set net_amount_per_customer_ci_low = 50 where class = 'promoter'",
    ),
    (
        "a standard error is not negative",
        "update class_outcomes set occasions_per_customer_std_error = -1 where class = 'promoter'",
    ),
    (
        "whoever bought again has an occasion, and nobody else",
        (
            "update class_outcomes set occasions_per_customer = 0.25, occasions_per_customer_ci_low = 0 "
            "where class = 'promoter'"
        ),
    ),
    (
        "a difference is that to the class below",
        (
            "update class_outcomes set repurchase_share_difference = 0.3, "
            "repurchase_share_difference_ci_high = 0.5 where class = 'promoter'"
        ),
    ),
    (
        "a difference is missing with its reason, and only then",
        "update class_outcomes set difference_reason = null where class = 'detractor'",
    ),
    (
        "a difference lies within its interval",
        "update class_outcomes set repurchase_share_difference_ci_low = 0.3 where class = 'promoter'",
    ),
    (
        "validity stands only with the best class",
        "update class_outcomes set repurchase_share_validity = 0.1 where class = 'passive'",
    ),
    (
        "publishable means figures of min_publishable_n or more",
        "update class_outcomes set is_publishable = true where class = 'detractor'",
    ),
    (
        "amounts are in the company's currency",
        "update class_outcomes set currency = 'USD' where class = 'promoter'",
    ),
]
