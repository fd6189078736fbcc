"""Which kept release the gate compares a new one with.

What must stay out: what is compared, and how (the gate).
"""

from datetime import date

from pipelines.gate.earlier import EarlierRelease
from pipelines.paths import HomePaths
from pipelines.publish.duckdb_file import SCHEMA
from pipelines.publish.releases import nearest_earlier, read_releases


def released_before(paths: HomePaths, as_of: date) -> EarlierRelease | None:
    """The release of the latest day up to this one; None where there is none."""
    release = nearest_earlier(read_releases(paths.releases), as_of)
    if release is None:
        return None
    file = paths.release_file(release.release_id)
    return EarlierRelease(release.release_id, release.as_of_date, file, SCHEMA)
