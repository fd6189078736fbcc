"""Which day a run and the schedule are for."""

from datetime import UTC, date, datetime

import pytest
from dagster import RunRequest, build_schedule_context

from pipelines.as_of import NoEvents, chosen_day
from pipelines.resources import HomeResource, NoSecret
from pipelines.schedules import nightly_at_four
from tests.conftest import SECRET, Home
from tests.unit.ingest.test_bad_input import GOOD, HEADER, ORDERS


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 1, 1, 3, 0, tzinfo=UTC), date(2025, 12, 31)),
        (datetime(2026, 1, 1, 23, 30, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 3, 29, 2, 0, tzinfo=UTC), date(2026, 3, 28)),
    ],
)
def test_yesterday_is_that_of_the_company_not_of_the_machine(
    home: Home, instant: datetime, expected: date
) -> None:
    assert chosen_day(home.paths, home.settings(ORDERS), SECRET, instant) == expected


def test_last_event_is_that_of_the_lake_and_an_empty_lake_is_told(home: Home) -> None:
    settings = home.settings(ORDERS + "as_of: last_event\n")
    with pytest.raises(NoEvents, match="Run the job `ingest` first"):
        chosen_day(home.paths, settings, SECRET, datetime(2026, 6, 1, tzinfo=UTC))
    home.land("orders/a.csv", HEADER + GOOD)
    home.ingest(settings)
    assert chosen_day(home.paths, settings, SECRET, datetime(2026, 6, 1, tzinfo=UTC)) == date(2025, 12, 31)


def test_a_tick_of_the_schedule_asks_for_the_day_before(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREUE_SECRET", "for the test")
    home.settings(ORDERS)
    with build_schedule_context(
        scheduled_execution_time=datetime(2026, 1, 1, 3, 0, tzinfo=UTC),
        resources={"home": HomeResource(root=str(home.paths.root))},
    ) as context:
        request = nightly_at_four(context)
    assert isinstance(request, RunRequest)
    assert request.partition_key == "2025-12-31"


def test_a_home_of_real_people_needs_a_secret_and_the_demo_does_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TREUE_SECRET", raising=False)
    with pytest.raises(NoSecret, match="openssl rand -hex 32"):
        _ = HomeResource(root=str(home.paths.root)).secret
    assert HomeResource(root=str(home.paths.root), is_demo=True).secret
