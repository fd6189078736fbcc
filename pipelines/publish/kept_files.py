"""The judged tables of the last releases, each as a file of its own: what a release is compared with and taken back to.

A release that becomes current has the very file that readers get, by a second name where the file system knows such;
a backfill has a file of its own tables. What must stay out: which release readers see, and the record of it.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipelines.paths import HomePaths
from pipelines.publish.duckdb_file import READ_ONLY_MODE, remove_file, rename_durably
from pipelines.publish.releases import Release, current_release


def keep(file: Path, kept: Path) -> None:
    """Keep a finished file under the name of its release too."""
    part = kept.with_name(kept.name + ".part")
    remove_file(part)
    file.chmod(READ_ONLY_MODE)
    try:
        os.link(file, part)
    except OSError:
        # Not every file system has second names for one file.
        shutil.copyfile(file, part)
        part.chmod(READ_ONLY_MODE)
    rename_durably(part, kept)


def retained(releases: Sequence[Release], keep_releases: int) -> list[Release]:
    """The releases of which files are kept: the last so many, and the one that readers see."""
    current = current_release(releases)
    last = releases[-keep_releases:]
    return [release for release in releases if release in last or release is current]


def kept_releases(paths: HomePaths, releases: Sequence[Release]) -> list[Release]:
    """The releases whose files are there."""
    return [release for release in releases if paths.release_file(release.release_id).is_file()]


def prune_files(paths: HomePaths, releases: Sequence[Release], keep_releases: int) -> list[str]:
    """Remove the files of all other releases, and what killed runs left; their manifests and figures stay."""
    names = {paths.release_file(release.release_id).name for release in retained(releases, keep_releases)}
    gone = []
    for file in sorted(paths.releases.glob("*.duckdb*")):
        if file.name not in names:
            file.unlink()
            gone.append(file.name)
    return gone
