"""The home as a Dagster resource: its paths, settings, secret and lock.

The one place besides `settings.py` that looks at the environment.
"""

import importlib.metadata
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster import ConfigurableResource, InitResourceContext
from dagster_dbt import DbtCliResource
from packaging.version import Version

from pipelines.home_lock import home_lock
from pipelines.paths import HomePaths
from pipelines.refusal import Refusal
from pipelines.settings import Settings, home_of_environment, load_settings

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

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Any]:
        """Hold the home from before a run's first step until after its last; a schedule only looks at it."""
        if context.run is None:
            yield self
        else:
            with self.lock(context.run.run_id):
                self.complete_erasure()
                yield self

    def complete_erasure(self) -> None:
        """Complete an erasure that a killed run has left, before anything else is done in the home."""
        if self.paths.privacy.exists():
            from pipelines.privacy.erasure import complete_pending

            complete_pending(self.paths)

    def lock(self, run_id: str) -> AbstractContextManager[None]:
        """Hold the home; a step within its run enters at once."""
        return home_lock(self.paths.lock_file, run_id)

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
