"""The model of contracts that are renewed month by month, fitted to a company's subscriptions.

Here subscriptions become renewals, and their fit the rows of `clv_models`. The model's formulas must stay out; models
of customers without a contract stand in `customer_models.py`.
"""

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Counts
from pipelines.metrics.marts import TENURE_COUNTS
from pipelines.metrics.metric_row import ALL
from pipelines.metrics.purchase_models import shifted_beta_geometric
from pipelines.metrics.purchase_models.fitting import fit
from pipelines.metrics.purchase_models.shifted_beta_geometric import Renewals
from pipelines.metrics.purchases.customer_models import FULL, fit_rows, untold_fit
from pipelines.metrics.value_tables import CLV_MODELS
from pipelines.settings import Definitions

DAYS_PER_MONTH = 365.25 / 12


def contract_models(tenure_counts: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Parameters of the shifted-beta-geometric model of contracts, fitted as of the run.

    Meaning: how unlike customers are in giving up a contract, so that those who stay are more and more loyal.
    Formula: maximum likelihood on the contracts that were up for each monthly renewal: those that went on, and those
        that ended. A tenure is rounded to whole months where the contract ended, at least one, and cut to whole months
        where it goes on; who was watched only from a later month counts from the renewal after it.
    Input: `marts.tenure_counts`: event, segment_name, segment_value, entry_day, exit_day, is_event, customer_count.
    Output: rows of `clv_models`, fit full, one per parameter; none where nobody has a contract. It feeds no table.
    Left out: segments; other events than the end of a subscription.
    Known drawbacks: the probability of giving up does not change with the age of the contract, nor with the season.
        Contracts of a year are up for renewal once a year, not each month: their months between are no decisions.
    Raises: ValueError for a missing column, a count that is none, a repeated key.
    Source: Fader & Hardie 2007, Journal of Interactive Marketing 21(1), 76-90; catalogue 3.13.
    """
    require_columns(tenure_counts, TENURE_COUNTS.source, TENURE_COUNTS.columns)
    require_counts(tenure_counts, TENURE_COUNTS.source, ("customer_count",))
    require_unique(tenure_counts, TENURE_COUNTS.source, TENURE_COUNTS.key)
    is_ours = (tenure_counts["event"] == "subscription_end") & (tenure_counts["segment_name"] == ALL)
    renewals = renewals_of(tenure_counts.loc[is_ours])
    if not renewals.customer_total:
        return pd.DataFrame(columns=list(CLV_MODELS.column_names))
    if renewals.customer_total < definitions.min_disclosed_n:
        found = untold_fit(shifted_beta_geometric.NAME, renewals.unit, renewals.customer_total)
    else:
        found = fit(shifted_beta_geometric, renewals)
    rows = fit_rows(found, FULL, definitions).assign(is_chosen=False, holdout_error=np.nan)
    return rows[list(CLV_MODELS.column_names)]


def renewals_of(tenures: pd.DataFrame) -> Renewals:
    """What became of the contracts at each monthly renewal."""
    entry, days = (tenures[name].to_numpy(dtype=float) for name in ("entry_day", "exit_day"))
    has_ended = tenures["is_event"].to_numpy(dtype=bool)
    count: Counts = tenures["customer_count"].to_numpy(dtype=np.int64)
    # Half a day against rounding: twelve months are 365.25 days, and 365 of them a whole year.
    whole = np.floor((days + 0.5) / DAYS_PER_MONTH)
    last = np.where(has_ended, np.maximum(1, np.round(days / DAYS_PER_MONTH)), whole).astype(int)
    first = np.floor(entry / DAYS_PER_MONTH).astype(int) + 1
    periods = np.arange(1, last.max(initial=0) + 1)
    was_up = (first <= periods[:, None]) & (periods[:, None] <= last)
    is_lost = was_up & has_ended & (periods[:, None] == last)
    lost, up = is_lost @ count, was_up @ count
    return Renewals(periods[up > 0], (up - lost)[up > 0], lost[up > 0])
