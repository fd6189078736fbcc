"""Files of one extract that contradict each other: which is taken, which is refused, and how that is mended."""

import re
from datetime import date

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.lake import lake_files
from tests.conftest import SECRET, Home
from tests.unit.ingest.test_deliveries import (
    MONDAY,
    ONE,
    SETTINGS,
    THREE,
    TUESDAY,
    TWO,
    WEDNESDAY,
    files,
    known,
    night,
    table,
    told,
)

OTHER_ONE, OTHER_TWO = ([*ONE[:2], "11.00"], [*TWO[:2], "21.00"])
WARNING = told(SETTINGS, on_problem="warn")


def lake(home: Home) -> dict[str, bytes | None]:
    """Everything in the lake, folders too."""
    root = home.paths.lake
    return {str(path): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


def counted(home: Home, text: str = SETTINGS) -> list[str]:
    """The names of the files whose rows count."""
    found = {
        each.path
        for file in lake_files(home.paths, home.settings(text), SECRET)
        for each in file.deliveries
        if each.replaced_on is None
    }
    return sorted(found)


def refused(home: Home, text: str, seen_on: date) -> str:
    with pytest.raises(IngestRefused) as caught:
        night(home, text, seen_on)
    return str(caught.value)


def test_a_refused_file_leaves_the_lake_as_it_was_and_names_both_places(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(TWO, ONE))
    night(home, SETTINGS, MONDAY)
    before = lake(home)
    home.land("b_2025-12-02.csv", table(OTHER_ONE, THREE))
    for _ in range(2):
        assert refused(home, SETTINGS, TUESDAY) == (
            "extract shop: 1 new file(s) contradict earlier rows and are refused: b_2025-12-02.csv line 2 says other "
            "things of the same ['order_id'] than a_2025-12-01.csv line 3 (1 such key(s)). If the later row corrects "
            "the earlier one, state delivery: changes; if they are separate events, state key: none; otherwise one of "
            "the files is wrong: put the right one under its name, or take the refused one out of landing/"
        )
        assert lake(home) == before


def test_taking_the_refused_file_away_mends_the_extract(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    path = home.land("b_2025-12-02.csv", table(OTHER_ONE))
    refused(home, SETTINGS, TUESDAY)
    path.unlink()
    assert night(home, SETTINGS, WEDNESDAY).warnings == []
    assert counted(home) == ["a_2025-12-01.csv"]


@pytest.mark.parametrize("wrong", ["a_2025-12-01.csv", "b_2025-12-02.csv"])
def test_the_right_file_in_the_place_of_either_mends_the_extract(home: Home, wrong: str) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    home.land("b_2025-12-02.csv", table(OTHER_ONE))
    refused(home, SETTINGS, TUESDAY)
    home.land(wrong, table(THREE))
    assert night(home, SETTINGS, WEDNESDAY).rows_loaded == 2
    assert counted(home) == ["a_2025-12-01.csv", "b_2025-12-02.csv"]


def test_with_a_warning_the_earlier_rows_stay_and_the_refused_file_is_told_every_night(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, WARNING, MONDAY)
    home.land("b_2025-12-02.csv", table(OTHER_ONE, TWO))
    home.land("c_2025-12-02.csv", table(THREE))
    for day in (TUESDAY, WEDNESDAY):
        (warning,) = night(home, WARNING, day).warnings
        assert "b_2025-12-02.csv line 2" in warning
        assert counted(home, WARNING) == ["a_2025-12-01.csv", "c_2025-12-02.csv"]


def test_of_two_new_files_the_one_delivered_first_is_taken_whatever_else_is_wrong(home: Home) -> None:
    home.land("z_2025-12-01.csv", table(ONE))
    home.land("a_2025-12-02.csv", table(OTHER_ONE))
    home.land("b_2025-12-03.csv", b"")
    message = refused(home, SETTINGS, WEDNESDAY)
    assert (
        "a_2025-12-02.csv line 2 says other things of the same ['order_id'] than z_2025-12-01.csv line 2"
        in message
    )
    assert "b_2025-12-03.csv: the file is empty" in message
    assert counted(home) == ["z_2025-12-01.csv"]


def test_a_file_that_came_late_does_not_oust_what_was_taken_before(home: Home) -> None:
    home.land("b_2025-12-02.csv", table(ONE))
    night(home, SETTINGS, TUESDAY)
    home.land("a_2025-12-01.csv", table(OTHER_ONE))
    assert "a_2025-12-01.csv line 2 says other things" in refused(home, SETTINGS, WEDNESDAY)
    assert counted(home) == ["b_2025-12-02.csv"]


def test_an_order_may_move_from_one_file_to_another_if_both_are_corrected(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE, TWO))
    home.land("b_2025-12-02.csv", table(THREE))
    night(home, SETTINGS, TUESDAY)
    home.land("a_2025-12-01.csv", table(TWO))
    home.land("b_2025-12-02.csv", table(OTHER_ONE, THREE))
    assert night(home, SETTINGS, WEDNESDAY).rows_loaded == 3


def test_a_refused_correction_replaces_nothing_and_what_it_would_have_replaced_is_judged_again(
    home: Home,
) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    home.land("b_2025-12-01.csv", table(TWO))
    night(home, SETTINGS, MONDAY)
    home.land("b_2025-12-01.csv", table(OTHER_ONE))
    home.land("c_2025-12-02.csv", table(OTHER_TWO))
    message = refused(home, SETTINGS, TUESDAY)
    assert "2 new file(s) contradict earlier rows" in message
    assert (
        "b_2025-12-01.csv line 2 says other things of the same ['order_id'] than a_2025-12-01.csv line 2"
        in message
    )
    assert (
        "c_2025-12-02.csv line 2 says other things of the same ['order_id'] than b_2025-12-01.csv line 2"
        in message
    )
    assert known(home, SETTINGS) == [("a_2025-12-01.csv", MONDAY, None), ("b_2025-12-01.csv", MONDAY, None)]


def test_a_correction_that_is_taken_back_is_refused_if_another_file_contradicts_it_by_now(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    home.land("a_2025-12-01.csv", table(TWO))
    home.land("b_2025-12-02.csv", table(OTHER_ONE))
    night(home, SETTINGS, TUESDAY)
    home.land("a_2025-12-01.csv", table(ONE))
    assert "a_2025-12-01.csv line 2 says other things" in refused(home, SETTINGS, WEDNESDAY)
    assert known(home, SETTINGS)[1:] == [
        ("a_2025-12-01.csv", TUESDAY, None),
        ("b_2025-12-02.csv", TUESDAY, None),
    ]


def test_a_file_that_contradicts_another_under_a_changed_contract_alone_is_refused_and_can_be_replaced(
    home: Home,
) -> None:
    by_total = SETTINGS.replace("amount}", "total}")
    home.land("a_2025-12-01.csv", "id,at,amount,total\n1,2025-12-01,10.00,10.00\n")
    home.land("b_2025-12-02.csv", "id,at,amount,total\n1,2025-12-01,10.00,12.00\n")
    night(home, SETTINGS, TUESDAY)
    for _ in range(2):
        message = refused(home, by_total, WEDNESDAY)
        assert (
            "b_2025-12-02.csv line 2 says other things of the same ['order_id'] than a_2025-12-01.csv"
            in message
        )
        assert counted(home, by_total) == ["a_2025-12-01.csv"]
    home.land("b_2025-12-02.csv", "id,at,amount,total\n2,2025-12-02,20.00,20.00\n")
    night(home, by_total, WEDNESDAY)
    assert counted(home, by_total) == ["a_2025-12-01.csv", "b_2025-12-02.csv"]


def test_files_that_were_taken_as_changes_contradict_each_other_as_increments(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    home.land("b_2025-12-02.csv", table(OTHER_ONE))
    night(home, told(SETTINGS, delivery="changes"), TUESDAY)
    message = refused(home, SETTINGS, WEDNESDAY)
    assert re.search(
        r"files that were taken contradict each other: .* line 2 says other things .* line 2", message
    )
    home.land("b_2025-12-02.csv", table(TWO))
    assert night(home, SETTINGS, WEDNESDAY).rows_loaded == 2


def test_of_many_refused_files_the_first_are_told_and_the_rest_counted(home: Home) -> None:
    for number in range(8):
        home.land(f"{number}_2025-12-01.csv", table([*ONE[:2], f"{number}.00"], [*TWO[:2], f"{number}.00"]))
    message = refused(home, SETTINGS, MONDAY)
    assert "7 new file(s)" in message
    assert "5_2025-12-01.csv line 2 says other things" in message
    assert "(2 such key(s)); and so do 2 more. If" in message


def test_a_file_of_which_a_killed_run_did_not_note_the_delivery_does_not_count(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    (ledger,) = home.paths.lake.glob("deliveries/*.json")
    held = ledger.read_bytes()
    home.land("b_2025-12-02.csv", table(TWO))
    night(home, SETTINGS, TUESDAY)
    ledger.write_bytes(held)
    assert [file.path for file in files(home, SETTINGS)] == ["a_2025-12-01.csv"]
    assert night(home, SETTINGS, TUESDAY).read == []
    assert counted(home) == ["a_2025-12-01.csv", "b_2025-12-02.csv"]
