"""dagster-dbt without dbt in this process: dbt runs in one of its own.

dagster-dbt works where dbt is not installed; where it is, it imports the whole of it, which every start of a
process would pay for with 1.6 s. What must stay out: everything else.
"""

import sys

if "dbt" not in sys.modules:
    # What Python finds here it takes for a package that cannot be imported.
    sys.modules["dbt"] = None  # type: ignore[assignment]
try:
    from dagster_dbt import (
        DagsterDbtTranslator,
        DagsterDbtTranslatorSettings,
        DbtCliResource,
        DbtProject,
        dbt_assets,
    )
finally:
    if sys.modules["dbt"] is None:
        del sys.modules["dbt"]

__all__ = [
    "DagsterDbtTranslator",
    "DagsterDbtTranslatorSettings",
    "DbtCliResource",
    "DbtProject",
    "dbt_assets",
]
