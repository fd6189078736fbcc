"""Who is told of what, and that nothing of it ever decides how a run ends."""

import pytest

from pipelines.alerts.choice import read_choice
from pipelines.alerts.messages import Message, Place, trial
from pipelines.alerts.telling import Teller
from pipelines.settings import Alert
from pipelines.settings_file import SettingsError
from tests.conftest import Home
from tests.receivers import Webhook
from tests.unit.ingest.test_bad_input import ORDERS


def teller(home: Home, *addresses: str) -> Teller:
    return Teller(home.paths, addresses, "http://127.0.0.1:3000")


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("", set()),
        ("alerts:\n", set()),
        ("alerts: {}\n", {"gate_closed", "run_failed", "late_release"}),
        ("alerts: {tell: [late_release]}\n", {"late_release"}),
        ("alerts: {tell: []}\n", set()),
    ],
)
def test_only_what_the_company_chose_is_told(home: Home, hook: Webhook, block: str, told: set[str]) -> None:
    home.settings(ORDERS + block)
    kinds: tuple[Alert, ...] = ("gate_closed", "run_failed", "late_release")
    for alert in kinds:
        assert teller(home, hook.address).tell(alert, lambda place, a=alert: Message(a, place.company)) == []  # type: ignore[misc]
    assert {each["title"] for each in hook.received} == told


def test_without_an_address_nobody_is_told(home: Home) -> None:
    home.settings(ORDERS + "alerts: {}\n")
    assert not teller(home).tells("run_failed")


def test_a_fault_elsewhere_in_the_settings_silences_nobody(home: Home, hook: Webhook) -> None:
    with pytest.raises(SettingsError):
        home.settings(ORDERS + "alerts: {late_after: '07:15'}\nnonsense: 1\n")
    assert teller(home, hook.address).tell("run_failed", trial) == []
    assert "Blumenhaus Linde" in hook.received[0]["title"]


@pytest.mark.parametrize("block", ["alerts: {tell: [everything]}\n", "alerts: {}\ncompany: [\n"])
def test_settings_that_do_not_say_whom_to_tell_tell_nobody(home: Home, hook: Webhook, block: str) -> None:
    home.paths.settings_file.write_text(ORDERS + block, encoding="utf-8")
    assert read_choice(home.paths.settings_file) is None
    assert teller(home, hook.address).tell("run_failed", trial) == []
    assert hook.received == []


def test_a_damaged_manifest_is_told_as_an_unknown_release(home: Home, hook: Webhook) -> None:
    home.settings(ORDERS + "alerts: {}\n")
    home.paths.releases.mkdir(parents=True)
    (home.paths.releases / "2026-03-08.1.json").write_text("{", encoding="utf-8")
    assert teller(home, hook.address).tell("run_failed", trial) == []
    assert "Which release readers see is unknown" in hook.received[0]["message"]


def test_a_message_that_cannot_be_made_is_a_problem_and_no_error(home: Home, hook: Webhook) -> None:
    home.settings(ORDERS + "alerts: {}\n")

    def broken(place: Place) -> Message:
        raise RuntimeError(f"with the words of {hook.address}")

    assert teller(home, hook.address).tell("run_failed", broken) == ["the alert was not sent (RuntimeError)"]
