"""What a further file means: more, later or other rows; a repeat, a correction, a rename, a gap; and what is told."""

from datetime import date
from decimal import Decimal

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.lake import LakeFile, lake_files
from pipelines.ingest.ledger import read_ledger
from pipelines.ingest.stage import IngestReport
from tests import ingest_files
from tests.conftest import SECRET, Home, RawRows

SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop:
    kind: orders
    files: "*_{delivered:%Y-%m-%d}.csv"
    key: [order_id]
    columns: {order_id: id, ordered_at: at, gross_amount: amount}
"""
HEADINGS = ["id", "at", "amount"]
ONE, TWO, THREE = (["1", "2025-12-01", "10.00"], ["2", "2025-12-02", "20.00"], ["3", "2025-12-03", "30.00"])
MONDAY, TUESDAY, WEDNESDAY = date(2025, 12, 1), date(2025, 12, 2), date(2025, 12, 3)
THURSDAY, FRIDAY = date(2025, 12, 4), date(2025, 12, 5)


def table(*rows: list[str], delimiter: str = ",") -> str:
    return ingest_files.csv_text([HEADINGS, *rows], delimiter)


def told(text: str, **stated: str) -> str:
    """The settings with further keys of the extract."""
    return text.replace(
        "    key:", "".join(f"    {key}: {value}\n" for key, value in stated.items()) + "    key:"
    )


def night(home: Home, text: str, seen_on: date) -> IngestReport:
    return home.ingest(home.settings(text), seen_on=seen_on)


def files(home: Home, text: str) -> list[LakeFile]:
    return lake_files(home.paths, home.settings(text), SECRET)


def known(home: Home, text: str) -> list[tuple[str, date, date | None]]:
    """Path, first and last day of what every delivery is known for."""
    found = [
        (each.path, each.known_on, each.replaced_on) for file in files(home, text) for each in file.deliveries
    ]
    return sorted(found, key=str)


def test_the_same_cells_in_other_bytes_are_a_repeat_and_count_once(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE, TWO))
    home.land("b_2025-12-02.csv", table(TWO, ONE, delimiter=";").encode("utf-16"))
    report = night(home, SETTINGS, TUESDAY)
    assert "b_2025-12-02.csv holds the same rows as a_2025-12-01.csv; they count once" in report.warnings[0]
    assert report.warnings[0].endswith("(repeated_delivery, since 2025-12-02)")
    (file,) = files(home, SETTINGS)
    assert (file.path, file.rows_loaded, file.repeated_row_count) == ("a_2025-12-01.csv", 2, 2)


def test_a_repeat_is_an_error_where_the_contract_says_so(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    home.land("b_2025-12-02.csv", table(ONE))
    with pytest.raises(IngestRefused, match=r"\(repeated_delivery, since 2025-12-02\)"):
        night(home, told(SETTINGS, notices="{repeated_delivery: error}"), TUESDAY)


def test_a_dump_in_which_nothing_changed_is_no_repeat(home: Home) -> None:
    text = told(SETTINGS, delivery="full")
    for day in (MONDAY, TUESDAY):
        home.land(f"a_{day}.csv", table(ONE))
    assert night(home, text, TUESDAY).warnings == []
    assert known(home, text) == [("a_2025-12-01.csv", MONDAY, None), ("a_2025-12-02.csv", TUESDAY, None)]


def test_other_bytes_under_a_known_name_replace_its_rows_from_the_day_they_are_seen(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE, TWO))
    night(home, SETTINGS, MONDAY)
    home.land("a_2025-12-01.csv", table(ONE, THREE))
    report = night(home, SETTINGS, WEDNESDAY)
    assert "a_2025-12-01.csv holds other bytes since 2025-12-03" in report.warnings[0]
    assert known(home, SETTINGS) == [
        ("a_2025-12-01.csv", MONDAY, WEDNESDAY),
        ("a_2025-12-01.csv", WEDNESDAY, None),
    ]


def test_a_correction_may_say_other_things_of_the_same_order(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    home.land("a_2025-12-01.csv", table([*ONE[:2], "11.00"]))
    assert night(home, SETTINGS, TUESDAY).rows_loaded == 1


def test_a_correction_that_is_taken_back_leaves_the_first_rows_in_force(home: Home) -> None:
    for day, row in ((MONDAY, ONE), (TUESDAY, TWO), (WEDNESDAY, ONE)):
        home.land("a_2025-12-01.csv", table(row))
        night(home, SETTINGS, day)
    in_force = [
        (file.rows_loaded, each.known_on)
        for file in files(home, SETTINGS)
        for each in file.deliveries
        if not each.replaced_on
    ]
    assert in_force == [(1, WEDNESDAY)]
    assert len(files(home, SETTINGS)) == 2


def test_bytes_that_cannot_be_read_replace_nothing(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    home.land("a_2025-12-01.csv", b"")
    report = night(home, told(SETTINGS, on_problem="warn"), TUESDAY)
    assert any("the file is empty" in warning for warning in report.warnings)
    assert known(home, SETTINGS) == [("a_2025-12-01.csv", MONDAY, None)]


def test_a_renamed_file_is_the_same_delivery_under_the_new_name_and_day(home: Home) -> None:
    path = home.land("a_2024-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    path.rename(path.with_name("a_2025-12-01.csv"))
    report = night(home, SETTINGS, TUESDAY)
    assert (report.read, report.warnings) == ([], [])
    assert known(home, SETTINGS) == [("a_2025-12-01.csv", MONDAY, None)]


def test_a_pattern_that_learns_the_day_orders_the_files_by_it(home: Home) -> None:
    undated = SETTINGS.replace("*_{delivered:%Y-%m-%d}.csv", "*.csv")
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, undated, WEDNESDAY)
    night(home, SETTINGS, WEDNESDAY)
    assert known(home, SETTINGS) == [("a_2025-12-01.csv", MONDAY, None)]


def test_a_file_may_go_once_it_was_read(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    path = home.land("b_2025-12-02.csv", table(TWO))
    night(home, SETTINGS, TUESDAY)
    path.unlink()
    assert night(home, SETTINGS, WEDNESDAY).warnings == []
    assert len(files(home, SETTINGS)) == 2


def test_a_changed_contract_reads_again_and_misses_the_file_that_is_gone(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    path = home.land("b_2025-12-02.csv", table(TWO))
    night(home, SETTINGS, TUESDAY)
    path.unlink()
    changed = told(SETTINGS.replace("amount}", "amount, channel: {value: shop}}"), on_problem="warn")
    report = night(home, changed, WEDNESDAY)
    assert [manifest.path for manifest in report.read] == ["a_2025-12-01.csv"]
    assert "1 file(s) were read under another contract" in report.warnings[0]
    assert "first b_2025-12-02.csv" in report.warnings[0]
    assert [file.path for file in files(home, changed)] == ["a_2025-12-01.csv"]


def test_a_file_that_the_pattern_leaves_out_from_now_on_is_not_missed(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    home.land("wrong_2025-12-02.csv", table(TWO))
    night(home, SETTINGS, TUESDAY)
    narrowed = SETTINGS.replace('"*_', '"a_')
    assert night(home, narrowed, WEDNESDAY).warnings == []
    assert [file.path for file in files(home, narrowed)] == ["a_2025-12-01.csv"]


def test_a_file_that_a_changed_contract_refuses_is_told_once_and_not_as_missing(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    with pytest.raises(IngestRefused) as caught:
        night(home, SETTINGS.replace("amount}", "total}"), TUESDAY)
    assert "the column 'total' is missing" in str(caught.value)
    assert "not in landing/" not in str(caught.value)


@pytest.mark.parametrize(
    ("days", "seen_on", "message"),
    [
        ((MONDAY, TUESDAY, WEDNESDAY), WEDNESDAY, None),
        ((MONDAY, TUESDAY), WEDNESDAY, None),
        ((MONDAY, WEDNESDAY), WEDNESDAY, "no file between 2025-12-01 and 2025-12-03; the one of 2025-12-02 is missing"),
        ((MONDAY,), WEDNESDAY, "no file since 2025-12-01; the one of 2025-12-02 is missing"),
    ],
)  # fmt: skip
def test_a_day_without_a_file_is_noticed_the_latest_too(
    home: Home, days: tuple[date, ...], seen_on: date, message: str | None
) -> None:
    for day in days:
        home.land(f"a_{day}.csv", table([day.isoformat(), "2025-12-01", "1.00"]))
    warnings = night(home, told(SETTINGS, every="day"), seen_on).warnings
    since = "missing_delivery, since 2025-12-03"
    assert warnings == ([f"extract shop: {message} ({since})"] if message else [])


def test_a_full_dump_that_lost_a_tenth_of_its_rows_stops_the_run_until_somebody_decides(home: Home) -> None:
    text = told(SETTINGS, delivery="full")
    rows = [[str(i), "2025-12-01", "1.00"] for i in range(100)]
    home.land("a_2025-12-01.csv", table(*rows))
    home.land("a_2025-12-02.csv", table(*rows[:90]))
    assert night(home, text, TUESDAY).warnings == []
    home.land("a_2025-12-03.csv", table(*rows[:80]))
    for _ in range(2):
        with pytest.raises(
            IngestRefused, match=r"a_2025-12-03.csv has 80 rows, .* \(a_2025-12-02.csv\) had 90"
        ):
            night(home, text, WEDNESDAY)
    accepted = night(home, told(text, notices="{shrunk_file: warn}"), WEDNESDAY)
    assert len(accepted.warnings) == 1


def test_what_is_only_told_is_told_on_the_night_it_comes_up_and_stays_among_the_notices(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    home.land("a_2025-12-01.csv", table(TWO))
    home.land("b_2025-12-02.csv", table(TWO))
    home.land("c_2025-12-02.csv", "id,at,amount,note\n3,2025-12-02,20.00,x\n")
    told_then = night(home, SETTINGS, TUESDAY)
    assert [warning.rpartition("(")[2] for warning in told_then.warnings] == [
        "repeated_delivery, since 2025-12-02)",
        "changed_file, since 2025-12-02)",
        "changed_columns, since 2025-12-02)",
    ]
    assert night(home, SETTINGS, TUESDAY).warnings == told_then.warnings
    later = night(home, SETTINGS, WEDNESDAY)
    assert (later.warnings, later.notices) == ([], told_then.warnings)


def test_a_day_without_a_file_is_told_every_night_until_something_comes(home: Home) -> None:
    daily = told(SETTINGS, every="day")
    home.land("a_2025-12-01.csv", table(ONE))
    for seen_on in (WEDNESDAY, THURSDAY):
        assert "no file since 2025-12-01" in night(home, daily, seen_on).warnings[0]
    home.land("a_2025-12-04.csv", table(TWO))
    assert "no file between 2025-12-01 and 2025-12-04" in night(home, daily, THURSDAY).warnings[0]
    assert night(home, daily, FRIDAY).warnings == []


def test_an_error_stays_one_until_it_is_accepted_and_what_comes_after_that_day_is_one_again(
    home: Home,
) -> None:
    strict = told(SETTINGS, notices="{changed_file: error}")
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, strict, MONDAY)
    home.land("a_2025-12-01.csv", table(TWO))
    for seen_on in (TUESDAY, WEDNESDAY):
        with pytest.raises(IngestRefused, match=r"a_2025-12-01\.csv holds other bytes since 2025-12-02"):
            night(home, strict, seen_on)
    accepted = told(strict, accepted_until="2025-12-02")
    report = night(home, accepted, WEDNESDAY)
    assert (report.read, report.warnings, len(report.notices)) == ([], [], 1)
    home.land("a_2025-12-01.csv", table(THREE))
    with pytest.raises(IngestRefused, match="holds other bytes since 2025-12-04"):
        night(home, accepted, THURSDAY)


def test_a_night_that_fails_says_its_warnings_too(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    home.land("b_2025-12-02.csv", table(ONE))
    home.land("c_2025-12-02.csv", b"")
    with pytest.raises(IngestRefused, match="the file is empty") as caught:
        night(home, SETTINGS, TUESDAY)
    assert [warning.rpartition("(")[2] for warning in caught.value.warnings] == [
        "repeated_delivery, since 2025-12-02)"
    ]


def test_columns_that_come_and_go_are_noticed(home: Home) -> None:
    home.land("a_2025-12-01.csv", "id,at,amount,note\n1,2025-12-01,10.00,x\n")
    home.land("a_2025-12-02.csv", "id,at,amount,tax\n2,2025-12-02,20.00,1\n")
    (warning,) = night(home, SETTINGS, TUESDAY).warnings
    assert warning == (
        "extract shop: a_2025-12-02.csv lacks 'note' and has 'tax' besides, against a_2025-12-01.csv "
        "(changed_columns, since 2025-12-02)"
    )


def test_a_mapped_column_that_vanishes_refuses_the_file(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    home.land("a_2025-12-02.csv", "id,at\n2,2025-12-02\n")
    with pytest.raises(IngestRefused, match=r"a_2025-12-02\.csv line 1: the column 'amount' is missing"):
        night(home, SETTINGS, TUESDAY)


def test_a_name_without_its_day_is_refused(home: Home) -> None:
    home.land("a_2025-13-01.csv", table(ONE))
    with pytest.raises(IngestRefused, match="its name has no date of the form %Y-%m-%d"):
        night(home, SETTINGS, MONDAY)


def test_changes_keep_every_state_of_an_order(home: Home, raw_rows: RawRows) -> None:
    text = told(SETTINGS, delivery="changes")
    home.land("a_2025-12-01.csv", table(ONE, TWO))
    home.land("a_2025-12-02.csv", table([*ONE[:2], "12.00"]))
    assert night(home, text, TUESDAY).warnings == []
    states = sorted(raw_rows("orders", "order_id, known_on, gross_amount"))
    assert states == [
        ("1", MONDAY, Decimal(10)),
        ("1", TUESDAY, Decimal(12)),
        ("2", MONDAY, Decimal(20)),
    ]


def test_the_ledger_of_an_extract_names_every_sighting(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    home.land("a_2025-12-01.csv", table(TWO))
    night(home, SETTINGS, TUESDAY)
    (sightings,) = read_ledger(home.paths, "shop").values()
    assert [(each.first_seen_on, each.delivered_on) for each in sightings] == [
        ("2025-12-01", "2025-12-01"),
        ("2025-12-02", "2025-12-01"),
    ]


def test_what_a_killed_run_left_in_scratch_is_cleared_away(home: Home) -> None:
    leftover = home.paths.lake / ".scratch-dead"
    leftover.mkdir(parents=True)
    (leftover / "plain.txt").write_text("half", encoding="utf-8")
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    assert not leftover.exists()
