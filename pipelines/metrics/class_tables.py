"""Names, types and descriptions of the tables about NPS classes and classes of the Secure Customer Index.

Here are why customers are of a class, how they move between classes, and what the classes buy afterwards. Formulas
and heavy imports must stay out: documentation and checks read this module too.
"""

from collections.abc import Iterator

from pipelines.metrics.columns import Column, Table

NPS_CLASSES = ("promoter", "passive", "detractor")
SCI_CLASSES = ("secure", "favorable", "vulnerable", "at_risk")
# From the best to the worst.

CLASSES_BY_METRIC = {"nps": NPS_CLASSES, "sci": SCI_CLASSES}

CI_LEVEL = Column("ci_level", "double", "Confidence of the intervals, as a fraction.", required=True)
METRIC = Column("metric", "text", "The classification: nps, or sci (Secure Customer Index).", required=True)
SURVEY = Column("survey", "text", "The survey.", required=True)
PERIOD_START = Column(
    "period_start_date", "date", "First day of the period, in the company's time zone.", required=True
)


def _interval(prefix: str, what: str) -> Iterator[Column]:
    yield Column(f"{prefix}ci_low", "double", f"Lower end of the interval of {what}.")
    yield Column(f"{prefix}ci_high", "double", f"Upper end of the interval of {what}.")


def _shares_of_reason(nps_class: str) -> Iterator[Column]:
    yield Column(
        f"{nps_class}_n", "bigint", f"Respondents who are a {nps_class} and named any reason.", required=True
    )
    yield Column(f"{nps_class}_count", "bigint", "Those of them who named this one; null where the share is.")
    yield Column(f"{nps_class}_share", "double", f"{nps_class}_count over {nps_class}_n; null with a reason.")
    yield from _interval(f"{nps_class}_", "that share")
    yield Column(f"{nps_class}_suppression_reason", "text", "Why there is no share; null where there is one.")


def _lift(nps_class: str) -> Iterator[Column]:
    yield Column(f"{nps_class}_lift", "double", f"{nps_class}_share over promoter_share; null with a reason.")
    yield from _interval(f"{nps_class}_lift_", "that ratio")
    yield Column(f"{nps_class}_lift_reason", "text", "Why there is no lift; null where there is one.")


REASONS = Table(
    "reasons",
    "Which reasons promoters, passives and detractors name, and which ones passives share with detractors. "
    "One row per survey, period and reason.",
    ("survey", "period_grain", "period_start_date", "reason"),
    (
        SURVEY,
        Column("period_grain", "text", "month, quarter, year or all.", required=True),
        PERIOD_START,
        Column("reason", "text", "The choice's id in the survey's contract.", required=True),
        *(column for nps_class in NPS_CLASSES for column in _shares_of_reason(nps_class)),
        *_lift("passive"),
        *_lift("detractor"),
        Column(
            "shared_excess",
            "double",
            "The smaller one of passive_share and detractor_share, less promoter_share; null where one is.",
        ),
        Column(
            "shared_rank",
            "bigint",
            "Rank by shared_excess, 1 the largest, of the reasons of the period where it is above 0; null elsewhere.",
        ),
        Column(
            "is_clearly_shared", "boolean", "Both lifts lie above 1 with their whole interval.", required=True
        ),
        CI_LEVEL,
        Column(
            "is_publishable",
            "boolean",
            "Whether there are all three shares, each of enough respondents.",
            required=True,
        ),
    ),
)

CLASS_TRANSITIONS = Table(
    "class_transitions",
    "Into which class customers of a class moved from the period before to this one. "
    "One row per metric, survey, period, class before and class now.",
    ("metric", "survey", "period_grain", "period_start_date", "from_class", "to_class"),
    (
        METRIC,
        SURVEY,
        Column("period_grain", "text", "month, quarter or year.", required=True),
        PERIOD_START,
        Column("from_class", "text", "The class in the period before.", required=True),
        Column("to_class", "text", "The class in this period.", required=True),
        Column("n_overlap", "bigint", "Customers who have a class in both periods.", required=True),
        Column("from_count", "bigint", "Those of them who were of from_class.", required=True),
        Column("customer_count", "bigint", "Those of these who are of to_class; null where the share is."),
        Column("transition_share", "double", "customer_count over from_count; null with a reason."),
        *_interval("", "that share"),
        Column("ci_method", "text", "wilson.", required=True),
        Column("suppression_reason", "text", "Why there is no share; null where there is one."),
        Column("class_share_before", "double", "Share of the class before; of staying in the best class."),
        Column("class_share_now", "double", "Share of the class now; of staying in the best class."),
        Column("change_value", "double", "class_share_now less class_share_before, of the same customers."),
        *_interval("change_", "that difference, Newcombe's for paired data"),
        Column("change_p_value", "double", "Unadjusted p of no change, by McNemar; null if nobody moved."),
        Column("change_method", "text", "mcnemar_exact below 25 customers who moved, else mcnemar."),
        CI_LEVEL,
        Column(
            "is_publishable",
            "boolean",
            "Whether there is a share and from_count is large enough.",
            required=True,
        ),
    ),
)


def _mean_of_outcome(name: str, what: str) -> Iterator[Column]:
    yield Column(name, "double", f"{what} per customer within the horizon; null with a reason.")
    yield Column(f"{name}_std_error", "double", "Standard error of that mean.")
    yield from _interval(f"{name}_", "that mean")


def _difference_of_outcome(name: str, what: str) -> Iterator[Column]:
    yield Column(f"{name}_difference", "double", f"{what}, less that of class_below; null with a reason.")
    yield from _interval(f"{name}_difference_", "that difference")


def _validity(name: str, what: str) -> Iterator[Column]:
    yield Column(
        f"{name}_validity", "double", f"{what} of the best class less that of the worst, in its row."
    )
    yield from _interval(f"{name}_validity_", "that difference")


CLASS_OUTCOMES = Table(
    "class_outcomes",
    "What the customers of each NPS class and each class of the Secure Customer Index bought after they had answered. "
    "One row per metric, survey, class and horizon.",
    ("metric", "survey", "class", "horizon_days"),
    (
        METRIC,
        SURVEY,
        Column("class", "text", "The class of the response that is looked ahead from.", required=True),
        Column(
            "horizon_days",
            "bigint",
            "Days after the response that are looked at: 90, 180, 365.",
            required=True,
        ),
        Column("customer_count", "bigint", "Customers of the class whose horizon is over.", required=True),
        Column("repurchased_count", "bigint", "Those of them who bought within it; null where the share is."),
        Column("repurchase_share", "double", "repurchased_count over customer_count; null with a reason."),
        *_interval("repurchase_share_", "that share"),
        *_mean_of_outcome("occasions_per_customer", "Purchase occasions"),
        *_mean_of_outcome("net_amount_per_customer", "Net amount"),
        Column("currency", "text", "The company's currency.", required=True),
        Column("suppression_reason", "text", "Why there are no figures; null where there are."),
        Column("class_below", "text", "The next worse class; null for the worst."),
        *_difference_of_outcome("repurchase_share", "repurchase_share"),
        *_difference_of_outcome("occasions_per_customer", "occasions_per_customer"),
        *_difference_of_outcome("net_amount_per_customer", "net_amount_per_customer"),
        Column("difference_reason", "text", "Why there are no differences; null where there are."),
        *_validity("repurchase_share", "repurchase_share"),
        *_validity("occasions_per_customer", "occasions_per_customer"),
        *_validity("net_amount_per_customer", "net_amount_per_customer"),
        CI_LEVEL,
        Column(
            "is_publishable",
            "boolean",
            "Whether there are figures and customer_count is large enough.",
            required=True,
        ),
    ),
)

CLASS_TABLES = (REASONS, CLASS_TRANSITIONS, CLASS_OUTCOMES)
