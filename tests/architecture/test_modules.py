"""What holds for every Python module of the pipeline: docstring, size, name, clock, chance, environment."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture.asset_graph import CodeLocation
from tests.architecture.modules import MODULES, PIPELINES, PROJECT, Module

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
# Without its docstring: that of a metric is long because it says everything.

DRAWERS = {"util", "utils", "lib", "libs", "helper", "helpers", "common", "misc"}
# Names that say nothing of what is inside, so that everything ends up there.

READS_THE_CLOCK = {
    "ingest/assets.py",
    "publish/assets.py",
    "jobs.py",
    "release_jobs.py",
    "cli.py",
    "cli_alerts.py",
    "cli_extracts.py",
    "home_lock.py",
    "sensors.py",
}
# Where a run begins or a file is first seen; everything else takes time as an argument.
CLOCKS = {"now", "today", "utcnow"}

READS_TIMES_OF_FILES = {"transform/assets.py"}
# Which of two parses of dbt is newer; of delivered files such a time is never asked, copying changes it.
TIMES_OF_FILES = {"st_mtime", "st_ctime", "st_birthtime", "getmtime", "getctime"}

READS_THE_ENVIRONMENT = {"resources.py", "settings.py", "cli.py"}

HEAVY = {
    "apprise",
    "dbt",
    "great_expectations",
    "duckdb_engine",
    "numpy",
    "openpyxl",
    "pandas",
    "pyarrow",
    "python_calamine",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "statsmodels",
}
# Seconds of imports in all; a step that needs one imports it when it runs. Dagster and dagster-dbt bring none of
# them when they are imported.


def test_every_module_says_what_it_holds() -> None:
    assert [module.place for module in MODULES if not ast.get_docstring(module.tree)] == []


def test_package_files_hold_a_docstring_and_no_code() -> None:
    packages = [module for module in MODULES if module.path.name == "__init__.py"]
    assert [module.place for module in packages if len(module.tree.body) != 1] == []
    folders = {path.parent for path in PIPELINES.rglob("*.py")}
    assert {module.path.parent for module in packages} == folders


def test_no_module_is_longer_than_one_idea() -> None:
    lengths = {module.place: len(module.text.splitlines()) for module in MODULES}
    assert {place: lines for place, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_one_idea() -> None:
    lengths = {
        f"{module.place}:{function.lineno} {function.name}": _lines_without_docstring(function)
        for module in MODULES
        for function in module.functions()
    }
    assert {place: lines for place, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def _lines_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def test_no_file_or_folder_is_a_drawer() -> None:
    sources = [*PIPELINES.rglob("*.*"), *(PROJECT / "tests").rglob("*.*")]
    sources += [
        *(PROJECT / "dbt_project" / "models").rglob("*.*"),
        *(PROJECT / "dbt_project" / "macros").rglob("*.*"),
    ]
    names = {part for path in sources for part in (*path.relative_to(PROJECT).parts[:-1], path.stem)}
    assert {name for name in names if name in DRAWERS or name.removeprefix("_") in DRAWERS} == set()


def test_time_is_an_argument() -> None:
    clocks = [
        place
        for module in MODULES
        if module.place not in READS_THE_CLOCK
        for place in (*_attributes(module, CLOCKS), *_imports(module, {"time"}))
    ]
    assert clocks == []


def test_the_time_of_a_file_decides_nothing() -> None:
    times = [
        place
        for module in MODULES
        if module.place not in READS_TIMES_OF_FILES
        for place in _attributes(module, TIMES_OF_FILES)
    ]
    assert times == []


def test_nothing_is_left_to_chance_without_a_seed() -> None:
    chance = [
        place
        for module in MODULES
        for place in (*_imports(module, {"random", "secrets", "uuid"}), *_unseeded(module))
    ]
    assert chance == []


def _unseeded(module: Module) -> Iterator[str]:
    """Generators without a seed, and Python's `hash`, which differs from process to process."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            is_unseeded = called.endswith("default_rng") and not node.args and not node.keywords
            is_legacy = ".random." in called and not called.endswith("default_rng")
            if is_unseeded or is_legacy or called == "hash":
                yield f"{module.place}:{node.lineno} calls {called}"


def test_the_environment_is_read_in_known_places() -> None:
    readers = [
        place
        for module in MODULES
        if module.place not in READS_THE_ENVIRONMENT
        for place in (
            *_attributes(module, {"environ", "environb", "getenv", "putenv"}),
            *(f"{module.place}:{each.line}" for each in module.imports if each.target == "os.environ"),
        )
    ]
    assert readers == []
    # `from os import environ` would hide its use from the search above.
    hidden = [
        f"{module.place}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module in {"os", "time"}
    ]
    assert hidden == []


def _attributes(module: Module, names: set[str]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            yield f"{module.place}:{node.lineno} uses {ast.unparse(node)}"


def _imports(module: Module, packages: set[str]) -> Iterator[str]:
    for each in module.imports:
        if each.package in packages:
            yield f"{module.place}:{each.line} imports {each.target}"


def test_the_code_location_loads_without_the_heavy_libraries(loaded_elsewhere: CodeLocation) -> None:
    assert "dagster" in loaded_elsewhere.packages
    assert loaded_elsewhere.packages & HEAVY == set()


def test_the_command_line_starts_without_the_orchestrator() -> None:
    script = "import sys, pipelines.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(finished.stdout.split())
    assert "pipelines" in loaded
    assert loaded & (HEAVY | {"dagster", "dbt", "duckdb"}) == set()
