"""The marts that the metrics stage reads: which columns of each, and its key.

Here is what a metric relies on. Add a mart when a metric needs one; reading stays in `tables.py`, formulas in the
metric's module. No heavy import: the asset graph is made of this.
"""

from dataclasses import dataclass

CELL_KEY = ("period_grain", "period_start_date", "segment_name", "segment_value")
"""One period and segment value."""


@dataclass(frozen=True)
class Mart:
    """One mart: `key` is unique and never null, `figures` are the other columns that are read."""

    name: str
    key: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def source(self) -> str:
        """Where it stands in the build, as messages name it."""
        return f"marts.{self.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """All that is read of it."""
        return self.key + self.figures


SURVEY_SCORE_COUNTS = Mart(
    "survey_score_counts",
    ("survey", "question", *CELL_KEY, "score"),
    ("construct", "scale_low", "scale_high", "low_is_good", "unit_count"),
)
SCI_LEVEL_COUNTS = Mart(
    "sci_level_counts",
    ("survey", *CELL_KEY, "satisfaction_level", "repurchase_level", "recommend_level"),
    ("unit_count",),
)
RETENTION_COUNTS = Mart("retention_counts", CELL_KEY, ("opening_active_count", "retained_count"))
REPEAT_PURCHASE_COUNTS = Mart("repeat_purchase_counts", CELL_KEY, ("buyer_count", "repeat_buyer_count"))
COHORT_COUNTS = Mart(
    "cohort_counts",
    ("period_grain", "cohort_start_date", "age", "segment_name", "segment_value"),
    ("cohort_size", "retained_count"),
)
VALUE_MOMENTS = Mart(
    "value_moments",
    (*CELL_KEY, "currency"),
    (
        "customer_count",
        "buyer_count",
        "opening_count",
        "retained_count",
        "lost_count",
        "net_amount_sum",
        "net_amount_square_sum",
        "net_amount_buyer_sum",
        "net_amount_opening_sum",
        "net_amount_lost_sum",
    ),
)
