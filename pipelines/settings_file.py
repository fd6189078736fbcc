"""Reading a YAML file so that every complaint about it can name its line.

Holds the loader that remembers where each key stands, and the sentences that a validation error becomes. What
the keys mean is in `settings.py` and `ingest/contracts.py`, not here.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipelines.refusal import Refusal

KeyPath = tuple[str | int, ...]
SHOWN_LENGTH = 200
# Of a text that is refused: enough to find it by.


@dataclass(frozen=True)
class SettingsFault:
    """One complaint: where (a path of keys) and what is wrong with it."""

    path: KeyPath
    message: str


class SettingsError(Refusal):
    """The settings file can't be used; the message lists every fault with file, line and key."""


@dataclass(frozen=True)
class YamlFile:
    """A parsed YAML file: its data and the line (from 1) at which each key path stands."""

    path: Path
    data: Any
    lines: dict[KeyPath, int]

    def line_of(self, key_path: KeyPath) -> int:
        """The line of the key, or of the nearest key above it that stands in the file."""
        while key_path and key_path not in self.lines:
            key_path = key_path[:-1]
        return self.lines.get(key_path, 1)

    def refuse(self, faults: Iterable[SettingsFault]) -> None:
        """Raise one error for all faults, in the order of their lines; nothing if there are none."""
        placed = sorted(((self.line_of(fault.path), fault) for fault in faults), key=lambda pair: pair[0])
        if placed:
            lines = [
                f"{self.path} line {line}, {_dotted(fault.path)}: {fault.message}" for line, fault in placed
            ]
            raise SettingsError("\n".join(lines))


class _Loader(yaml.SafeLoader):
    """YAML as people mean it: `true` and `false` are the only booleans, and 10:30 is no number to the base of 60."""


_CLOCK_TIME = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-9]+)+(?:\.[0-9_]*)?$")
_Loader.yaml_implicit_resolvers = {
    first: [
        *([("tag:yaml.org,2002:str", _CLOCK_TIME)] if first in "-+0123456789" else []),
        *((tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"),
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> YamlFile:
    """Parse the file; a missing file, a syntax error or a key given twice is a `SettingsError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"{path} does not exist. A home needs a treue.yml (docs/extracts.md shows one); "
            "TREUE_HOME names the home."
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise SettingsError(f"{path} is empty: docs/extracts.md shows what belongs into it.")
        lines = dict(_lines(node, (), path))
        return YamlFile(path=path, data=loader.construct_document(node), lines=lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{path} line {line}: not valid YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise SettingsError(f"{path} line {line}: not valid YAML: {error.reason}") from None
    except RecursionError:
        raise SettingsError(f"{path}: not valid YAML: brackets or anchors without an end") from None


def _lines(node: yaml.Node, key_path: KeyPath, path: Path) -> Iterator[tuple[KeyPath, int]]:
    if isinstance(node, yaml.ScalarNode):
        _require_text(node, key_path, path)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise SettingsError(
                    f"{path} line {line}, {_dotted(key_path)}: a key must be a word or a number."
                )
            _require_text(key, key_path, path)
            if key.value in seen:
                raise SettingsError(
                    f"{path} line {line}, {_dotted((*key_path, key.value))}: "
                    f"this key stands already in line {seen[key.value]}; keep one of them."
                )
            seen[key.value] = line
            yield (*key_path, key.value), line
            yield from _lines(value, (*key_path, key.value), path)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*key_path, index), value.start_mark.line + 1
            yield from _lines(value, (*key_path, index), path)


def _require_text(node: yaml.ScalarNode, key_path: KeyPath, path: Path) -> None:
    """Refuse by escapes what no file and not every database can hold: a zero, and halves of characters."""
    odd = next((sign for sign in node.value if sign == "\0" or "\ud800" <= sign <= "\udfff"), None)
    if odd is not None:
        line = node.start_mark.line + 1
        raise SettingsError(
            f"{path} line {line}, {_dotted(key_path)}: {odd!r} is not allowed in a text; leave it out."
        )


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[SettingsFault]:
    """pydantic's errors as sentences that say what was allowed."""
    return [SettingsFault(_path(detail), _sentence(detail, model)) for detail in error.errors()]


def _path(detail: ErrorDetails) -> KeyPath:
    return tuple(part for part in detail["loc"] if part != "[key]")


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            return unknown_key(str(detail["loc"][-1]), _allowed_keys(detail["loc"][:-1], model))
        case "missing":
            return "this key is needed and missing"
        case "literal_error":
            return (
                f"{_shown(detail['input'])} is not allowed; allowed: {detail.get('ctx', {}).get('expected')}"
            )
        case _:
            return f"{detail['msg'].removeprefix('Value error, ')} (found {_shown(detail['input'])})"


def _shown(found: object) -> str:
    """What was found, cut where it would bury the rest of the sentence."""
    text = repr(found)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}... of {len(text)} characters"


def unknown_key(key: str, allowed: Iterable[str]) -> str:
    """The sentence for a key that nobody knows, with the nearest one that is known."""
    names = sorted(allowed)
    near = difflib.get_close_matches(key, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown key {_shown(key)}; allowed: {', '.join(names)}{hint}"


def _allowed_keys(location: tuple[str | int, ...], model: type[BaseModel]) -> list[str]:
    """The keys of the model at a location, found by walking the models' fields."""
    current: type[BaseModel] | None = model
    for part in location:
        if current is None:
            return []
        for name, field in current.model_fields.items():
            if part in (name, field.alias):
                current = _model_in(field.annotation)
                break
    return [field.alias or name for name, field in current.model_fields.items()] if current else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as `dict[str, Extract]` or `Column | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)


def _dotted(path: KeyPath) -> str:
    """The keys in one line; one that is no word as Python writes it."""
    return ".".join(_shown(part) if _is_odd(str(part)) else str(part) for part in path) or "the file"


def _is_odd(key: str) -> bool:
    return not key.isprintable() or len(key) > SHOWN_LENGTH
