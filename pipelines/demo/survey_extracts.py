"""Writes the survey as its tools export it: the answers as spreadsheets, the mailing log as packed JSON lines.

Spelling only: headings, labels, lost zeros, nested objects. The same draws give the same bytes. Comments and
addresses are written because real extracts have them; treue.yml maps none of them.
"""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from openpyxl import Workbook

from pipelines.demo import questionnaire
from pipelines.demo.answer_model import lowest_score, scored_items
from pipelines.demo.company import Company
from pipelines.demo.customers import Customers
from pipelines.demo.extracts import customer_number, email_address, spelled_days
from pipelines.demo.invitations import BOUNCED, DELIVERED, INVITED_MINUTE, KEPT_BACK, Invitations
from pipelines.demo.survey import ANONYMOUS, MISSING, Responses

INVITATION_STATUSES = {DELIVERED: "zugestellt", BOUNCED: "unzustellbar", KEPT_BACK: "gesperrt"}
SUMMER_TIME = "+02:00"
# Of Berlin, when invitations are sent.


def write_responses(
    landing: Path, company: Company, customers: Customers, responses: Responses
) -> dict[str, int]:
    """Write one wave's spreadsheet; returns its rows by path below landing."""
    items = scored_items(company)
    headings = [
        questionnaire.RESPONSE_ID,
        questionnaire.CUSTOMER_NUMBER,
        questionnaire.RESPONDED_AT,
        questionnaire.CHANNEL,
        *(questionnaire.HEADINGS[item] for item in (*items, "reason", "comment")),
    ]
    path = f"umfrage/kundenbefragung_{responses.wave.delivered_on}.xlsx"
    rows = _response_rows(company, customers, responses)
    _write_spreadsheet(landing / path, headings, rows, responses.wave.delivered_on)
    return {path: responses.days.size}


def write_invitations(landing: Path, customers: Customers, invitations: Invitations) -> dict[str, int]:
    """Write the mailing tool's log of one wave, packed; returns its rows by path below landing."""
    wave = invitations.responses.wave
    sent_at = f"{wave.invited_on}T{INVITED_MINUTE // 60:02}:{INVITED_MINUTE % 60:02}:00{SUMMER_TIME}"
    lines = []
    for place, (customer, status) in enumerate(
        zip(invitations.customers.tolist(), invitations.statuses.tolist(), strict=True), start=1
    ):
        number = int(customers.numbers[customer])
        email = email_address(
            str(customers.given_names[customer]), str(customers.family_names[customer]), number
        )
        invitation = {
            "id": f"E{wave.name}-{place:05}",
            "kunde": {"nummer": customer_number(number), "email": email},
            "versendet": sent_at,
            "status": INVITATION_STATUSES[status],
        }
        lines.append(json.dumps(invitation, ensure_ascii=False) + "\n")
    path = f"einladungen/einladungen_{wave.invited_on + timedelta(days=1)}.ndjson.gz"
    target = landing / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # Without the clock's time, which would be another byte each time.
    target.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    return {path: len(lines)}


def _response_rows(
    company: Company, customers: Customers, responses: Responses
) -> Iterable[tuple[str | int | None, ...]]:
    answers = [_spelled_answers(company, item, responses) for item in scored_items(company)]
    chosen = np.stack([responses.reasons[reason] for reason in questionnaire.REASONS], axis=1).tolist()
    days = spelled_days()
    texts = list(questionnaire.REASONS.values())
    for place, (customer, day, minute, reasons, comment, channel, *cells) in enumerate(
        zip(
            responses.customers.tolist(),
            responses.days.tolist(),
            responses.minutes.tolist(),
            chosen,
            responses.comments.tolist(),
            responses.channels.tolist(),
            *answers,
            strict=True,
        ),
        start=1,
    ):
        yield (
            f"A{responses.wave.name}-{place:05}",
            # A spreadsheet takes the customer number for a number: its leading zeros are gone.
            None if customer == ANONYMOUS else int(customers.numbers[customer]),
            f"{days[day]} {minute // 60:02}:{minute % 60:02}",
            channel,
            *cells,
            questionnaire.REASON_SEPARATOR.join(
                t for t, is_chosen in zip(texts, reasons, strict=True) if is_chosen
            )
            or None,
            comment or None,
        )


def _spelled_answers(company: Company, item: str, responses: Responses) -> list[str | int]:
    labels = questionnaire.LABELS.get(item)
    lowest = lowest_score(company, item)
    missing = questionnaire.NOT_USED if item == "service" else questionnaire.MISSING
    scores = responses.scores[item].tolist()
    if labels is None:
        return [missing if score == MISSING else score for score in scores]
    return [missing if score == MISSING else labels[score - lowest] for score in scores]


def _write_spreadsheet(
    target: Path, headings: Sequence[str], rows: Iterable[tuple[str | int | None, ...]], written_on: date
) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Antworten")
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_without_clock(buffer, written_on))


def _without_clock(spreadsheet: io.BytesIO, written_on: date) -> bytes:
    """The same spreadsheet with a fixed time wherever openpyxl writes the present one."""
    result = io.BytesIO()
    with zipfile.ZipFile(spreadsheet) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                stamp = f"{written_on}T08:00:00Z".encode()
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            entry = zipfile.ZipInfo(
                name, date_time=(written_on.year, written_on.month, written_on.day, 8, 0, 0)
            )
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, content)
    return result.getvalue()
