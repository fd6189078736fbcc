"""Dagster's view of the transform stage: the run's context, then every dbt model."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

from dagster import (
    AssetExecutionContext,
    AssetKey,
    Config,
    MaterializeResult,
    MetadataValue,
    asset,
)

from pipelines.dbt_apart import DbtCliResource, DbtProject, dbt_assets
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.lake import lake_files, lake_hash
from pipelines.partitions import AS_OF_DAYS, ONE_DAY_PER_RUN
from pipelines.privacy.pruned import require_day
from pipelines.resources import DBT_PROJECT_DIR, HomeResource
from pipelines.transform.build import create_build, open_build
from pipelines.transform.translator import CONTEXT, TreueTranslator

DBT_PROJECT = DbtProject(DBT_PROJECT_DIR)
PARTIAL_PARSE = "partial_parse.msgpack"
QUICK = ("--log-level-file", "none", "--no-write-json")
# A log file beside what dbt says to the run, and a manifest that nobody reads of a night, take dbt seconds.


class BuildConfig(Config):
    """`now`: all that is known; `then`: only what had been delivered by the day after the as-of day."""

    knowledge: Literal["now", "then"] = "now"


@asset(
    key=CONTEXT,
    group_name="transform",
    kinds={"duckdb"},
    owners=["team:treue"],
    deps=[AssetKey(["raw", kind]) for kind in KINDS],
    partitions_def=AS_OF_DAYS,
    backfill_policy=ONE_DAY_PER_RUN,
    description="A new build for the as-of day: the run's context as tables, and the committed files as raw tables.",
)
def context_run(
    context: AssetExecutionContext, config: BuildConfig, home: HomeResource
) -> MaterializeResult[None]:
    as_of = date.fromisoformat(context.partition_key)
    require_day(home.paths.pruned, as_of)
    with home.lock(context.run_id):
        files = lake_files(home.paths, home.settings, home.secret)
        identity = lake_hash(files)
        create_build(home.paths.build_file, as_of, config.knowledge, home.settings, files, identity)
    return MaterializeResult(
        metadata={
            "as_of": as_of.isoformat(),
            "knowledge": config.knowledge,
            "settings_hash": home.settings.fingerprint(),
            "lake_hash": identity,
            "files": MetadataValue.int(len(files)),
        }
    )


def _take_newer_parse(target: Path) -> None:
    """Let dbt start from the project's own parse where that is newer: after an update the home's is of old models."""
    ours, theirs = DBT_PROJECT_DIR / "target" / PARTIAL_PARSE, target / PARTIAL_PARSE
    if ours.exists() and (not theirs.exists() or theirs.stat().st_mtime < ours.stat().st_mtime):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(ours, theirs)


@dbt_assets(
    manifest=DBT_PROJECT.manifest_path,
    dagster_dbt_translator=TreueTranslator(),
    partitions_def=AS_OF_DAYS,
    backfill_policy=ONE_DAY_PER_RUN,
)
def dbt_models(context: AssetExecutionContext, dbt: DbtCliResource, home: HomeResource) -> Iterator[Any]:
    with home.lock(context.run_id):
        with open_build(home.paths.build_file, date.fromisoformat(context.partition_key), home.settings):
            pass
        _take_newer_parse(home.paths.dbt_target)
        # Unit tests judge the code, not the night's data: `make test` runs them.
        command = [*QUICK, "build", "--exclude-resource-type", "unit_test"]
        with home.dbt_here():
            build = dbt.cli(command, context=context, target_path=home.paths.dbt_target)
        yield from build.stream()
