"""When a release is late, by what `as_of` promises."""

from datetime import UTC, date, datetime

import pytest

from pipelines.alerts.choice import AlertChoice
from pipelines.alerts.lateness import deadline, lateness
from pipelines.alerts.messages import Seen
from pipelines.settings import Alerts


def choice(as_of: str = "yesterday", late_after: str = "08:00") -> AlertChoice:
    return AlertChoice.model_validate(
        {
            "company": "Blumenhaus Linde",
            "time_zone": "Europe/Berlin",
            "as_of": as_of,
            "alerts": Alerts(late_after=late_after),
        }
    )


def seen(as_of: str, published_at: str = "2026-03-10T03:05:00+00:00") -> Seen:
    return Seen(f"{as_of}.1", date.fromisoformat(as_of), datetime.fromisoformat(published_at))


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-10T06:59:59", "2026-03-09T08:00:00+01:00"),
        ("2026-03-10T07:00:00", "2026-03-10T08:00:00+01:00"),
        ("2026-03-10T23:30:00", "2026-03-10T08:00:00+01:00"),
        # Summer time begins that night: eight o'clock comes an hour sooner.
        ("2026-03-29T06:00:00", "2026-03-29T08:00:00+02:00"),
        ("2026-03-29T05:59:59", "2026-03-28T08:00:00+01:00"),
    ],
)
def test_the_deadline_is_the_last_local_time_that_has_passed(now: str, due: str) -> None:
    assert deadline(choice(), at(now)).isoformat() == due


def test_without_a_block_of_alerts_the_default_time_holds() -> None:
    silent = choice().model_copy(update={"alerts": None})
    assert deadline(silent, at("2026-03-10T12:00:00")).isoformat() == "2026-03-10T08:00:00+01:00"


@pytest.mark.parametrize(
    ("as_of", "now", "is_late"),
    [
        ("2026-03-09", "2026-03-10T07:00:00", False),
        ("2026-03-08", "2026-03-10T07:00:00", True),
        # Before eight the readers expect no more than they did the day before.
        ("2026-03-08", "2026-03-10T06:59:00", False),
        ("2026-03-07", "2026-03-10T06:59:00", True),
        # Somebody ran a later day by hand.
        ("2026-03-10", "2026-03-10T12:00:00", False),
    ],
)
def test_with_yesterday_the_day_before_the_deadline_is_expected(
    as_of: str, now: str, *, is_late: bool
) -> None:
    expected = lateness(choice(), seen(as_of), at(now))
    assert (expected is not None) == is_late


def test_the_sentence_says_which_day_was_expected_by_when() -> None:
    assert lateness(choice(), seen("2026-03-08"), at("2026-03-10T07:00:00")) == (
        "A release as of 2026-03-09 was expected by 2026-03-10 08:00 (Europe/Berlin)."
    )


def test_a_home_without_any_release_is_late_whatever_it_promises() -> None:
    for as_of in ("yesterday", "last_event", "2025-12-31"):
        assert lateness(choice(as_of), None, at("2026-03-10T07:00:00"))


@pytest.mark.parametrize(
    ("published_at", "is_late"),
    [("2026-03-09T07:00:00+00:00", False), ("2026-03-09T06:59:59+00:00", True)],
)
def test_with_the_last_event_a_night_without_deliveries_is_well_and_a_missed_one_is_late(
    published_at: str, *, is_late: bool
) -> None:
    months_ago = seen("2025-12-24", published_at)
    assert (lateness(choice("last_event"), months_ago, at("2026-03-10T07:00:00")) is not None) == is_late


@pytest.mark.parametrize(("as_of", "is_late"), [("2025-12-31", False), ("2025-12-30", True)])
def test_with_a_date_nothing_newer_is_waited_for(as_of: str, *, is_late: bool) -> None:
    expected = lateness(choice("2025-12-31"), seen(as_of), at("2026-03-10T07:00:00"))
    assert (expected is not None) == is_late
