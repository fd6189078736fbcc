"""The metrics made of survey answers, in the Dagster graph.

Here each asset says what it reads. Formulas must stay out, and so must imports of pandas, scipy and statsmodels at
load time: they are imported when a step runs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipelines.metrics import columns, marts
from pipelines.metrics.assets import tidy_asset

if TYPE_CHECKING:
    import pandas as pd

    Compute = Callable[..., pd.DataFrame]


@tidy_asset(columns.NPS, marts.SURVEY_SCORE_COUNTS)
def nps() -> "Compute":
    from pipelines.metrics.surveys.nps import nps as compute

    return compute


@tidy_asset(columns.SATISFACTION, marts.SURVEY_SCORE_COUNTS)
def satisfaction() -> "Compute":
    from pipelines.metrics.surveys.satisfaction import satisfaction as compute

    return compute


@tidy_asset(columns.SECURE_CUSTOMER_INDEX, marts.SCI_LEVEL_COUNTS)
def secure_customer_index() -> "Compute":
    from pipelines.metrics.surveys.secure_customer_index import secure_customer_index as compute

    return compute


SURVEY_ASSETS = (nps, satisfaction, secure_customer_index)
