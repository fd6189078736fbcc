"""What a killed run left of publishing, finished or withdrawn: what is pending counts once the readers' file says so.

What must stay out: doing either of them.
"""

from datetime import datetime

import duckdb

from pipelines.paths import HomePaths
from pipelines.publish.descriptions import RELEASES
from pipelines.publish.duckdb_file import SCHEMA, attached, remove_file
from pipelines.publish.releases import PENDING, ROLLBACKS, Rollback, confirm, withdraw

SEEN = "seen"
# The published file as a catalog of the connection that looks into it.


def settle(paths: HomePaths) -> None:
    """Finish what readers see already, and withdraw what they do not."""
    releases = sorted(paths.releases.glob("*.json" + PENDING))
    rollbacks = sorted((paths.releases / ROLLBACKS).glob("*.json" + PENDING))
    if not releases and not rollbacks:
        return
    published, current = _said_to_readers(paths)
    for pending in releases:
        release_id = pending.name.removesuffix(".json" + PENDING)
        if release_id in published:
            confirm(pending)
        else:
            remove_file(paths.release_file(release_id))
            withdraw(pending, paths.history)
    for pending in rollbacks:
        record = Rollback.model_validate_json(pending.read_text(encoding="utf-8"))
        if current == (record.release_id, record.at.replace(tzinfo=None)):
            confirm(pending)
        else:
            pending.unlink()


def _said_to_readers(paths: HomePaths) -> tuple[set[str], tuple[str, datetime | None] | None]:
    """The releases that the published file names, and the one that it holds with the time since when."""
    if not paths.warehouse_file.exists():
        return set(), None
    with duckdb.connect() as connection, attached(connection, paths.warehouse_file, SEEN):
        table = f"{SEEN}.{SCHEMA}.{RELEASES}"
        columns = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
        # A file of an earlier version of Treue does not say since when; nothing had been taken back by then.
        since = "made_current_at" if "made_current_at" in columns else "null::timestamp"
        rows = connection.execute(f"select release_id, is_current, {since} from {table}").fetchall()
    current = next(((name, since) for name, is_current, since in rows if is_current), None)
    return {name for name, _, _ in rows}, current
