"""Which module may know the orchestrator, and which layer may know which other."""

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.modules import MODULES, Module, imports_between_modules

EDGE_FILES = {"assets.py", "checks.py", "translator.py"}
# The files of a stage that may import dagster; the root files of `pipelines/` may too.

ALLOWED = {
    "paths": {"refusal"},
    # The base of all errors that a person can mend.
    "refusal": set(),
    "settings_file": {"refusal"},
    "home_lock": {"refusal"},
    # Dagster's, and not the pipeline's: it knows nothing of a home but the folder.
    "event_log": set(),
    "dbt_apart": set(),
    # How texts of a company stand in what Dagster shows.
    "markdown_text": set(),
    "disk_faults": {"paths", "refusal"},
    # The settings hold one contract per extract; how an extract is read is not theirs to know.
    "settings": {
        "paths",
        "settings_file",
        "ingest.contracts",
        "ingest.contract_rules",
        "ingest.identity_rules",
    },
    # Whoever takes the home completes an erasure that a killed run has left, before anything else.
    "resources": {
        "dbt_apart",
        "disk_faults",
        "home_lock",
        "paths",
        "refusal",
        "settings",
        "privacy.erasure",
        "publish.postgres",
        "publish.settling",
        "publish.compared",
        "gate.earlier",
    },
    "partitions": {"settings"},
    "jobs": {"as_of", "dbt_apart", "resources", "ingest.lake", "ingest.load", "privacy", "transform.build"},
    "release_jobs": {"publish", "resources"},
    "as_of": {"paths", "refusal", "settings", "ingest.lake"},
    "schedules": {"as_of", "jobs", "partitions", "resources"},
    # Who is erased and what is pruned is kept elsewhere; ingest asks before it reads.
    "ingest": {
        "markdown_text",
        "paths",
        "refusal",
        "settings",
        "settings_file",
        "resources",
        "privacy.suppression",
        "privacy.pruned",
    },
    # What is taken out again: it knows how lake and warehouse are written, and not what is computed from them.
    "privacy": {
        "paths",
        "refusal",
        "settings",
        "ingest",
        "gate.fingerprint",
        "gate.sql_text",
        # All that readers read, or can be given again.
        "publish",
    },
    # What the stage before left: the kinds of raw tables and the committed files, not how they were read.
    "transform": {
        "dbt_apart",
        "refusal",
        "settings",
        "partitions",
        "resources",
        "ingest.kinds",
        "ingest.lake",
        "privacy.pruned",
    },
    # The build is opened by its day; the marts in it are named in SQL.
    "metrics": {"markdown_text", "settings", "partitions", "resources", "transform.build"},
    "gate": {"refusal", "settings", "resources", "transform.build"},
    "publish": {
        "paths",
        "partitions",
        "refusal",
        "resources",
        "transform.build",
        # The words that describe the columns.
        "metrics.result_tables",
        # What is published is what was judged, and only that.
        "gate.tables",
        "gate.suites",
        "gate.verdict",
        # What the gate compares with is a release.
        "gate.earlier",
        "gate.fingerprint",
        "gate.sql_text",
    },
    # What a run would say, and a first contract for a new file: both read as ingest does, and keep nothing.
    "check": {"ingest", "paths"},
    "draft": {"ingest"},
    # The demo company stands apart: it writes extracts as a shop would, and knows nothing of who reads them.
    "demo": set(),
    # What is told leaves the house: facts come from manifests and from what is written for everybody.
    "alerts": {"paths", "settings", "settings_file", "publish.releases"},
    "run_events": {"markdown_text", "refusal", "alerts"},
    "sensors": {"alerts", "resources", "run_events"},
    "definitions": {
        "jobs",
        "release_jobs",
        "resources",
        "schedules",
        "sensors",
        "ingest.assets",
        "transform.assets",
        "metrics.assets",
        "metrics.purchases.assets",
        "metrics.surveys.assets",
        "gate.checks",
        "publish.assets",
    },
    "cli_alerts": {"alerts", "paths", "refusal", "resources", "run_events", "settings"},
    "cli_extracts": {
        "paths",
        "refusal",
        "resources",
        "settings",
        "settings_file",
        "ingest",
        "check",
        "draft",
    },
    "cli": {
        "alerts.telling",
        "as_of",
        "cli_alerts",
        "cli_extracts",
        "definitions",
        "disk_faults",
        "home_lock",
        "partitions",
        "paths",
        "refusal",
        "resources",
        "run_events",
        "settings",
        "settings_file",
        "demo.home",
        "gate.verdict",
        "privacy.pruned",
        "publish.headline",
    },
}
# By layer, what it may import beside itself: a whole layer or single modules of one. Nothing flows back.

KNOWN_VIOLATIONS: set[str] = set()
# Imports against the table, as "module -> module". May only shrink: a mended one has to leave this list.


def _knows_dagster(module: Module) -> bool:
    return any(each.package == "dagster" or each.package.startswith("dagster_") for each in module.imports)


def test_dagster_is_imported_at_the_edge_alone() -> None:
    inside = [
        module.place
        for module in MODULES
        if _knows_dagster(module) and not module.is_root_file and module.path.name not in EDGE_FILES
    ]
    assert inside == []


def test_what_is_not_at_the_edge_does_not_import_what_is() -> None:
    aware = {module.name for module in MODULES if _knows_dagster(module)}
    through_another = [
        f"{module.place}:{line} imports {target}"
        for module in MODULES
        if not module.is_root_file and module.path.name not in EDGE_FILES
        for target, line in imports_between_modules(module)
        if target in aware
    ]
    assert through_another == []


def test_every_layer_imports_only_what_the_table_allows() -> None:
    against = {
        f"{module.name} -> {target}"
        for module in MODULES
        for target, _ in imports_between_modules(module)
        if not _is_allowed(module.layer, target)
    }
    assert against == KNOWN_VIOLATIONS


def _is_allowed(layer: str, target: str) -> bool:
    target_layer = target.partition(".")[0]
    return target_layer == layer or bool({target, target_layer} & ALLOWED.get(layer, set()))


def test_the_table_allows_nothing_that_nobody_uses() -> None:
    targets = {
        (module.layer, each)
        for module in MODULES
        for target, _ in imports_between_modules(module)
        for each in (target, target.partition(".")[0])
    }
    unused = [
        f"{layer} -> {target}"
        for layer, allowed in ALLOWED.items()
        for target in sorted(allowed)
        if (layer, target) not in targets
    ]
    assert unused == []


def test_every_layer_stands_in_the_table() -> None:
    assert {module.layer for module in MODULES} - {"__init__"} == set(ALLOWED)


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    graph = {module.name: {target for target, _ in imports_between_modules(module)} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_imports_are_absolute_and_spelled_out() -> None:
    """What is imported by a name made at run time, or relative to a folder, escapes the tests above."""
    hidden = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in MODULES
        for each in module.imports
        if each.target.startswith(".")
        or (
            each.package in {"importlib", "pkgutil", "runpy"}
            and not each.target.startswith("importlib.metadata")
        )
    ]
    assert hidden == []
    dynamic = [module.place for module in MODULES if "__import__" in module.text]
    assert dynamic == []
