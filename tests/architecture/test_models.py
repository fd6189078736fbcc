"""What every dbt model says of itself: its layer, its grain, its contract, its key, its suite."""

import re
from pathlib import Path

import yaml

from pipelines.gate.suites import EXPECTATIONS, load_suite
from pipelines.gate.tables import JUDGED_TABLES
from tests.architecture.models import DBT_PROJECT, PROJECT, Models

LAYERS = {"staging": r"stg_[a-z_]+", "intermediate": r"int_[a-z_]+", "marts": r"(?!stg_|int_)[a-z_]+"}
# Folder, schema and beginning of the name are one noun.
SOURCES = {"raw", "rejected", "context"}
# What the steps before dbt leave in the build.
GRAIN = re.compile(r"(^|\. )One row per [^.]+\.$")
LONGEST_MODEL = 100
PUBLISHED_TABLES = PROJECT / "pipelines" / "publish" / "tables.yml"

JUDGED_MARTS = {table.name for table in JUDGED_TABLES if table.layer == "marts"}


def test_models_live_in_the_folder_schema_and_name_of_their_layer(models: Models) -> None:
    assert models.nodes, "no models were compiled"
    for name, node in models.nodes.items():
        layer = Path(node["original_file_path"]).parts[1]
        assert layer in LAYERS, f"{name} lies in {layer}"
        assert node["schema"] == layer, f"{name} is built in {node['schema']}"
        assert re.fullmatch(LAYERS[layer], name), f"{name} is no name of the layer {layer}"


def test_sources_are_what_the_steps_before_leave(models: Models) -> None:
    assert {source["schema"] for source in models.manifest["sources"].values()} <= SOURCES


def test_staging_alone_reads_raw_tables(models: Models) -> None:
    raw = {key for key, source in models.manifest["sources"].items() if source["schema"] != "context"}
    readers = {name for name, node in models.nodes.items() if raw & set(node["depends_on"]["nodes"])}
    assert {name for name in readers if models.nodes[name]["schema"] != "staging"} == set()


def test_every_description_ends_in_the_grain(models: Models) -> None:
    descriptions = {name: " ".join(node["description"].split()) for name, node in models.nodes.items()}
    assert {name: text for name, text in descriptions.items() if not GRAIN.search(text)} == {}


def test_every_mart_has_an_enforced_contract_over_all_its_columns(models: Models) -> None:
    for name, node in models.nodes.items():
        if node["schema"] == "marts":
            assert node["contract"]["enforced"], f"{name} has no enforced contract"
            built = [row[0] for row in models.build.execute(f"describe marts.{name}").fetchall()]
            assert list(node["columns"]) == built, f"{name}: the contract has other columns than the query"
            bare = [
                c["name"]
                for c in node["columns"].values()
                if not c["data_type"] or not c["description"].strip()
            ]
            assert bare == [], f"{name}: columns without type or description"


def test_the_types_of_the_contracts_are_what_the_queries_give(models: Models) -> None:
    """The suite of tests never runs a contract as dbt does; this is the same comparison."""
    for name, node in models.nodes.items():
        if node["schema"] == "marts":
            built = {
                row[0]: row[1].lower() for row in models.build.execute(f"describe marts.{name}").fetchall()
            }
            promised = {c["name"]: c["data_type"].replace(" ", "") for c in node["columns"].values()}
            assert promised == built, name


def test_every_mart_has_its_key_tested(models: Models) -> None:
    marts = {name for name, node in models.nodes.items() if node["schema"] == "marts"}
    assert marts - set(models.keys_tested()) == set()


def test_the_published_keys_are_the_tested_ones(models: Models) -> None:
    published = yaml.safe_load(PUBLISHED_TABLES.read_text(encoding="utf-8"))["mart_keys"]
    assert set(published) == JUDGED_MARTS
    tested = models.keys_tested()
    assert {name: [key] for name, key in published.items()} == {name: tested[name] for name in published}


def test_every_judged_table_has_its_suite_and_every_suite_its_table() -> None:
    suites = {path.stem for path in EXPECTATIONS.iterdir()}
    assert suites == {table.name for table in JUDGED_TABLES}
    for table in JUDGED_TABLES:
        assert load_suite(table)["expectations"]


def test_every_judged_mart_exists(models: Models) -> None:
    marts = {name for name, node in models.nodes.items() if node["schema"] == "marts"}
    assert JUDGED_MARTS - marts == set()


def test_no_model_is_longer_than_one_idea() -> None:
    files = [*(DBT_PROJECT / "models").rglob("*.sql"), *(DBT_PROJECT / "macros").rglob("*.sql")]
    files += [*(DBT_PROJECT / "tests").rglob("*.sql"), *(PROJECT / "pipelines").rglob("*.sql")]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODEL} == {}


def test_every_model_ends_in_selecting_what_it_called_final(models: Models) -> None:
    endings = {
        model.name: " ".join(model.sql.split())[-len("select * from final") :] for model in models.queries
    }
    assert {name: ending for name, ending in endings.items() if ending != "select * from final"} == {}
