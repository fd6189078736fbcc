"""Questions of a survey are found by their answers and texts; only answers that may be shown are shown."""

from typing import Any

import pytest

from tests import ingest_files
from tests.unit.draft.drafts import contract, draft_of

ROWS = 30


def survey(**columns: list[str]) -> str:
    """A survey with these columns, their answers repeated to fill it."""
    names = ["Response ID", "Recommend", "Submitted at", *columns]
    rows = [
        [f"R{n}", str(n % 11), "2025-01-01", *(answers[n % len(answers)] for answers in columns.values())]
        for n in range(ROWS)
    ]
    return draft_of(ingest_files.csv_text([names, *rows]), "survey.csv")


def asked(text: str) -> dict[Any, dict[str, Any]]:
    return {each.get("column", each["id"]): each for each in contract(text)["questions"]}


@pytest.mark.parametrize(
    ("heading", "answers", "construct", "scale"),
    [
        ("How satisfied are you overall?", ["1", "5", "3"], "overall_satisfaction", [1, 5]),
        (
            "Wie zufrieden sind Sie insgesamt?",
            ["sehr zufrieden", "eher unzufrieden"],
            "overall_satisfaction",
            [1, 5],
        ),
        ("Would you order again?", ["Definitely", "Probably not"], "repurchase", [1, 5]),
        ("It was easy to return", ["7", "1", "6"], "effort", [1, 7]),
        ("Pages were clear", ["Strongly agree", "Disagree"], "likert", [1, 5]),
        ("Rate us from 0 to 10", ["0", "10", "5"], "likert", [0, 10]),
        ("Did it arrive?", ["Yes", "No"], "likert", [0, 1]),
    ],
)
def test_construct_and_scale_are_guessed(
    heading: str, answers: list[str], construct: str, scale: list[int]
) -> None:
    question = asked(survey(**{heading: answers}))[heading]
    assert (question["construct"], question["scale"]) == (construct, scale)


def test_labels_get_their_scores_those_that_nobody_gave_too_and_missing_answers_are_none() -> None:
    text = survey(Pages=["Strongly Agree", "disagree", "Don't know", "N/A"])
    question = asked(text)["Pages"]
    assert question["labels"] == {
        "strongly disagree": 1, "disagree": 2, "neither agree nor disagree": 3, "agree": 4, "Strongly Agree": 5,
    }  # fmt: skip
    assert question["missing"] == ["Don't know", "N/A"]
    assert "        agree: 4  # not in this file\n" in text


def test_labels_of_unknown_order_are_listed_as_a_comment_to_be_completed() -> None:
    text = survey(Pace=["Too fast", "Just right", "Too slow"])
    assert "Pace" not in asked(text)
    assert "      #     Just right: ?\n" in text


def test_several_choices_in_a_cell_and_a_column_per_choice_are_multi_selects() -> None:
    text = survey(
        **{
            "Why did you buy here?": ["Price; Delivery", "Price", "Range; Delivery"],
            "What mattered? | Price": ["Price", ""],
            "What mattered? | Delivery": ["", "Delivery"],
            "What mattered? | Other (please specify)": ["", "something"],
        }
    )
    found = asked(text)
    assert found["Why did you buy here?"]["separator"] == "; "
    assert found["Why did you buy here?"]["choices"] == {
        "Delivery": "delivery",
        "Price": "price",
        "Range": "range",
    }
    assert found["what_mattered"]["columns"] == {
        "What mattered? | Price": "price",
        "What mattered? | Delivery": "delivery",
    }


def test_what_a_survey_asks_once_stands_once_and_ids_are_distinct() -> None:
    text = survey(**{"Would you recommend us to friends?": ["0", "9"], "recommend": ["Agree", "Disagree"]})
    questions = contract(text)["questions"]
    constructs = [each["construct"] for each in questions]
    assert constructs.count("recommend") == 1
    assert len({each["id"] for each in questions}) == len(questions)


def test_unfinished_responses_are_proposed_to_be_left_out() -> None:
    rows = [["Response ID", "Submit date", "NPS"], ["1", "2025-01-01", "9"], ["2", "", "3"]]
    text = draft_of(ingest_files.csv_text(rows), "survey.csv")
    assert contract(text)["leave_out"] == [{"column": "Submit date", "values": [""], "reason": "unfinished"}]


FIRST_NAMES = ["Annika", "Bertram", "Cordula", "Dietmar"]
PERSONAL = {
    "First name": FIRST_NAMES,
    "E-mail": [f"{name.lower()}@example.org" for name in FIRST_NAMES],
    "Contact": [f"{name.lower()}@example.com" for name in FIRST_NAMES],
    "Phone": ["+49 170 1234567", "+49 170 7654321"],
    "Customer number": ["K-77001", "K-77002"],
    "Anything else?": [f"Yours, {name}" for name in FIRST_NAMES],
    "Street": ["Gartenweg 5", "Lindenallee 9"],
}


def test_nothing_of_a_person_is_shown() -> None:
    rows = [[*PERSONAL, "Response ID", "Submitted at", "NPS", "Status"]]
    for number in range(9):
        cells = [values[number % len(values)] if number < len(values) else "" for values in PERSONAL.values()]
        rows.append([*cells, f"R-{number}", "2025-01-01", "9", f"by {FIRST_NAMES[number % 4]} 0170{number}"])
    for name in ("survey.csv", "orders.csv", "kunden.csv"):
        text = draft_of(ingest_files.csv_text(rows), name)
        shown = [value for values in PERSONAL.values() for value in values if value in text]
        assert shown == []
        assert "@" not in text
        assert "R-1" not in text


def test_a_status_that_may_name_people_is_not_shown() -> None:
    rows = [["Order", "Date", "Total", "Status"]]
    rows += [[str(n), "2025-01-01", "5", f"packed by ann{n}@example.org"] for n in range(5)]
    text = draft_of(ingest_files.csv_text(rows))
    assert "ann" not in text
    assert "status" not in contract(text)["columns"]
