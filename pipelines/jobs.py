"""The jobs: the night as a whole, and reading the extracts alone."""

from dagster import AssetSelection, define_asset_job

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
