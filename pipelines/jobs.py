"""The jobs: the night as a whole, reading the extracts alone, erasing persons, and pruning what is too old."""

import shutil
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dagster import (
    AssetSelection,
    Config,
    JobDefinition,
    MetadataValue,
    Nothing,
    OpExecutionContext,
    Out,
    define_asset_job,
    job,
    op,
)

from pipelines.dbt_apart import DbtCliResource
from pipelines.resources import HomeResource

INGEST = define_asset_job(
    "ingest",
    selection=AssetSelection.groups("ingest"),
    description="Read new files of every extract into the lake, and nothing else.",
    tags={"treue/job": "ingest"},
)
NIGHTLY = define_asset_job(
    "nightly",
    selection=AssetSelection.all(),
    description="From extract files to a published warehouse, as of one day.",
    tags={"treue/job": "nightly"},
)


class EraseConfig(Config):
    """The file that names whom to erase, as a path outside the home; with `dry_run` it is only said what would go."""

    file: str
    dry_run: bool = False


@op(
    name="erase",
    out=Out(Nothing),
    description="Erase the persons that a file names; their names are kept nowhere.",
)
def erase(context: OpExecutionContext, config: EraseConfig, home: HomeResource, dbt: DbtCliResource) -> None:
    from pipelines.ingest.load import Ingest
    from pipelines.privacy.erasure import erase_persons, told
    from pipelines.privacy.planning import make_plan
    from pipelines.privacy.requests import read_requests

    settings = home.settings
    with home.lock(context.run_id):
        today = datetime.now(ZoneInfo(settings.time_zone)).date()
        ingest = Ingest(
            home.paths, settings.time_zone, settings.currency, home.secret, today, home.secrets_before
        )
        asked = read_requests(Path(config.file), home.paths, settings.extracts, home.secret)
        plan, needles = make_plan(ingest, settings, asked, _identity_build(home, dbt, today))
        shutil.rmtree(home.paths.identity_file.parent)
        is_dry_run = config.dry_run
        report = (
            told(plan, home.paths, is_dry_run=True)
            if is_dry_run
            else erase_persons(home.paths, plan, needles, home.postgres)
        )
    context.log.info(report)
    context.add_output_metadata({"report": MetadataValue.text(report)})


def _identity_build(home: HomeResource, dbt: DbtCliResource, today: date) -> Path:
    """A build of all that is known today, as far as the models that join identifiers; the night's own stays."""
    from pipelines.ingest.lake import lake_files, lake_hash
    from pipelines.transform.build import create_build

    file = home.paths.identity_file
    files = lake_files(home.paths, home.settings, home.secret)
    create_build(file, today, "now", home.settings, files, lake_hash(files))
    command = ["run", "--select", "+int_customer_keys"]
    with home.dbt_here(file):
        dbt.cli(command, target_path=home.paths.dbt_target.with_name("dbt_identity")).wait()
    return file


class PruneConfig(Config):
    """The day as of which is pruned, such as 2026-03-31; left out, the one that `as_of` of the settings means now."""

    as_of: str | None = None


@op(
    name="prune_home",
    out=Out(Nothing),
    description="Remove rows, rejected values and comments that are too old.",
)
def prune(context: OpExecutionContext, config: PruneConfig, home: HomeResource) -> None:
    from pipelines.as_of import chosen_day
    from pipelines.privacy.retention import prune as prune_home

    with home.lock(context.run_id):
        paths, settings = home.paths, home.settings
        chosen = date.fromisoformat(config.as_of) if config.as_of else None
        as_of = chosen or chosen_day(paths, settings, home.secret, datetime.now(ZoneInfo(settings.time_zone)))
        report = f"As of {as_of}:\n{prune_home(paths, settings, home.secret, as_of)}"
    context.log.info(report)
    context.add_output_metadata({"report": MetadataValue.text(report)})


@job(
    name="prune",
    description="Remove what is older than retention of treue.yml says, and mark its manifests.",
    tags={"treue/job": "prune"},
)
def _prune() -> None:
    prune()


PRUNE: JobDefinition = _prune


@job(
    name="erase_customers",
    description="Erase persons who ask for it from lake, build, warehouse and records, and keep them out.",
    tags={"treue/job": "erase_customers"},
)
def _erase_customers() -> None:
    erase()


ERASE_CUSTOMERS: JobDefinition = _erase_customers
