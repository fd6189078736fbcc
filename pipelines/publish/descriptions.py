"""What the warehouse's tables and columns hold, in words, read from the one place that says it.

Marts are described by dbt's YAML, metrics by `columns.py` and `result_tables.py` of `pipelines/metrics`, the tables
about publishing by `tables.yml` beside this file. The words become comments in the warehouse; `docs/tables.md` is
held to them.
What must stay out: the words themselves, and writing them anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.gate.tables import JUDGED_TABLES
from pipelines.metrics.result_tables import TABLES as METRIC_TABLES

OWN_TABLES = Path(__file__).resolve().parent / "tables.yml"
MARTS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"
RELEASES = "releases"
METRIC_HISTORY = "metric_history"


class Undescribed(Exception):
    """A published table or column of which nobody says what it holds."""


@dataclass(frozen=True)
class PublishedTable:
    """A table of the warehouse: its description ends in its grain, its key is unique and never null."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, str]


def published_tables(marts_folder: Path = MARTS, own_tables: Path = OWN_TABLES) -> dict[str, PublishedTable]:
    """Every table of the warehouse by name, in the order of the documentation."""
    own = _read(own_tables)
    metrics = {table.name: table for table in METRIC_TABLES}
    tables: dict[str, PublishedTable] = {}
    for judged in JUDGED_TABLES:
        if judged.layer == "marts":
            tables[judged.name] = _mart(judged.name, own["mart_keys"][judged.name], marts_folder)
        else:
            table = metrics[judged.name]
            words = {column.name: column.description for column in table.columns}
            tables[judged.name] = PublishedTable(table.name, table.description, table.key, words)
    figures = tables["metric_values"]
    said = own[RELEASES]
    tables[RELEASES] = PublishedTable(RELEASES, said["description"], tuple(said["key"]), said["columns"])
    said = own[METRIC_HISTORY]
    tables[METRIC_HISTORY] = PublishedTable(
        METRIC_HISTORY,
        said["description"],
        (*figures.key, *said["columns"]),
        {**said["columns"], **figures.columns},
    )
    return tables


def _mart(name: str, key: list[str], folder: Path) -> PublishedTable:
    file = folder / f"{name}.yml"
    models = _read(file)["models"] if file.is_file() else []
    for model in models:
        if model["name"] == name:
            columns = {c["name"]: _one_line(c.get("description", "")) for c in model["columns"]}
            return PublishedTable(name, _one_line(model.get("description", "")), tuple(key), columns)
    raise Undescribed(f"{file} does not describe the mart {name}, which is published.")


def _read(file: Path) -> Any:
    # libyaml's parser is ten times as fast as the one in Python, where it was built in.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506 - both are safe loaders


def _one_line(text: str) -> str:
    return " ".join(text.split())
