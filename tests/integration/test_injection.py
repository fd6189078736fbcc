"""A night of odd names: what is published holds them as they are, Dagster shows them, and nobody runs them."""

from pathlib import Path

import pytest
from dagster import DagsterInstance, MarkdownMetadataValue

from pipelines.markdown_text import escaped
from tests.conftest import PROJECT
from tests.integration.journeys import Odd
from tests.integration.odd_home import CUSTOMERS, LABEL, OF_EACH, TEXTS, WITH_ZERO
from tests.odd_names import canaries, file_name

HOLDING_ALL = [
    ("cohort_retention", "segment_value"), ("metric_history", "segment_value"), ("metric_values", "segment_value"),
    ("orders", "channel"), ("reasons", "reason"), ("survey_answers", "choice"), ("survey_responses", "channel"),
    ("survey_responses", "touchpoint"), ("survival_curves", "segment_value"),
]  # fmt: skip
# Table and column: where texts of a company reach the readers.


def test_the_published_tables_hold_every_text_as_it_is(odd: Odd) -> None:
    for table, column in HOLDING_ALL:
        found = {text for (text,) in odd.home.query(f"select distinct {column} from loyalty.{table}")}
        assert set(TEXTS) <= found <= {*TEXTS, WITH_ZERO, "all"}, (table, column)
    assert odd.home.value("select count(*) from loyalty.metric_values where item = ?", LABEL) != 0


def test_the_database_holds_the_texts_of_the_file(odd: Odd) -> None:
    assert set(HOLDING_ALL) <= odd.in_postgres.keys()
    for (table, column), texts in odd.in_postgres.items():
        said = odd.home.query(f"select distinct {column} from loyalty.{table} where {column} is not null")
        assert texts == {text.replace("\0", "\ufffd") for (text,) in said}, (table, column)
    assert WITH_ZERO.replace("\0", "\ufffd") in odd.in_postgres["survey_responses", "touchpoint"]


def test_each_text_is_counted_by_itself(odd: Odd) -> None:
    answered = odd.home.query(
        "select segment_value, n from loyalty.metric_values where metric = 'nps_points' and period_grain = 'all' "
        "and segment_name = 'country' and weighting = 'unweighted' order by all"
    )
    assert answered == sorted((text, OF_EACH) for text in TEXTS)
    assert odd.home.value("select count(*) from loyalty.customers") == CUSTOMERS
    assert odd.home.value("select count(*) from loyalty.orders") == 3 * CUSTOMERS
    left_out = "select sum(row_count) from loyalty.left_out where reason = ?"
    assert odd.home.value(left_out, "unreadable_number") == len(TEXTS)


def test_nothing_was_run_that_only_a_text_says(odd: Odd) -> None:
    assert canaries(odd.home.paths.root.parent) == []
    assert canaries(Path.cwd(), PROJECT / "pipelines", PROJECT / "dbt_project") == []


def test_a_home_keeps_its_files_to_itself(odd: Odd) -> None:
    beside = {path.name for path in odd.home.paths.root.parent.iterdir()}
    assert beside == {"home"}
    own = {path.name for path in odd.home.paths.root.iterdir()}
    assert own <= {"treue.yml", "landing", "lake", "build", "warehouse", "dagster", ".lock", "privacy"}


def test_comments_stay_in_the_lake_and_reach_no_reader(odd: Odd) -> None:
    remark = f"{TEXTS[0]} {LABEL}"
    tables = odd.home.query(
        "select table_name, column_name from duckdb_columns() where schema_name = 'loyalty' and data_type = 'VARCHAR'"
    )
    for table, column in tables:
        query = f'select count(*) from loyalty."{table}" where "{column}" = ?'
        assert odd.home.value(query, remark) == 0, (table, column)


def test_what_dagster_shows_of_the_night_is_shown_as_it_is(odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(odd.home.paths.dagster))
    shown = list(_markdown(odd))
    assert shown
    for where, text in shown:
        # What looks like a tag would not be shown by a page that is careful, and be run by one that is not.
        assert "<" not in text.replace("\\<", ""), where
    [(_, files)] = [each for each in shown if each[0] == "raw/orders files"]
    for text in TEXTS:
        assert escaped(file_name(text)) in files
    assert all(row.count("|") - row.count("\\|") == 6 for row in files.splitlines())
    assert files.count("\n") == len(TEXTS) + 1


def _markdown(odd: Odd) -> list[tuple[str, str]]:
    with DagsterInstance.from_config(str(odd.home.paths.dagster)) as instance:
        runs = [run for run in instance.get_runs() if run.job_name == "nightly"]
        records = instance.all_logs(runs[-1].run_id)
    found = []
    for record in records:
        event = record.dagster_event
        if event is not None and event.event_type_value == "ASSET_MATERIALIZATION":
            materialization = event.step_materialization_data.materialization
            for name, value in materialization.metadata.items():
                if isinstance(value, MarkdownMetadataValue) and value.value is not None:
                    found.append((f"{materialization.asset_key.to_user_string()} {name}", value.value))
    return found


def test_the_pages_about_what_the_gate_found_show_texts_and_run_none(odd: Odd) -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in odd.home.paths.data_docs.rglob("*.html")}
    assert len(pages) > 10
    for page, text in pages.items():
        assert "<script>document" not in text, page
        assert "<img src=x" not in text, page
        assert "{{ 7 * 7 }}" not in text or "49" not in text, page
