"""Names, types and descriptions of the tidy metric row, and of the tables that hold such rows.

Here is what a reader of the tables relies on: add a column here first, and the table, its comment and its
documentation follow. Tables of another shape stand in `result_tables.py`. Formulas and heavy imports must stay
out: documentation and checks read this module too.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its SQL type, what it holds, and whether it is never null."""

    name: str
    type: str
    description: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the schema `metrics`: its description ends in its grain, its key is unique, never null."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names in the order of the table."""
        return tuple(column.name for column in self.columns)


KEY_COLUMNS = (
    Column("metric", "text", "The figure's name; it carries unit and scale.", required=True),
    Column("survey", "text", "The survey that the figure speaks of, or all.", required=True),
    Column(
        "item",
        "text",
        "The survey's question, the source of revenue or the cohorts' age that the figure speaks of, or all.",
        required=True,
    ),
    Column("period_grain", "text", "month, quarter, year or all.", required=True),
    Column(
        "period_start_date", "date", "First day of the period, in the company's time zone.", required=True
    ),
    Column("segment_name", "text", "The segment's name, or all.", required=True),
    Column("segment_value", "text", "The segment's value, or all.", required=True),
    Column("weighting", "text", "unweighted, raked, or all where no weighting applies.", required=True),
    Column("currency", "text", "The currency of a money figure, or all.", required=True),
    Column("as_of_date", "date", "The last day whose events the figure knows.", required=True),
)

FIGURE_COLUMNS = (
    Column("value", "double", "The figure; null with a reason where it must not or cannot be said."),
    Column("unit", "text", "points, share, mean, coefficient, currency, count or days.", required=True),
    Column("n", "bigint", "Distinct customers, or responses where customers are unknown.", required=True),
    Column("n_effective", "double", "Population variance over the squared standard error."),
    Column(
        "n_kish", "double", "Kish's effective sample size of the weights; null where no weighting applies."
    ),
    Column("std_error", "double", "Standard error of the value, in its unit."),
    Column("ci_low", "double", "Lower end of the interval."),
    Column("ci_high", "double", "Upper end of the interval."),
    Column("ci_level", "double", "Confidence of the interval, as a fraction.", required=True),
    Column("ci_method", "text", "How the interval was made.", required=True),
    Column(
        "is_publishable", "boolean", "Whether there is a value and n reaches the threshold.", required=True
    ),
    Column("suppression_reason", "text", "Why there is no value; null where there is one."),
    Column("definition_id", "text", "Which of the disputed definitions the figure follows.", required=True),
    Column("definition_version", "text", "Version of the definition.", required=True),
)

CHANGE_COLUMNS = (
    Column(
        "change_value", "double", "Difference from the period before of the same grain; null without one."
    ),
    Column("change_ci_low", "double", "Lower end of the change's interval."),
    Column("change_ci_high", "double", "Upper end of the change's interval."),
    Column("change_p_value", "double", "Unadjusted two-sided p of no change."),
)

ADJUSTED_P_COLUMN = Column(
    "change_p_adjusted",
    "double",
    "p adjusted for all cells of the metric in the period: Holm, above 20 cells Benjamini-Hochberg.",
)

OVERLAP_COLUMN = Column(
    "n_overlap", "bigint", "Distinct customers counted in both periods; null where there is no change."
)

METRIC_KEY = tuple(column.name for column in KEY_COLUMNS)


def _tidy(name: str, description: str) -> Table:
    return Table(
        name, description, METRIC_KEY, (*KEY_COLUMNS, *FIGURE_COLUMNS, *CHANGE_COLUMNS, OVERLAP_COLUMN)
    )


_GRAIN = "One row per metric, survey, item, period, segment, weighting, currency and as-of day."

NPS = _tidy("nps", f"Net promoter score and the shares it is made of. {_GRAIN}")
WEIGHTED_NPS = _tidy(
    "weighted_nps",
    f"Net promoter score and its shares, weighted to all customers known to orders. {_GRAIN}",
)
SECURE_CUSTOMER_INDEX = _tidy(
    "secure_customer_index",
    f"Secure Customer Index, its classes, the bounds for partial answers and its items. {_GRAIN}",
)
SATISFACTION = _tidy("satisfaction", f"Satisfied and dissatisfied answers and their mean. {_GRAIN}")
EFFORT = _tidy("effort", f"Customer effort, each version in series of its own. {_GRAIN}")
LIKERT = _tidy("likert", f"Mean, median, boxes and distribution of every rated item. {_GRAIN}")
RESPONSE_RATE = _tidy(
    "response_rate", f"Who responds of those who were asked, and who was not asked. {_GRAIN}"
)
RELIABILITY = _tidy("reliability", f"How far the items of a scale measure one thing. {_GRAIN}")
RETENTION = _tidy("retention", f"Customer retention and churn, and who came and went. {_GRAIN}")
REVENUE_RETENTION = _tidy(
    "revenue_retention", f"Revenue retention and churn, and the bridge from opening to closing. {_GRAIN}"
)
REPEAT_PURCHASE = _tidy(
    "repeat_purchase", f"Who bought again, and what returning customers order and spend. {_GRAIN}"
)
POOLED_RETENTION = _tidy("pooled_retention", f"Retention of all mature cohorts by age. {_GRAIN}")
SURVIVAL = _tidy("survival", f"Median and restricted mean time to an event. {_GRAIN}")
LIFETIME_VALUE = _tidy("lifetime_value", f"Simple customer lifetime revenue. {_GRAIN}")
CHURN = _tidy("churn", f"Who counts as churned without a contract, and how often wrongly. {_GRAIN}")
VALUE_AT_RISK = _tidy(
    "value_at_risk", f"What unhappy customers are worth, and what keeping more is. {_GRAIN}"
)

METRIC_VALUES = Table(
    "metric_values",
    f"Every figure with its n, its interval and whether it may be published. {_GRAIN}",
    METRIC_KEY,
    (*KEY_COLUMNS, *FIGURE_COLUMNS, *CHANGE_COLUMNS, ADJUSTED_P_COLUMN, OVERLAP_COLUMN),
)

METRIC_PARTS = (
    NPS,
    WEIGHTED_NPS,
    SECURE_CUSTOMER_INDEX,
    SATISFACTION,
    EFFORT,
    LIKERT,
    RESPONSE_RATE,
    RELIABILITY,
    RETENTION,
    REVENUE_RETENTION,
    REPEAT_PURCHASE,
    POOLED_RETENTION,
    SURVIVAL,
    LIFETIME_VALUE,
    CHURN,
    VALUE_AT_RISK,
)
"""The tables whose rows make up `metric_values`."""
