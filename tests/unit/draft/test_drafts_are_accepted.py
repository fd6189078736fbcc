"""A draft, pasted below `extracts:` as it is, is a contract that gives rows: for the demo, real data and the docs."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.demo.home import write_demo_home
from pipelines.ingest.contracts import Extract
from pipelines.settings import load_settings
from tests.architecture.test_docs import EXTRACTS, code_blocks
from tests.architecture.test_worked_examples import EXAMPLES, Example, as_delivered
from tests.conftest import Home
from tests.unit.draft.drafts import COMPANY, contract, draft, loaded

TOO_FEW_ROWS = {"bestellungen/bestellungen_2025-02-01.csv", "events/purchases.ndjson"}
# Files of so few rows that one bad one is more than a contract tolerates by itself.


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo")
    write_demo_home(home, seed=5, customers=400)
    return home


def newest(demo: Path, extract: Extract) -> Path:
    return max((demo / "landing").glob(extract.files.partition("{")[0] + "*"))


def sources(columns: dict[str, Any]) -> dict[str, Any]:
    return {ours: theirs["from"] if isinstance(theirs, dict) else theirs for ours, theirs in columns.items()}


def test_drafts_of_the_demo_company_find_what_its_own_contracts_say(demo: Path) -> None:
    settings = load_settings(demo)
    for name, extract in settings.extracts.items():
        path = newest(demo, extract)
        found = contract(draft(path, path.relative_to(demo / "landing").as_posix(), settings.extracts))
        assert (found["kind"], found["files"]) == (extract.kind, extract.files)
        assert found["key"] == (list(extract.key) or "none"), name
        stated = {ours: each.source for ours, each in extract.columns.items() if each.source is not None}
        drafted = sources(found["columns"])
        assert {ours: drafted.get(ours) for ours in stated} == stated, name
        asked = {question.source_columns: question.construct_name for question in extract.questions}
        again = {
            tuple(each.get("columns", [each.get("column")])): each["construct"]
            for each in found.get("questions", ())
        }
        assert again == asked, name


def test_drafts_of_the_demo_company_together_load_every_row(demo: Path, home: Home) -> None:
    drafts: list[str] = []
    kinds = {}
    known: dict[str, Extract] = {}
    for extract in load_settings(demo).extracts.values():
        path = newest(demo, extract)
        relative = path.relative_to(demo / "landing").as_posix()
        home.land(relative, path.read_bytes())
        kinds[relative] = extract.kind
        drafts.append(draft(path, relative, known))
        known = home.settings(COMPANY + "".join(drafts)).extracts
    read = loaded(home, *drafts).values()
    assert {manifest.path: manifest.kind for manifest in read} == kinds
    assert {manifest.path: manifest.rows_rejected for manifest in read} == dict.fromkeys(kinds, 0)
    assert all(manifest.rows_loaded > 0 for manifest in read)


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        ("CDNOW_master.txt", "orders", 69_659),
        ("carpentries_instructor_training_2018.csv", "survey_responses", 967),
        ("online_retail_II_2009_2010.parquet", "order_lines", 525_461),
    ],
)
def test_drafts_of_the_real_data_sets_load_every_row(
    home: Home, real_data: Path, name: str, kind: str, rows: int
) -> None:
    (home.paths.landing / name).symlink_to(real_data / name)
    (manifest,) = loaded(home, draft(real_data / name, name)).values()
    assert (manifest.kind, manifest.rows_loaded, manifest.rows_rejected) == (kind, rows, 0)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: "_and_".join(example.files))
def test_drafts_of_the_files_in_the_documentation_are_of_their_kind_and_load_rows(
    home: Home, example: Example
) -> None:
    kinds = {extract.kind for extract in home.settings(example.settings).extracts.values()}
    for name, (info, text) in example.files.items():
        path = home.land(name, as_delivered(name, info, text))
        written = draft(path, name)
        assert contract(written)["kind"] in kinds, name
        if name not in TOO_FEW_ROWS:
            (manifest,) = loaded(home, written).values()
            assert manifest.rows_loaded > 0, name


def test_the_draft_shown_in_the_documentation_is_the_one_that_is_written(home: Home) -> None:
    files = {name: file for example in EXAMPLES for name, file in example.files.items()}
    [(info, shown)] = [block for block in code_blocks(EXTRACTS, "yaml") if "draft" in block[0]]
    path = home.land(info["draft"], as_delivered(info["draft"], *files[info["draft"]]))
    assert draft(path, info["draft"]) == shown
