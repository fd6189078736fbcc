"""How dbt's models and sources appear in Dagster's graph: key, group and owners, one method per concern."""

from collections.abc import Mapping, Sequence
from typing import Any

from dagster import AssetKey

from pipelines.dbt_apart import DagsterDbtTranslator, DagsterDbtTranslatorSettings

CONTEXT = AssetKey(["context", "run"])


class TreueTranslator(DagsterDbtTranslator):
    """Schema and name are the key, as in the build; what the run's first step writes is one asset."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        schema = str(dbt_resource_props["schema"])
        if schema in ("context", "rejected"):
            return CONTEXT
        name = str(dbt_resource_props["name"])
        if schema == "raw":
            return AssetKey(["raw", _KIND_OF_TABLE.get(name, name)])
        return AssetKey([schema, name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return "transform"

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        return ["team:treue"]


_KIND_OF_TABLE = {"customer_attributes": "customers", "survey_answers": "survey_responses"}
# Two raw tables come out of one asset: an asset is a kind of extract, not a table.
