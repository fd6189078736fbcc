"""Each preset reads a fixture in its tool's documented export format, and yields to what a company states."""

from datetime import datetime
from decimal import Decimal

import pytest

from pipelines.ingest.presets import PRESETS
from pipelines.ingest.pseudonyms import identifier_key
from pipelines.settings_file import SettingsError
from tests.conftest import SECRET, Home, RawRows

COMPANY = "company: Linde\ntime_zone: Europe/Berlin\ncurrency: EUR\nhistory_start: 2025-01-01\nextracts:\n"
QUALTRICS = (
    COMPANY
    + """\
  befragung:
    kind: survey_responses
    preset: qualtrics
    files: "*.csv"
    questions:
      - {id: recommend, column: Q1_NPS, construct: recommend, scale: [0, 10]}
      - {id: reasons, columns: {Q2_1: price, Q2_2: delivery}, construct: reason}
"""
)
QUALTRICS_EXPORT = """\
StartDate,Status,Finished,RecordedDate,ResponseId,Q1_NPS,Q2_1,Q2_2
Start Date,Response Type,Finished,Recorded Date,Response ID,"How likely are you
to recommend us?",Reasons - Price,Reasons - Delivery
"{""ImportId"":""startDate""}","{""ImportId"":""status""}","{""ImportId"":""finished""}","{""ImportId"":""recordedDate""}",\
"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2_1""}","{""ImportId"":""QID2_2""}"
2025-07-01 10:00:00,IP Address,True,2025-07-01 10:05:00,R_1,9,Price,
2025-07-01 11:00:00,Survey Preview,True,2025-07-01 11:05:00,R_2,0,Price,Delivery
2025-07-01 12:00:00,IP Address,False,2025-07-01 12:05:00,R_3,5,,
2025-07-01 13:00:00,IP Address,True,2025-07-01 13:05:00,R_4,,,Delivery
"""
SURVEYMONKEY = (
    COMPANY
    + """\
  befragung:
    kind: survey_responses
    preset: surveymonkey
    files: "*.csv"
    questions:
      - {id: recommend, column: "How likely is it? | Response", construct: recommend, scale: [0, 10]}
      - id: reasons
        construct: reason
        columns: {"What mattered? | Price": price, "What mattered? | Delivery": delivery}
"""
)
SURVEYMONKEY_EXPORT = """\
Respondent ID,Collector ID,Date Created,Date Modified,IP Address,How likely is it?,What mattered?,
,,,,,Response,Price,Delivery
11001,7,07/01/2025 10:00:00 AM,07/01/2025 01:05:00 PM,192.0.2.1,10,Price,Delivery
11002,7,07/01/2025 10:00:00 AM,07/02/2025 12:05:00 AM,192.0.2.2,3,,Delivery
"""
SHOPIFY = COMPANY + '  shop:\n    kind: orders\n    preset: shopify\n    files: "*.csv"\n'
SHOPIFY_EXPORT = """\
Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,Cancelled at,\
Refunded Amount,Source
#1001,Eva@Example.org,paid,2025-07-01 10:00:05 +0200,EUR,30.00,2025-07-01 10:00:00 +0200,1,Rose,,0.00,web
#1001,,,,,,,2,Tulip,,,
#1002,,refunded,2025-07-02 00:30:00 +0200,EUR,12.50,2025-07-02 00:30:00 +0200,1,Rose,2025-07-03 09:00:00 +0200,12.50,pos
"""


def test_qualtrics_skips_its_headings_and_leaves_previews_and_unfinished_answers_out(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("a.csv", QUALTRICS_EXPORT)
    manifest = home.ingest(home.settings(QUALTRICS)).read[0]
    assert (manifest.rows_read, manifest.rows_loaded, manifest.rows_rejected) == (4, 2, 2)
    assert manifest.rejected_by_reason == {"left_out:preview": 1, "left_out:unfinished": 1}
    assert raw_rows("survey_responses", "line, response_id, responded_at") == [
        (4, "R_1", datetime(2025, 7, 1, 8, 5)),
        (7, "R_4", datetime(2025, 7, 1, 11, 5)),
    ]
    answers = raw_rows("survey_answers", "line, question, score, choice")
    assert answers == [
        (4, "reasons", None, "price"),
        (4, "recommend", 9, None),
        (7, "reasons", None, "delivery"),
    ]


def test_surveymonkey_joins_its_two_heading_rows_across_merged_cells(home: Home, raw_rows: RawRows) -> None:
    home.land("a.csv", SURVEYMONKEY_EXPORT)
    home.ingest(home.settings(SURVEYMONKEY))
    assert raw_rows("survey_responses", "response_id, responded_at") == [
        ("11001", datetime(2025, 7, 1, 11, 5)),
        ("11002", datetime(2025, 7, 1, 22, 5)),
    ]
    chosen = [row for row in raw_rows("survey_answers", "line, choice") if row[1]]
    assert sorted(chosen) == [(3, "delivery"), (3, "price"), (4, "delivery")]


def test_shopify_takes_an_order_once_and_its_further_articles_are_counted_as_left_out(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("a.csv", SHOPIFY_EXPORT)
    manifest = home.ingest(home.settings(SHOPIFY)).read[0]
    assert (manifest.rows_read, manifest.rows_loaded) == (3, 2)
    assert manifest.rejected_by_reason == {"left_out:continuation_row": 1}
    columns = "order_id, identifier_key, ordered_at, gross_amount, refunded_amount, status, channel"
    assert raw_rows("orders", columns) == [
        ("#1001", identifier_key(SECRET, "email", "eva@example.org"), datetime(2025, 7, 1, 8, 0), Decimal(30),
         Decimal(0), "completed", "web"),
        ("#1002", None, datetime(2025, 7, 1, 22, 30), Decimal("12.5"), Decimal("12.5"), "cancelled", "pos"),
    ]  # fmt: skip


def test_what_a_company_states_stands_above_the_preset(home: Home) -> None:
    text = (
        SHOPIFY
        + "    columns: {customer_id: {from: Customer ID, id_space: shop}, channel: null}\n    key: none\n"
    )
    extract = home.settings(text).extracts["shop"]
    assert extract.columns["customer_id"].source == "Customer ID"
    assert extract.columns["gross_amount"].source == "Total"
    assert "channel" not in extract.columns
    assert extract.key == ()


def test_an_unknown_preset_is_told_with_those_that_are_known(home: Home) -> None:
    with pytest.raises(SettingsError, match="'qualtrics', 'surveymonkey' or 'shopify'"):
        home.settings(SHOPIFY.replace("preset: shopify", "preset: shopware"))


def test_every_preset_is_one_of_the_words_that_a_contract_may_say() -> None:
    assert set(PRESETS) == {"qualtrics", "surveymonkey", "shopify"}
