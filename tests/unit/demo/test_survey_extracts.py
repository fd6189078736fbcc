"""How answers and invitations are spelled, and that they are what the truth counts."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest
import yaml

from pipelines.demo.home import SETTINGS_FILE, Truth
from tests.unit.demo.landed_files import read_invitations, read_wave


def test_invitations_in_the_files_are_those_of_the_truth_and_only_delivered_ones_are_answered(
    small_home: tuple[Path, Truth],
) -> None:
    home, truth = small_home
    files = sorted(home.glob("landing/einladungen/*"))
    waves = [read_wave(path) for path in sorted(home.glob("landing/umfrage/*.xlsx"))]
    for path, answers, stated in zip(files, waves, truth.counts["invitations"], strict=True):
        invitations = read_invitations(path)
        assert len({row["id"] for row in invitations}) == len(invitations)
        statuses = [row["status"] for row in invitations]
        for status, name in (
            ("zugestellt", "sent"),
            ("unzustellbar", "bounced"),
            ("gesperrt", "not_contacted"),
        ):
            assert statuses.count(status) == stated[name]
        sent = {int(row["kunde.nummer"]) for row in invitations if row["status"] == "zugestellt"}
        assert {row["Kundennummer"] for row in answers if row["Kundennummer"]} <= sent
        responses = {row["Kundennummer"] or row["Antwort-ID"] for row in answers}
        assert len(responses) == stated["responses"]
        assert stated["delivered_response_rate"] == pytest.approx(len(responses) / len(sent), abs=1e-10)


def test_answers_in_the_spreadsheets_are_those_of_the_truth(small_home: tuple[Path, Truth]) -> None:
    home, truth = small_home
    paths = sorted(home.glob("landing/umfrage/*.xlsx"))
    waves = [read_wave(path) for path in paths]
    for rows, stated in zip([*waves, waves[0] + waves[1]], truth.counts["survey"], strict=True):
        assert len({row["Antwort-ID"] for row in rows}) == stated["responses"]
        latest: dict[object, int] = {}
        for row in rows:
            score = next(value for heading, value in row.items() if heading.startswith("Wie wahrscheinlich"))
            if score != "Weiß nicht":
                latest[row["Kundennummer"] or row["Antwort-ID"]] = score
        scores = list(latest.values())
        assert len(scores) == stated["nps_answers"]
        assert sum(score >= 9 for score in scores) == stated["promoters"]
        assert sum(score <= 6 for score in scores) == stated["detractors"]


def test_every_answer_in_the_spreadsheets_has_its_place_in_the_settings(
    small_home: tuple[Path, Truth],
) -> None:
    home, _ = small_home
    questions = yaml.safe_load(SETTINGS_FILE.read_text(encoding="utf-8"))["extracts"]["kundenbefragung"][
        "questions"
    ]
    rows = [row for path in home.glob("landing/umfrage/*.xlsx") for row in read_wave(path)]
    for question in questions:
        answers = {row[question["column"]] for row in rows}
        if question["construct"] == "reason":
            chosen = {
                choice for answer in answers if answer for choice in answer.split(question["separator"])
            }
            assert chosen == set(question["choices"])
        else:
            low, high = question["scale"]
            allowed = question.get("labels") or range(low, high + 1)
            assert answers <= {*allowed, *question["missing"]}


def test_packed_invitations_carry_no_clock(small_home: tuple[Path, Truth]) -> None:
    home, _ = small_home
    for path in (home / "landing" / "einladungen").iterdir():
        # Bytes 4 to 8 of a gzip file are the time of its making.
        assert path.read_bytes()[4:8] == bytes(4)
        first = json.loads(gzip.decompress(path.read_bytes()).splitlines()[0])
        assert first["kunde"]["nummer"].startswith("0000")
        assert first["versendet"].endswith("T06:30:00+02:00")


def test_spreadsheets_carry_the_day_of_delivery_instead_of_the_clock(small_home: tuple[Path, Truth]) -> None:
    home, _ = small_home
    with zipfile.ZipFile(home / "landing/umfrage/kundenbefragung_2025-07-05.xlsx") as book:
        assert {entry.date_time for entry in book.infolist()} == {(2025, 7, 5, 8, 0, 0)}
        assert book.read("docProps/core.xml").count(b"2025-07-05T08:00:00Z") == 2
