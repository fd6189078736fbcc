"""What the tests of drafts share: a draft of a file, the settings made of it, and what it then gives.

What must stay out: tests.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from pipelines.draft.description import described
from pipelines.draft.entry import entry
from pipelines.ingest.contracts import Extract
from pipelines.ingest.manifests import Manifest
from tests.conftest import Home

COMPANY = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 1990-01-01
extracts:
"""


def draft(path: Path, relative: str, extracts: Mapping[str, Extract] | None = None) -> str:
    return entry(described(path, relative), extracts or {})


def draft_of(
    content: str | bytes, name: str = "file.csv", extracts: Mapping[str, Extract] | None = None
) -> str:
    """The draft of a file of this content and name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return draft(path, name, extracts)


def contract(text: str) -> dict[str, Any]:
    """The keys of the one extract that a draft holds."""
    (held,) = yaml.safe_load(text).values()
    return dict(held)


def loaded(home: Home, *drafts: str) -> dict[str, Manifest]:
    """What the files in landing give with these drafts pasted below `extracts:`, by extract."""
    settings = home.settings(COMPANY + "".join(drafts))
    return {manifest.extract: manifest for manifest in home.ingest(settings).read}
