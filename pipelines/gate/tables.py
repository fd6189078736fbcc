"""The tables that are judged before they are published, in the order in which they are shown.

A new published table enters here (and gets its suite in `expectations/`).
What must stay out: how a table is judged (suites), and the tables about publishing itself, `releases` and
`metric_history`, which are not judged.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class JudgedTable:
    """A table of the build that BI will read under the same name in the warehouse.

    `shown` are the columns that say where a row stands and may be told: the key of figures; of persons what is no key.
    """

    layer: str
    name: str
    shown: tuple[str, ...] = field(default=(), compare=False)
    is_of_persons: bool = field(default=False, compare=False)

    @property
    def source(self) -> str:
        """Where the table stands in the build."""
        return f"{self.layer}.{self.name}"


_PERIOD = ("period_grain", "period_start_date")

JUDGED_TABLES = (
    JudgedTable("marts", "orders", ("source",), is_of_persons=True),
    JudgedTable("marts", "survey_responses", ("survey",), is_of_persons=True),
    JudgedTable("marts", "survey_answers", ("survey", "question"), is_of_persons=True),
    JudgedTable("marts", "left_out", ("stage", "source", "reason", "treatment")),
    JudgedTable("marts", "identity_counts", ("measure", "source", "rule")),
    JudgedTable("marts", "metric_labels", ("metric",)),
    JudgedTable(
        "metrics",
        "metric_values",
        ("metric", "survey", "item", *_PERIOD, "segment_name", "segment_value", "weighting", "currency"),
    ),
    JudgedTable("metrics", "customers", (), is_of_persons=True),
    JudgedTable(
        "metrics",
        "cohort_retention",
        ("period_grain", "cohort_start_date", "age", "segment_name", "segment_value"),
    ),
    JudgedTable("metrics", "drivers", ("survey", *_PERIOD, "attribute")),
    JudgedTable("metrics", "reasons", ("survey", *_PERIOD, "reason")),
    JudgedTable("metrics", "class_transitions", ("metric", "survey", *_PERIOD, "from_class", "to_class")),
    JudgedTable("metrics", "class_outcomes", ("metric", "survey", "class", "horizon_days")),
    JudgedTable("metrics", "survival_curves", ("event", "segment_name", "segment_value", "tenure_days")),
    JudgedTable("metrics", "survival_tests", ("event", "segment_name")),
    JudgedTable("metrics", "clv_models", ("model", "fit", "parameter")),
    JudgedTable("metrics", "clv_backtest", ("model", "fit", "frequency_bucket")),
)
