"""The home as a Dagster resource: its paths, settings, secret and lock.

The one place besides `settings.py` that looks at the environment.
"""

import importlib.metadata
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster import ConfigurableResource, InitResourceContext
from packaging.version import Version

from pipelines.dbt_apart import DbtCliResource
from pipelines.disk_faults import require_room, told_disk_faults
from pipelines.home_lock import home_lock
from pipelines.paths import HomePaths
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.settling import settle
from pipelines.refusal import Refusal
from pipelines.settings import Settings, home_of_environment, load_settings

if TYPE_CHECKING:
    from pipelines.gate.earlier import EarlierRelease

DBT_PROJECT_DIR = Path(__file__).resolve().parent.parent / "dbt_project"
DEMO_SECRET = b"the demo company has nothing to hide"
# The demo's people are drawn by chance; every other home needs a secret of its own.


class NoSecret(Refusal):
    """A home of real people without the key of their pseudonyms."""


class NoAddress(Refusal):
    """A database that is published to without the address at which it is."""


class HomeResource(ConfigurableResource[None]):
    """A company's home."""

    root: str
    is_demo: bool = False

    @property
    def paths(self) -> HomePaths:
        return HomePaths(Path(self.root))

    @cached_property
    def settings(self) -> Settings:
        return load_settings(self.paths.root)

    @property
    def secret(self) -> bytes:
        """The key of the pseudonyms, from `TREUE_SECRET`."""
        secret = os.environ.get("TREUE_SECRET", "").encode()
        if secret:
            return secret
        if self.is_demo:
            return DEMO_SECRET
        raise NoSecret(
            f"TREUE_SECRET is not set, and {self.root} is not the demo's home. It is the key from which the "
            "pseudonyms of customers are made: set it to a long random text, for instance of `openssl rand -hex 32`, "
            "keep it where you keep passwords, and use the same one every night."
        )

    @property
    def secrets_before(self) -> tuple[bytes, ...]:
        """The keys of earlier pseudonyms, with blanks between them, while the suppression list has marks of them."""
        given = os.environ.get("TREUE_SECRET_BEFORE", "").encode()
        return tuple(dict.fromkeys([given, *given.split()])) if given else ()

    @property
    def postgres_url(self) -> str | None:
        """The address of the database that is published to, from `TREUE_POSTGRES_URL`; None where none is."""
        if "postgres" not in self.settings.publish:
            return None
        url = os.environ.get("TREUE_POSTGRES_URL", "").strip()
        if not url:
            raise NoAddress(
                f"{self.paths.settings_file} publishes to postgres, and TREUE_POSTGRES_URL is not set. It is the "
                "address of the database, such as postgresql://user:password@host:5432/database; or take postgres "
                "out of `publish`."
            )
        return url

    @property
    def postgres(self) -> PostgresTarget | None:
        """The database that is published to; None where none is."""
        url = self.postgres_url
        return None if url is None else PostgresTarget(url, self.settings.postgres.reader_role)

    @property
    def alert_urls(self) -> tuple[str, ...]:
        """Whom alerts are sent to, from `TREUE_ALERT_URLS`: addresses as apprise knows them, with blanks between."""
        return tuple(os.environ.get("TREUE_ALERT_URLS", "").split())

    @property
    def ui_url(self) -> str:
        """Where people reach the UI, from `TREUE_UI_URL`; links in alerts lead there."""
        return os.environ.get("TREUE_UI_URL", "").strip().rstrip("/") or "http://127.0.0.1:3000"

    @property
    def data_docs_url(self) -> str:
        """Where people reach the pages about what the gate found, from `TREUE_DATA_DOCS_URL`."""
        return os.environ.get("TREUE_DATA_DOCS_URL", "").strip().rstrip("/") or "http://127.0.0.1:3001"

    def released_before(self, as_of: date) -> "EarlierRelease | None":
        """The release that a run of this day is compared with."""
        from pipelines.publish.compared import released_before

        return released_before(self.paths, as_of)

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Any]:
        """Hold the home from before a run's first step until after its last; a schedule only looks at it."""
        if context.run is None:
            yield self
        else:
            with self.lock(context.run.run_id):
                self.complete_erasure()
                settle(self.paths)
                if context.run.job_name == "nightly":
                    # A missing address is told now, and not after a whole night's work.
                    _ = self.postgres_url
                    require_room(self.paths)
                yield self

    def complete_erasure(self) -> None:
        """Complete an erasure that a killed run has left, before anything else is done in the home."""
        if self.paths.privacy.exists():
            from pipelines.privacy.erasure import complete_pending

            # Asked for only where it is needed: the address may be missing.
            complete_pending(self.paths, self.postgres if self.paths.pending_erasure.exists() else None)

    @contextmanager
    def lock(self, run_id: str) -> Iterator[None]:
        """Hold the home, and say clearly what its disk refuses; a step within its run enters at once."""
        with told_disk_faults(self.paths.root), home_lock(self.paths.lock_file, run_id):
            yield

    @contextmanager
    def dbt_here(self, build_file: Path | None = None) -> Iterator[None]:
        """Let a dbt that is started meanwhile, which inherits the environment, find its build.

        DuckDB reads `~` as HOME. So the build has the same path for dbt in every home: at another one it would
        parse all models again, which takes longer than running them.
        """
        file = build_file or self.paths.build_file
        here = {"HOME": str(file.parent.absolute()), "TREUE_BUILD": f"~/{file.name}"}
        before = {name: os.environ.get(name) for name in here}
        os.environ.update(here)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def home_resource() -> HomeResource:
    """The home that the environment names; without one, the demo's."""
    root, is_demo = home_of_environment()
    return HomeResource(root=str(root), is_demo=is_demo)


class InstalledDbt(DbtCliResource):
    """dbt as installed beside this code; dagster-dbt would start `dbt --version`, which asks a registry for news."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(importlib.metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:  # noqa: ARG002 - as dagster-dbt calls it
        """No second dbt in this process: it would parse every macro to count rows, which is asked of nobody here."""
        return None


def dbt_resource() -> DbtCliResource:
    """dbt of the same installation: an unactivated environment has none on its PATH."""
    return InstalledDbt(
        project_dir=str(DBT_PROJECT_DIR),
        profiles_dir=str(DBT_PROJECT_DIR),
        dbt_executable=str(Path(sys.executable).parent / "dbt"),
    )
