"""p-values that hold for many cells at once.

Here is the choice between the two procedures and their application per family of tests. What is tested, and which
tests make a family, must stay out.
"""

import gc
from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

HOLM_UP_TO_CELLS = 20
# Catalogue section 2: above it, guarding against a single false alarm would hide nearly every change.


def adjusted_p_values(
    p_values: "pd.Series[float]", families: Sequence["pd.Series[str]"]
) -> "pd.Series[float]":
    """p adjusted within each family: Holm up to 20 tests, Benjamini-Hochberg above; null stays null.

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70; Benjamini & Hochberg 1995, Journal of the Royal
        Statistical Society B 57, 289-300; both as statsmodels has them.
    """
    tested = p_values.loc[p_values.notna()]
    adjusted = pd.Series(np.nan, index=p_values.index, dtype="float64")
    keys = [family.loc[tested.index] for family in families]
    # statsmodels collects garbage once per family: over all that a night holds, that would take 0.3 s each.
    gc.freeze()
    try:
        for _, family in tested.groupby(keys, sort=True):
            method = "holm" if len(family) <= HOLM_UP_TO_CELLS else "fdr_bh"
            adjusted.loc[family.index] = multipletests(family.to_numpy(), method=method)[1]
    finally:
        gc.unfreeze()
    return adjusted
