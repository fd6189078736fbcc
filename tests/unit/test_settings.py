"""What a settings file may say, and what it means when it is silent."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.settings import DEMO_SETTINGS_FILE, home_of_environment, read_settings
from pipelines.settings_file import SettingsError
from tests.conftest import PROJECT, Home
from tests.unit.ingest.test_bad_input import ORDERS, SURVEY


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "tests" / "data").glob("*/treue.yml")), ids=lambda p: p.parent.name
)
def test_the_settings_of_the_real_data_sets_are_valid(path: Path) -> None:
    assert read_settings(path).extracts


def test_the_demo_is_valid_and_names_its_relationship_survey() -> None:
    assert read_settings(DEMO_SETTINGS_FILE).relationship_survey == "kundenbefragung"


def test_silence_means_the_documented_defaults(home: Home) -> None:
    settings = home.settings(ORDERS)
    assert (settings.as_of, settings.publish) == ("yesterday", ("duckdb",))
    assert settings.definitions.min_publishable_n == 100
    assert settings.definitions.min_disclosed_n == 10
    extract = settings.extracts["shop_orders"]
    assert (extract.delivery, extract.on_problem, extract.max_rejected_share) == ("increment", "error", 0.01)


def test_words_that_yaml_takes_for_truth_values_stay_words(home: Home) -> None:
    text = ORDERS.replace(
        "{bezahlt: completed, storniert: cancelled}", "{yes: completed, no: cancelled, on: cancelled}"
    )
    mapping = home.settings(text).extracts["shop_orders"].columns["status"].map
    assert mapping == {"yes": "completed", "no": "cancelled", "on": "cancelled"}


@pytest.mark.parametrize("written", ['"08:00"', "08:00", '"10:30"', "10:30"])
def test_a_time_of_day_is_one_with_quotes_and_without(home: Home, written: str) -> None:
    alerts = home.settings(ORDERS + f"alerts:\n  late_after: {written}\n").alerts
    assert alerts
    assert alerts.late_after == written.strip('"')


def test_the_fingerprint_changes_with_a_setting_and_not_with_the_layout_of_the_file(home: Home) -> None:
    first = home.settings(ORDERS).fingerprint()
    assert home.settings("# a comment\n" + ORDERS).fingerprint() == first
    assert home.settings(ORDERS + "settings: {min_publishable_n: 50}\n").fingerprint() != first


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ORDERS + "relationship_survey: x\n", "relationship_survey: 'x' is not a survey of this file"),
        (
            ORDERS + "segments: [{name: country, from: customers.country}]\n",
            "no extract of kind customers declares",
        ),
        (ORDERS + "settings: {ci_level: 0.8}\n", "greater than or equal to 0.9"),
        (ORDERS + "alerts: {late_after: 480}\n", "valid string (found 480)"),
        (ORDERS + "alerts: {late_after: 24:00}\n", "(found '24:00')"),
        (ORDERS + "company: Twice\n", "this key stands already in line 1"),
        (ORDERS.replace("key: [order_id]", "key: none\n    delivery: changes"), "changes needs a key"),
        (ORDERS.replace("orders/*.csv*", "../*.csv"), "must stay below landing/"),
        (SURVEY.replace("scale: [0, 10]", "scale: [1, 10]"), "recommend is asked from 0 to 10"),
        (
            SURVEY.replace("construct: recommend, scale: [0, 10]", "construct: reason"),
            "a reason needs its choices",
        ),
        (SURVEY.replace("construct: recommend", "construct: recomend"), "'recomend' is not allowed"),
        (SURVEY.replace("id: recommend", "id: all"), "'all' is what the customer index is called"),
        (
            SURVEY.replace("construct: recommend", "construct: likert, scale_name: drivers"),
            "'drivers' is taken (taken: all, secure_customer_index, drivers)",
        ),
    ],
)
def test_what_can_not_be_meant_is_told(home: Home, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        home.settings(text)
    assert told in str(caught.value)


def test_without_a_named_home_it_is_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TREUE_HOME", raising=False)
    assert home_of_environment()[1]
    monkeypatch.setenv("TREUE_HOME", str(tmp_path))
    assert home_of_environment() == (tmp_path.resolve(), False)


def test_a_fixed_day_before_the_history_is_refused(home: Home) -> None:
    with pytest.raises(SettingsError, match="lies before history_start"):
        home.settings(ORDERS + f"as_of: {date(2020, 1, 1)}\n")
