"""The pipeline's Python modules as syntax trees, and who imports whom.

What must stay out: what is allowed; the tests say that.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PIPELINES = PROJECT / "pipelines"


@dataclass(frozen=True)
class Import:
    """One import, wherever it stands in its module; `target` is a dotted name."""

    target: str
    line: int

    @property
    def package(self) -> str:
        return self.target.partition(".")[0]


@dataclass(frozen=True)
class Module:
    """One module below `pipelines/`."""

    path: Path

    @property
    def place(self) -> str:
        """Its path below `pipelines/`, such as metrics/nps.py."""
        return self.path.relative_to(PIPELINES).as_posix()

    @property
    def name(self) -> str:
        """Its dotted name below `pipelines`, such as metrics.nps."""
        return self.place.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @property
    def layer(self) -> str:
        """The stage it belongs to; a root file is a layer of its own."""
        return self.name.partition(".")[0]

    @property
    def is_root_file(self) -> bool:
        return self.path.parent == PIPELINES

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def imports(self) -> list[Import]:
        return [each for node in ast.walk(self.tree) for each in _imports_of(node)]

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def _imports_of(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno)
    if isinstance(node, ast.ImportFrom):
        target = "." * node.level + (node.module or "")
        for alias in node.names:
            # `from pipelines.metrics import columns` imports a module, not a name of one.
            is_module = (PROJECT / target.replace(".", "/") / f"{alias.name}.py").is_file()
            yield Import(f"{target}.{alias.name}" if is_module else target, node.lineno)


MODULES = [Module(path) for path in sorted(PIPELINES.rglob("*.py"))]


def imports_between_modules(module: Module) -> Iterator[tuple[str, int]]:
    """The modules of the pipeline that a module imports, by their names below `pipelines`, with the line."""
    for each in module.imports:
        if each.package == PIPELINES.name:
            yield each.target.removeprefix(f"{PIPELINES.name}."), each.line
