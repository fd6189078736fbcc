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
    ("survey", "item", *CELL_KEY, "score"),
    (
        "construct",
        "scale_low",
        "scale_high",
        "low_is_good",
        "version",
        "scale_name",
        "answer_count",
        "weight_sum",
    ),
)
SURVEY_SCORE_PAIRS = Mart(
    "survey_score_pairs",
    ("survey", "item", *CELL_KEY, "lag", "score", "other_score"),
    ("weight_product_sum",),
)
SURVEY_UNIT_COUNTS = Mart(
    "survey_unit_counts", ("survey", "item", *CELL_KEY, "base"), ("unit_count", "overlap_count")
)
SCI_LEVEL_COUNTS = Mart(
    "sci_level_counts",
    ("survey", *CELL_KEY, "satisfaction_level", "repurchase_level", "recommend_level"),
    ("unit_count", "weight_sum"),
)
SCALE_PATTERNS = Mart(
    "scale_patterns",
    ("survey", "scale_name", *CELL_KEY, "pattern"),
    ("items", "scale_lows", "scale_highs", "low_is_goods", "unit_count"),
)
DRIVER_PATTERNS = Mart(
    "driver_patterns",
    ("survey", "period_grain", "period_start_date", "pattern"),
    ("attributes", "scale_lows", "scale_highs", "unit_count"),
)
WEIGHTING_CELL_COUNTS = Mart(
    "weighting_cell_counts",
    (
        "survey",
        "item",
        "period_grain",
        "period_start_date",
        "combination_number",
        "value_decile",
        "nps_class",
    ),
    ("answer_count",),
)
WEIGHTING_COMBINATIONS = Mart(
    "weighting_combinations", ("combination_number", "segment_name"), ("segment_value",)
)
POPULATION_MARGINS = Mart("population_margins", (*CELL_KEY, "value_decile"), ("customer_count",))
REASON_COUNTS = Mart(
    "reason_counts",
    ("survey", "period_grain", "period_start_date", "nps_class", "reason"),
    ("respondent_count", "base_count"),
)
INVITATION_COUNTS = Mart(
    "invitation_counts",
    ("survey", *CELL_KEY),
    ("chosen_count", "sent_count", "delivered_count", "response_count", "complete_count"),
)
CLASS_OUTCOME_COUNTS = Mart(
    "class_outcome_counts",
    ("metric", "survey", "class", "horizon_days"),
    (
        "customer_count",
        "repurchased_count",
        "occasion_sum",
        "occasion_square_sum",
        "net_amount_sum",
        "net_amount_square_sum",
    ),
)
RETENTION_COUNTS = Mart(
    "retention_counts",
    CELL_KEY,
    (
        "opening_active_count",
        "retained_count",
        "lost_count",
        "new_count",
        "reactivated_count",
        "new_and_lost_count",
        "closing_active_count",
    ),
)
REPEAT_PURCHASE_COUNTS = Mart(
    "repeat_purchase_counts",
    CELL_KEY,
    (
        "customer_count",
        "buyer_count",
        "repeat_buyer_count",
        "order_count",
        "returning_order_count",
        "order_count_square_sum",
        "returning_order_count_square_sum",
        "returning_order_count_product_sum",
        "net_amount_sum",
        "returning_net_amount_sum",
        "net_amount_square_sum",
        "returning_net_amount_square_sum",
        "returning_net_amount_product_sum",
    ),
)
MATURED_REPEAT_COUNTS = Mart("matured_repeat_counts", CELL_KEY, ("matured_count", "matured_repeat_count"))
COHORT_COUNTS = Mart(
    "cohort_counts",
    ("period_grain", "cohort_start_date", "age", "segment_name", "segment_value"),
    ("currency", "cohort_size", "retained_count", "order_count", "net_amount"),
)
REVENUE_LINES = (
    "opening",
    "new",
    "reactivated",
    "expansion",
    "contraction",
    "lost",
    "given_back",
    "closing",
)
"""What a bridge from opening to closing revenue is made of."""
REVENUE_BRIDGE_COUNTS = Mart(
    "revenue_bridge_counts",
    ("revenue_source", *CELL_KEY, "currency"),
    (
        "customer_count",
        "opening_customer_count",
        *(
            f"{line}_{what}"
            for line in (*REVENUE_LINES, "returned", "kept")
            for what in ("sum", "square_sum")
        ),
        "returned_opening_product_sum",
        "kept_opening_product_sum",
    ),
)
TENURE_COUNTS = Mart(
    "tenure_counts",
    ("event", "segment_name", "segment_value", "entry_day", "exit_day", "is_event"),
    ("customer_count",),
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
HISTORY_KEY = ("frequency", "recency_days", "age_days")
"""One distinct history of purchases."""
PURCHASE_HISTORIES = Mart("purchase_histories", ("fit", *HISTORY_KEY), ("customer_count",))
SPEND_HISTORIES = Mart("spend_histories", ("fit", "frequency", "spend_sum"), ("customer_count",))
HOLDOUT_PURCHASES = Mart(
    "holdout_purchases",
    (*HISTORY_KEY, "window_occasion_count", "holdout_occasion_count"),
    ("customer_count",),
)
