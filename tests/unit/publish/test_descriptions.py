from pathlib import Path

import pytest

from pipelines.gate.tables import JUDGED_TABLES
from pipelines.publish.descriptions import MARTS, Undescribed, published_tables


def test_every_judged_table_and_the_two_about_releases_are_described() -> None:
    tables = published_tables()
    assert list(tables) == [*(table.name for table in JUDGED_TABLES), "releases", "metric_history"]
    for table in tables.values():
        assert "One row per" in table.description
        assert all(table.columns.values())
        assert set(table.key) <= set(table.columns)


def test_metric_history_is_metric_values_and_the_release() -> None:
    tables = published_tables()
    assert set(tables["metric_history"].columns) == {*tables["metric_values"].columns, "release_id"}
    assert tables["metric_history"].key == (*tables["metric_values"].key, "release_id")


def test_a_mart_without_description_is_named(tmp_path: Path) -> None:
    for file in MARTS.glob("*.yml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "orders.yml").unlink()
    with pytest.raises(Undescribed, match=r"orders\.yml does not describe the mart orders"):
        published_tables(tmp_path)
