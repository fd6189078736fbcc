"""Survey exports in the shapes that tools write them: heading rows, choices, long form, waves, what is left out."""

from datetime import datetime

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.lake import lake_files
from pipelines.settings_file import SettingsError
from tests import ingest_files
from tests.conftest import SECRET, Home, RawRows

COMPANY = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  survey:
    kind: survey_responses
    files: "*"
    key: [response_id]
"""
THREE_ROWS = (
    COMPANY
    + """\
    format: {header_rows: 3}
    leave_out:
      - {column: Status, values: [Survey Preview, "1"], reason: preview}
      - {column: Finished, unless: ["True", "1"], reason: unfinished}
    columns: {response_id: ResponseId, responded_at: RecordedDate}
    questions:
      - {id: recommend, column: Q1, construct: recommend, scale: [0, 10], missing: [don't know]}
"""
)
HEADINGS = [
    ["ResponseId", "Status", "Finished", "RecordedDate", "Q1", "Q1_text"],
    [
        "Response ID",
        "Response Type",
        "Finished",
        "Recorded Date",
        'How likely,\non a "scale"\n- of ten -',
        "Why?\n\nPlease",
    ],
    *[[f'{{"ImportId":"{name}"}}' for name in ("_id", "status", "finished", "date", "QID1", "QID1_TEXT")]],
]
JOINED = (
    COMPANY
    + """\
    format: {header_rows: 2, names_row: joined}
    columns: {response_id: Respondent ID, responded_at: End Date}
    questions:
      - {id: recommend, column: "How likely? | Response", construct: recommend, scale: [0, 10]}
      - id: reasons
        construct: reason
        columns: {"Reasons | Price": price, "Reasons | Delivery": delivery, "Reasons | Other (please specify)": other}
"""
)
LONG = (
    COMPANY
    + """\
    format:
      question_column: question
      answer_column: answer
      response_columns: [rid, at]
    columns: {response_id: rid, responded_at: at}
    questions:
      - {id: recommend, column: "How likely?", construct: recommend, scale: [0, 10]}
      - {id: reasons, column: "Why?", construct: reason, separator: ";", choices: {Price: price, Delivery: delivery}}
"""
)
ANSWERS = "line, question, score, choice"


def rows_of(raw_rows: RawRows) -> list[tuple[object, ...]]:
    return sorted(raw_rows("survey_answers", ANSWERS), key=str)


def test_three_heading_rows_with_line_breaks_in_the_questions_are_no_answers(
    home: Home, raw_rows: RawRows
) -> None:
    answers = [
        ["R1", "IP Address", "True", "2025-07-01 10:00:00", "9", "fine,\nthanks"],
        ["R2", "Survey Preview", "True", "2025-07-01 10:00:00", "0", ""],
        ["R3", "IP Address", "False", "2025-07-01 10:00:00", "", ""],
        ["R4", "IP Address", "TRUE", "2025-07-01 11:00:00", "Don't  know", ""],
        ["R5", "IP Address", "True", "2025-07-01 12:00:00", "0", ""],
    ]
    home.land("a.csv", ingest_files.csv_text([*HEADINGS, *answers], quote_all=True))
    report = home.ingest(home.settings(THREE_ROWS))
    manifest = report.read[0]
    assert manifest.headings[4] == "Q1"
    assert (manifest.rows_read, manifest.rows_loaded, manifest.rows_rejected) == (5, 3, 2)
    assert manifest.rejected_by_reason == {"left_out:preview": 1, "left_out:unfinished": 1}
    assert raw_rows("survey_responses", "line, response_id") == [(4, "R1"), (7, "R4"), (8, "R5")]
    assert raw_rows("survey_answers", "line, score, is_missing") == [
        (4, 9, False),
        (7, None, True),
        (8, 0, False),
    ]


def test_rows_that_are_left_out_do_not_count_as_faults_of_the_file(home: Home) -> None:
    previews = [[f"P{i}", "Survey Preview", "True", "never", "99", ""] for i in range(50)]
    good = ["R1", "IP Address", "True", "2025-07-01 10:00:00", "9", ""]
    home.land("a.csv", ingest_files.csv_text([*HEADINGS, *previews, good]))
    report = home.ingest(home.settings(THREE_ROWS))
    assert report.read[0].rejected_by_reason == {"left_out:preview": 50}
    assert report.warnings == ["50 of 51 rows are left out as preview, as told"]
    home.land("b.csv", ingest_files.csv_text([*HEADINGS, *previews, [*good[:4], "99", ""]]))
    with pytest.raises(IngestRefused, match="1 of 51 rows can't be read"):
        home.ingest(home.settings(THREE_ROWS))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.ods"])
def test_two_heading_rows_with_merged_cells_are_joined_to_names(
    home: Home, raw_rows: RawRows, name: str
) -> None:
    rows = [
        ["Respondent ID", "End Date", "How likely?", "Reasons", "", "", "Reasons"],
        ["", "", "Response", "Price", "Delivery", "Other (please specify)", "Comment"],
        ["R1", "2025-07-01 10:00:00", "10", "Price", "", "too far", "x"],
        ["R2", "2025-07-01 10:00:00", "0", "", "", "", ""],
        ["R3", "2025-07-01 10:00:00", "", "0", "No", "", ""],
    ]
    content = {
        "a.csv": ingest_files.csv_text(rows).encode("utf-8-sig"),
        "a.xlsx": ingest_files.xlsx(rows),
        "a.ods": ingest_files.ods(rows),
    }
    home.land(name, content[name])
    home.ingest(home.settings(JOINED))
    assert rows_of(raw_rows) == [
        (3, "reasons", None, "other"),
        (3, "reasons", None, "price"),
        (3, "recommend", 10, None),
        (4, "recommend", 0, None),
    ]
    assert len(raw_rows("survey_responses")) == 3


def test_one_row_per_answer_becomes_one_response_at_its_first_line(home: Home, raw_rows: RawRows) -> None:
    rows = [
        ["rid", "at", "question", "answer"],
        ["R1", "2025-07-01 10:00", "How  likely?", "9"],
        ["R2", "2025-07-01 11:00", "How likely?", ""],
        ["R1", "2025-07-01 10:00", "Why?", "Price"],
        ["R1", "2025-07-01 10:00", "Why?", "Delivery"],
        ["R1", "2025-07-01 10:00", "Anything else?", "my name is Eva"],
    ]
    rows[1][2] = "How likely?"
    home.land("a.csv", ingest_files.csv_text(rows))
    manifest = home.ingest(home.settings(LONG)).read[0]
    assert (manifest.rows_read, manifest.rows_loaded) == (2, 2)
    assert raw_rows("survey_responses", "line, response_id, responded_at") == [
        (2, "R1", datetime(2025, 7, 1, 8)),
        (3, "R2", datetime(2025, 7, 1, 9)),
    ]
    assert rows_of(raw_rows) == [
        (2, "reasons", None, "delivery"),
        (2, "reasons", None, "price"),
        (2, "recommend", 9, None),
    ]


def test_two_answers_to_one_question_of_a_scale_are_no_answer(home: Home) -> None:
    rows = [
        ["rid", "at", "question", "answer"],
        *([["R1", "2025-07-01", "How likely?", score] for score in ("9", "2")]),
    ]
    home.land("a.csv", ingest_files.csv_text(rows))
    with pytest.raises(IngestRefused, match="1 of 1 values of `recommend`"):
        home.ingest(home.settings(LONG))


@pytest.mark.parametrize(
    ("stated", "place"),
    [
        ("columns: {channel: device, ", "columns.channel"),
        ("leave_out: [{column: device, values: [x], reason: preview}]\n    columns: {", "leave_out.0"),
    ],
)
def test_a_column_that_is_none_of_the_response_is_refused_and_never_looked_for_among_the_questions(
    home: Home, stated: str, place: str
) -> None:
    with pytest.raises(SettingsError, match="'device' is none of response_columns: add it there") as caught:
        home.settings(LONG.replace("columns: {", stated))
    assert f"extracts.survey.{place}" in str(caught.value)


def test_labels_are_scored_in_any_language_and_case_and_other_words_are_refused(
    home: Home, raw_rows: RawRows
) -> None:
    settings = COMPANY + (
        "    max_rejected_share: 1\n"
        "    columns: {response_id: id, responded_at: at}\n"
        "    questions:\n"
        "      - {id: csat, column: q, construct: overall_satisfaction, scale: [1, 5],\n"
        "         labels: {sehr zufrieden: 5, très satisfait: 5, 非常满意: 5, доволен: 4, unzufrieden: 1},\n"
        "         missing: [N/A, k. A., ne sait pas]}\n"
    )
    texts = [
        "SEHR ZUFRIEDEN",
        "Très\u00a0satisfait",
        "非常满意",
        "ДОВОЛЕН",
        "3",
        "N/A",
        "K. A.",
        "",
        "prima",
        "0",
        "6",
        "4.5",
    ]
    rows = [["id", "at", "q"], *([f"R{i}", "2025-07-01", text] for i, text in enumerate(texts))]
    home.land("a.csv", ingest_files.csv_text(rows))
    home.ingest(home.settings(settings))
    assert [score for (score,) in raw_rows("survey_answers", "score")] == [5, 5, 5, 4, 3, None, None]
    assert len(raw_rows("survey_responses")) == 8
    assert [reason for (reason,) in raw_rows("rejected", "reason")] == [
        "unknown_label",
        "outside_scale",
        "outside_scale",
        "unknown_label",
    ]


MULTI = COMPANY + (
    "    columns: {response_id: id, responded_at: at}\n"
    "    questions:\n"
    "      - {id: one_cell, column: q, construct: reason, separator: ';', choices: {Price: price, Range: range},\n"
    "         missing: [n/a]}\n"
    "      - {id: by_column, construct: reason, columns: {p: price, r: range}, missing: [n/a]}\n"
)


def test_a_multi_select_is_missing_where_a_word_says_so_and_nothing_is_chosen(
    home: Home, raw_rows: RawRows
) -> None:
    rows = [
        ["id", "at", "q", "p", "r"],
        ["R1", "2025-07-01", "Price;Range", "x", "N/A"],
        ["R2", "2025-07-01", "N/A", "n/a", ""],
        ["R3", "2025-07-01", "", "", "0"],
    ]
    home.land("a.csv", ingest_files.csv_text(rows))
    assert home.ingest(home.settings(MULTI)).rows_loaded == 3
    found = raw_rows("survey_answers", "line, question, score, choice, is_missing")
    assert sorted(found, key=str) == [
        (2, "by_column", None, "price", False),
        (2, "one_cell", None, "price", False),
        (2, "one_cell", None, "range", False),
        (3, "by_column", None, None, True),
        (3, "one_cell", None, None, True),
    ]


WAVE = COMPANY + (
    "    columns: {response_id: id, customer_id: c, responded_at: at}\n"
    "    questions: [{id: recommend, column: q, construct: recommend, scale: [0, 10]}]\n"
)


def wave(*numbers: int, customer: str = "K") -> str:
    return ingest_files.csv_text(
        [["id", "c", "at", "q"], *([f"R{i}", f"{customer}{i}", "2025-07-01", str(i % 11)] for i in numbers)]
    )


def test_waves_that_overlap_keep_each_row_for_transform_to_drop_the_repeats(home: Home) -> None:
    home.land("wave1.csv", wave(1, 2, 3))
    home.land("wave2.csv", wave(2, 3, 4))
    settings = home.settings(WAVE)
    report = home.ingest(settings)
    assert (report.rows_loaded, report.warnings) == (6, [])
    assert {file.repeated_row_count for file in lake_files(home.paths, settings, SECRET)} == {0}


def test_waves_that_disagree_about_a_response_are_refused_with_both_places(home: Home) -> None:
    home.land("wave1.csv", wave(1, 2))
    home.land("wave2.csv", wave(2, 3, customer="L"))
    with pytest.raises(
        IngestRefused, match=r"wave2.csv line 2 says other things of .* than wave1.csv line 3"
    ):
        home.ingest(home.settings(WAVE))


def test_equal_headings_are_named_by_their_number(home: Home, raw_rows: RawRows) -> None:
    settings = WAVE.replace("column: q", 'column: "Score [2]"')
    home.land("a.csv", "id,c,at,Score,Score\nR1,K1,2025-07-01,1,9\n")
    home.ingest(home.settings(settings))
    assert rows_of(raw_rows) == [(2, "recommend", 9, None)]
