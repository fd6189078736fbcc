"""The documentation says what the code does: settings, published tables, reasons, commands, links.

Every list is derived from the code. What must stay out: whether the words are good ones.
"""

import ast
import csv
import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from pipelines.ingest.kinds import KINDS, ORDER_STATUSES
from pipelines.ingest.presets import PRESETS
from pipelines.ingest.rejects import REASONS
from pipelines.ingest.rows import LEFT_OUT
from pipelines.publish.descriptions import PublishedTable, published_tables
from pipelines.settings import Definitions, Settings, read_settings

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"
EXTRACTS, TABLES = DOCS / "extracts.md", DOCS / "tables.md"
PAGES = sorted([*PROJECT.glob("*.md"), *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
METRICS = PROJECT / "pipelines" / "metrics"
METRIC_NAMES = PROJECT / "dbt_project" / "seeds" / "metric_names.csv"
MODELS = PROJECT / "dbt_project"

LONGEST_DECISION = 60
# A page: context, choice, consequence.


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def of(page: Path) -> str:
    """The page's path in the project, as a test's name."""
    return page.relative_to(PROJECT).as_posix()


def code_blocks(page: Path, language: str) -> Iterator[tuple[dict[str, str], str]]:
    """The fenced blocks of a language: what stands behind it (`title=treue.yml`) and their text."""
    for info, text in re.findall(rf"^```{language}\b(.*)\n((?:.*\n)*?)```$", read(page), re.MULTILINE):
        yield dict(re.findall(r"(\w+)=(\S+)", info)), text


def sections(page: Path) -> dict[str, str]:
    """The text below each heading of the second level, by heading."""
    _, *parts = re.split(r"^## ", read(page), flags=re.MULTILINE)
    return {title: text for title, _, text in (part.partition("\n") for part in parts)}


def first_cells(text: str) -> set[str]:
    """The names that stand alone, as code, in the first column of a table."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def said(page: Path) -> set[str]:
    """Everything that the page sets as code between single back ticks."""
    without_blocks = re.sub(r"^```(?:.*\n)*?```$", "", read(page), flags=re.MULTILINE)
    return set(re.findall(r"`([^`\n]+)`", without_blocks))


def models_of(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    """The model and all models that its fields hold, at any depth."""
    seen = set() if seen is None else seen
    seen.add(model)
    for field in model.model_fields.values():
        for found in _models_in(field.annotation):
            if found not in seen:
                models_of(found, seen)
    return seen


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


def _literals_in(annotation: object) -> Iterator[str]:
    if typing.get_origin(annotation) is typing.Literal:
        yield from (
            choice for choice in typing.get_args(annotation) if str(choice).isalnum() or "_" in str(choice)
        )
    else:
        for argument in typing.get_args(annotation):
            yield from _literals_in(argument)


SETTINGS_FIELDS = [
    (field.alias or name, field)
    for model in models_of(Settings)
    for name, field in model.model_fields.items()
]


# The settings file


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_every_whole_settings_file_in_the_documentation_is_valid(page: Path, tmp_path: Path) -> None:
    for number, (info, text) in enumerate(code_blocks(page, "yaml")):
        assert yaml.safe_load(text) is not None
        if info.get("title") == "treue.yml":
            file = tmp_path / f"{number}.yml"
            file.write_text(text, encoding="utf-8")
            read_settings(file)


def test_the_page_on_extracts_shows_whole_settings_files() -> None:
    assert sum(info.get("title") == "treue.yml" for info, _ in code_blocks(EXTRACTS, "yaml")) >= 5


def test_a_settings_file_that_is_quoted_from_the_project_is_the_one_that_is_there() -> None:
    quoted = [(info["from"], text) for info, text in code_blocks(EXTRACTS, "yaml") if "from" in info]
    assert quoted
    for source, text in quoted:
        assert text == read(PROJECT / source), source


def test_every_key_of_the_settings_is_explained() -> None:
    assert sorted({key for key, _ in SETTINGS_FIELDS} - said(EXTRACTS)) == []


def test_every_word_that_a_setting_may_hold_is_named() -> None:
    words = {word for _, field in SETTINGS_FIELDS for word in _literals_in(field.annotation)}
    assert sorted(words - said(EXTRACTS) - {"1.0", "2.0"}) == []


def test_the_defaults_of_the_definitions_are_those_of_the_code() -> None:
    text = sections(EXTRACTS)["What is in the file"]
    rows = dict(re.findall(r"^\| `(\w+)` \| `?([^|`]+?)`? \|", text, re.MULTILINE))
    defaults = {key: str(field.default) for key, field in Definitions.model_fields.items()}
    assert {key: rows[key] for key in defaults} == defaults


def test_every_column_and_status_of_a_kind_is_named() -> None:
    names = {column for kind in KINDS.values() for column in kind.columns} | set(KINDS) | set(ORDER_STATUSES)
    assert sorted(names - said(EXTRACTS)) == []


def test_what_a_preset_gives_is_named() -> None:
    text = sections(EXTRACTS)["Extracts"].partition("### Presets")[2].partition("\n### ")[0]
    assert first_cells(text) - {"preset"} == set(PRESETS)
    for name, preset in PRESETS.items():
        [row] = re.findall(rf"^\| `{name}` \| (.*)$", text, re.MULTILINE)
        sources = [
            column if isinstance(column, str) else column["from"] for column in preset["columns"].values()
        ]
        reasons = [rule["reason"] for rule in preset.get("leave_out", ())]
        assert [word for word in (*sources, *reasons) if word not in row] == []


# The published tables


@pytest.mark.parametrize("table", published_tables().values(), ids=lambda table: table.name)
def test_every_published_table_has_its_section_with_key_and_exactly_its_columns(
    table: PublishedTable,
) -> None:
    text = sections(TABLES).get(table.name)
    assert text is not None, f"docs/tables.md has no section {table.name}"
    # The history repeats all columns of the figures; its page says so once.
    repeated = set(published_tables()["metric_values"].columns) if table.name == "metric_history" else set()
    own_text = text.partition("\n### ")[0]
    columns = first_cells(re.split(r"^\| stage \|", own_text, flags=re.MULTILINE)[0])
    assert columns == set(table.columns) - repeated
    [key] = re.findall(r"^Key: ((?:.|\n)*?)\n\n", own_text, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", key)) >= set(table.key) - repeated
    assert f"`{table.name}`" in read(PROJECT / "CHANGELOG.md")


def test_no_section_describes_a_table_that_is_not_published() -> None:
    assert set(sections(TABLES)) == set(published_tables())


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_queries_ask_for_tables_that_are_published(page: Path) -> None:
    assert set(re.findall(r"\bloyalty\.(\w+)", read(page))) <= set(published_tables())


def labelled_metrics() -> set[str]:
    """The names of all metrics that the seed labels; the gate holds the computed ones to it."""
    with METRIC_NAMES.open(encoding="utf-8", newline="") as rows:
        return {row["metric"] for row in csv.DictReader(rows)}


def test_every_metric_is_defined_and_no_other() -> None:
    text = sections(TABLES)["metric_values"].partition("### Metrics")[2].partition("### Intervals")[0]
    assert first_cells(text) == labelled_metrics()


def suppression_reasons() -> set[str]:
    """Every text that a metric's module puts into `reasons`, by literal or by constant."""
    trees = [ast.parse(read(file)) for file in METRICS.rglob("*.py")]
    constants = {
        ast.unparse(node.targets[0]): node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    texts: set[object] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).split("[")[0] == "reasons":
            parts = list(ast.walk(node.value))
            texts |= {constants.get(part.id) for part in parts if isinstance(part, ast.Name)}
            texts |= {part.value for part in parts if isinstance(part, ast.Constant)}
    return {text for text in texts if isinstance(text, str)}


def test_every_reason_for_a_missing_value_is_explained() -> None:
    reasons = suppression_reasons()
    assert {"no_observations", "not_yet_observed", "no_buyers"} <= reasons
    text = sections(TABLES)["metric_values"].partition("### When a value is null")[2]
    assert first_cells(text) == reasons


def left_out_reasons() -> set[str]:
    """The reasons of rejected rows, and those that the models write."""
    staging = "".join(read(file) for file in (MODELS / "models" / "staging").glob("stg_*_rows.sql"))
    repeats = read(MODELS / "macros" / "find_repeats.sql")
    later = "".join(read(file) for file in (MODELS / "models").rglob("*.sql"))
    return (
        {*REASONS, f"{LEFT_OUT}<reason>"}
        | set(re.findall(r"then '(\w+)'", staging))
        | set(re.findall(r"(?:then|else) '(\w+)'", repeats))
        | set(re.findall(r"'(\w+)' as reason", later))
    )


def test_every_reason_of_left_out_rows_is_explained_and_no_other() -> None:
    text = sections(TABLES)["left_out"]
    explained = set(re.findall(r"^\| (?:ingest|transform) \| `([^`]+)` \|", text, re.MULTILINE))
    assert explained == left_out_reasons()


# Every page


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_links_lead_to_files_and_headings_of_the_project(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{of(page)}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", read(file), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{of(page)}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_commands_are_targets_of_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read(PROJECT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^|&& )make ([a-z]+)\b", read(page), re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", DECISIONS, ids=of)
def test_a_decision_states_context_choice_and_consequence_on_a_page(page: Path) -> None:
    assert list(sections(page)) == ["Context", "Choice", "Consequence"]
    assert len(read(page).splitlines()) <= LONGEST_DECISION


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
