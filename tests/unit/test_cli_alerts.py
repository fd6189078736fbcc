"""What commands tell by alert: a run that is refused before it begins, a late release, a trial."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from pipelines.cli import main
from tests.conftest import Home
from tests.receivers import TOKEN, Webhook, webhook
from tests.unit.ingest.test_bad_input import ORDERS
from tests.unit.test_home_lock import HOLDER

ALERTS = "alerts: {late_after: 08:00}\n"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """Whom the environment names."""
    with webhook() as receiver:
        monkeypatch.setenv("TREUE_ALERT_URLS", receiver.address)
        yield receiver


@pytest.fixture
def own_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home that the environment names, of a company that wants to be told."""
    monkeypatch.setenv("TREUE_HOME", str(home.paths.root))
    monkeypatch.setenv("TREUE_SECRET", "a secret for tests alone")
    # The command sets it, and it shall not outlive the test.
    monkeypatch.setenv("DAGSTER_HOME", "")
    home.settings(ORDERS + ALERTS)
    return home


def test_a_run_without_its_secret_is_told(
    own_home: Home, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TREUE_SECRET")
    assert main(["run"]) == 1
    [told] = hook.received
    assert told["title"] == "Treue, Blumenhaus Linde: `make run` was refused"
    assert told["message"].startswith("TREUE_SECRET is not set, and ")
    assert told["message"].endswith("Look here: http://127.0.0.1:3000/runs")


def test_a_run_with_a_fault_in_its_settings_is_told(own_home: Home, hook: Webhook) -> None:
    own_home.paths.settings_file.write_text(ORDERS + ALERTS + "nonsense: 1\n", encoding="utf-8")
    assert main(["run"]) == 1
    [told] = hook.received
    assert "treue.yml line 18, nonsense: unknown key 'nonsense'" in told["message"]


def test_a_run_in_a_busy_home_is_told(own_home: Home, hook: Webhook) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(own_home.paths.lock_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        assert main(["run"]) == 1
        holder.communicate("\n")
    [told] = hook.received
    assert f"is in use by another run (run of another process, process {holder.pid}, since" in told["message"]


def test_commands_before_which_somebody_sits_tell_nobody(own_home: Home, hook: Webhook) -> None:
    assert main(["check"]) == 1
    assert main(["draft", "none.csv"]) == 1
    assert hook.received == []


def test_a_message_that_nobody_takes_hides_neither_the_refusal_nor_the_exit_code(
    own_home: Home, hook: Webhook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hook.status = 500
    monkeypatch.delenv("TREUE_SECRET")
    assert main(["run"]) == 1
    told = capsys.readouterr().err
    assert "No alert: address 1 of TREUE_ALERT_URLS (json) was not reached" in told
    assert "TREUE_SECRET is not set" in told
    assert TOKEN not in told


def test_late_ends_badly_and_tells_where_no_release_is(
    own_home: Home, hook: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["late"]) == 1
    said = capsys.readouterr()
    assert said.out == "Readers see no release: none was published yet.\n"
    assert said.err.startswith("The release is late. A release as of 20")
    [told] = hook.received
    assert told["title"] == "Treue, Blumenhaus Linde: the release is late"


def test_a_trial_reaches_every_address(
    own_home: Home, hook: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts"]) == 0
    assert capsys.readouterr().out == "1 of 1 addresses took a trial message.\n"
    assert [each["title"] for each in hook.received] == ["Treue, Blumenhaus Linde: this is a trial"]
    hook.status = 403
    assert main(["alerts"]) == 1


@pytest.mark.parametrize(("block", "missing"), [("", "`alerts:` in "), (ALERTS, "TREUE_ALERT_URLS")])
def test_a_trial_of_alerts_that_are_off_says_what_is_missing(
    own_home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    block: str,
    missing: str,
) -> None:
    monkeypatch.delenv("TREUE_ALERT_URLS", raising=False)
    own_home.settings(ORDERS + block)
    assert main(["alerts"]) == 1
    assert f"Nobody is told of anything: {missing}" in capsys.readouterr().err
