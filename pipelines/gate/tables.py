"""The tables that are judged before they are published, in the order in which they are shown.

A new published table enters here (and gets its suite in `expectations/`).
What must stay out: how a table is judged (suites), and the tables about publishing itself, `releases` and
`metric_history`, which are not judged.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class JudgedTable:
    """A table of the build that BI will read under the same name in the warehouse."""

    layer: str
    name: str

    @property
    def source(self) -> str:
        """Where the table stands in the build."""
        return f"{self.layer}.{self.name}"


JUDGED_TABLES = (
    JudgedTable("marts", "orders"),
    JudgedTable("marts", "survey_responses"),
    JudgedTable("marts", "survey_answers"),
    JudgedTable("marts", "left_out"),
    JudgedTable("marts", "identity_counts"),
    JudgedTable("marts", "metric_labels"),
    JudgedTable("metrics", "metric_values"),
    JudgedTable("metrics", "customers"),
    JudgedTable("metrics", "cohort_retention"),
    JudgedTable("metrics", "drivers"),
    JudgedTable("metrics", "reasons"),
    JudgedTable("metrics", "class_transitions"),
    JudgedTable("metrics", "class_outcomes"),
    JudgedTable("metrics", "survival_curves"),
    JudgedTable("metrics", "survival_tests"),
    JudgedTable("metrics", "clv_models"),
    JudgedTable("metrics", "clv_backtest"),
)
