"""The jobs of releases that were published: taking one back, and removing files of releases that are no longer kept."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dagster import Config, JobDefinition, MetadataValue, Nothing, OpExecutionContext, Out, job, op

from pipelines.publish.descriptions import published_tables
from pipelines.publish.kept_files import kept_releases, prune_files
from pipelines.publish.releases import current_release, read_releases
from pipelines.publish.rollback import roll_back
from pipelines.publish.targets import drop_what_is_no_longer_read, releases_seen
from pipelines.resources import HomeResource


class RollbackConfig(Config):
    """The release that readers are to get again, who answers for that, and why."""

    release: str = ""
    by: str = ""
    reason: str = ""


@op(
    name="take_back",
    out=Out(Nothing),
    description="Give readers an earlier release again, in every target, and record who wanted it.",
)
def take_back(context: OpExecutionContext, config: RollbackConfig, home: HomeResource) -> None:
    with home.lock(context.run_id):
        before = releases_seen(home.paths.warehouse_file, home.postgres)
        record = roll_back(
            home.paths,
            published_tables(),
            config.release.strip(),
            by=config.by,
            reason=config.reason,
            run_id=context.run_id,
            at=datetime.now(UTC),
            postgres=home.postgres,
        )
        still_read = drop_what_is_no_longer_read(home.postgres)
        after = releases_seen(home.paths.warehouse_file, home.postgres)
    lines = [f"Readers of {target} see {seen}; before: {before[target]}." for target, seen in after.items()]
    if record.taken_back:
        lines.append(
            f"Taken back by {record.by}: {', '.join(record.taken_back)}. No later run is compared with them."
        )
    _report(context, [*lines, *_still_read(still_read)])


@op(
    name="prune_kept_files",
    out=Out(Nothing),
    description="Remove the files of releases beyond keep_releases of treue.yml; record and figures stay.",
)
def prune_kept_files(context: OpExecutionContext, home: HomeResource) -> None:
    with home.lock(context.run_id):
        releases = read_releases(home.paths.releases)
        gone = prune_files(home.paths, releases, home.settings.keep_releases)
        still_read = drop_what_is_no_longer_read(home.postgres)
        current = current_release(releases)
        kept = [release.release_id for release in kept_releases(home.paths, releases)]
    lines = [
        f"Removed: {', '.join(gone) or 'nothing'}.",
        f"Kept: {', '.join(kept) or 'none'}. Current: {current.release_id if current else 'none'}.",
    ]
    _report(context, [*lines, *_still_read(still_read)])


def _still_read(schemas: Sequence[str]) -> list[str]:
    return [f"To be dropped by the next run: {schema}" for schema in schemas]


def _report(context: OpExecutionContext, lines: Sequence[str]) -> None:
    report = "\n".join(lines)
    context.log.info(report)
    context.add_output_metadata({"report": MetadataValue.text(report)})


@job(
    name="rollback",
    description="Give readers an earlier release again, in every target; what came after it counts as taken back.",
    tags={"treue/job": "rollback"},
)
def _rollback() -> None:
    take_back()


ROLLBACK: JobDefinition = _rollback


@job(
    name="prune_releases",
    description="Remove the files of releases that treue.yml no longer keeps, and schemas that nobody reads any more.",
    tags={"treue/job": "prune_releases"},
)
def _prune_releases() -> None:
    prune_kept_files()


PRUNE_RELEASES: JobDefinition = _prune_releases
