"""A message says what, where, what readers see and where to look, and nothing that must stay in the house."""

from datetime import UTC, date, datetime

from pipelines.alerts.messages import (
    LONGEST_REASON,
    ClosedTable,
    FailedRun,
    FailedStep,
    Place,
    Seen,
    late_release,
    of_run,
    readers_sentence,
    refused,
    trial,
)

SEEN = Seen("2026-03-08.1", date(2026, 3, 8), datetime(2026, 3, 9, 3, 5, tzinfo=UTC))
PLACE = Place("Blumenhaus\nLinde", "/srv/treue/linde", "https://treue.example.com", readers_sentence(SEEN))
REJECTED = (
    "orders/a.csv: 3 of 9 rows can't be read: 3 of 9 values of `ordered_at` (their column 'Datum') are no dates by "
    "'%d.%m.%Y': such as 'Erika Mustermann' first in orders/a.csv line 4"
)


def run(*, steps: tuple[FailedStep, ...] = (), closed: tuple[ClosedTable, ...] = ()) -> FailedRun:
    return FailedRun("nightly", "1a2b", "2026-03-09", steps, closed)


def test_a_closed_gate_is_told_by_table_and_expectation() -> None:
    failures = ("nps_points lies in -100..100: 2 rows", "no value without n: 7 rows")
    failed = run(closed=(ClosedTable("metrics/metric_values", failures),))
    assert failed.alert == "gate_closed"
    message = of_run(PLACE, failed)
    assert message.title == (
        "Treue, Blumenhaus Linde: the gate closed over 1 table, nothing was published as of 2026-03-09"
    )
    assert message.body == (
        "metrics/metric_values: 2 critical expectations failed\n"
        "  - nps_points lies in -100..100: 2 rows\n"
        "  - no value without n: 7 rows\n"
        "\n"
        "docs/operations.md says what to do when the gate closes.\n"
        "\n"
        "Readers see release 2026-03-08.1, as of 2026-03-08, published 2026-03-09 03:05 UTC.\n"
        "Home: /srv/treue/linde\n"
        "Look here: https://treue.example.com/runs/1a2b"
    )


def test_a_failed_run_is_told_by_step_and_reason() -> None:
    failed = run(steps=(FailedStep("raw__orders", "IngestRefused", "orders/a.csv: the file is empty"),))
    assert failed.alert == "run_failed"
    message = of_run(PLACE, failed)
    assert message.title == "Treue, Blumenhaus Linde: the job nightly as of 2026-03-09 failed"
    assert message.body.startswith("raw__orders failed: orders/a.csv: the file is empty\n")


def test_an_error_that_was_not_written_for_everybody_is_told_by_its_class_alone() -> None:
    body = of_run(PLACE, run(steps=(FailedStep("dbt_models", "BinderException", None),))).body
    assert body.startswith("dbt_models failed: BinderException; the run's page has the reason\n")


def test_a_run_that_came_to_no_step_is_told_too() -> None:
    assert of_run(PLACE, run()).body.startswith("It failed outside its steps.\n")


def test_values_of_delivered_files_stay_in_the_house() -> None:
    for reason in (REJECTED, REJECTED.replace("'Erika Mustermann'", '"O\'Erika Mustermann"')):
        body = of_run(PLACE, run(steps=(FailedStep("raw__orders", "IngestRefused", reason),))).body
        assert "Mustermann" not in body
        assert "are no dates by '%d.%m.%Y': first in orders/a.csv line 4" in body
        assert "Mustermann" not in refused(PLACE, "make run", reason).body


def test_a_reason_that_goes_on_for_long_is_cut() -> None:
    body = refused(PLACE, "make run", "x" * (LONGEST_REASON + 1)).body
    assert f"{'x' * LONGEST_REASON} ... (the run's page has all)\n" in body


def test_every_message_says_what_readers_see_and_where() -> None:
    messages = [
        of_run(PLACE, run()),
        refused(PLACE, "make run", "the home is busy"),
        late_release(PLACE, "A release as of 2026-03-09 was expected by 08:00."),
        trial(PLACE),
    ]
    for message in messages:
        assert message.title.startswith("Treue, Blumenhaus Linde: ")
        assert "\n" not in message.title
        assert "\nReaders see release 2026-03-08.1, as of 2026-03-08" in message.body
        assert "\nHome: /srv/treue/linde\nLook here: https://treue.example.com/runs" in message.body


def test_a_home_without_a_release_says_so() -> None:
    assert readers_sentence(None) == "Readers see no release: none was published yet."
