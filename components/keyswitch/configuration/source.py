"""The stack file itself: where each value stands, and what YAML would silently drop.

Pulumi reads the values; this module adds what gets lost on the way: line numbers and keys written twice.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node

from keyswitch.access_key.errors import InvalidConfiguration, Problem


@dataclass(frozen=True)
class StackFile:
    """A stack file as it was written.

    Attributes:
        name: the path as it is shown in messages.
        config: its `config` map, by full name.
        lines: the line of each key, by its path below `config`.
        duplicates: a problem for each key that stands there twice.
    """

    name: str
    config: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]
    duplicates: tuple[Problem, ...]

    def locate(self, path: tuple[str, ...]) -> str:
        """Where a value was written, `stacks/Pulumi.dev.yaml:7`; empty if nowhere."""
        line = self.lines.get(path)
        return f"{self.name}:{line}" if line else ""


def read(path: Path, name: str | None = None) -> StackFile:
    """Read a stack file.

    Args:
        path: the file.
        name: how it is called in messages; its path as given, if left out.

    Raises:
        InvalidConfiguration: it is not there, or it is not YAML.
    """
    name = name or path.as_posix()
    try:
        text = path.read_text(encoding="utf-8")
        yaml = YAML(typ="safe", pure=True)
        yaml.allow_duplicate_keys = True
        root = yaml.compose(io.StringIO(text))
        loaded = yaml.load(text)
    except OSError as error:
        raise InvalidConfiguration([Problem(f"cannot be read: {error.strerror}", where=name)]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidConfiguration([Problem(f"is not YAML: {error.problem}", where=f"{name}:{line}")]) from None
    except ValueError as error:
        raise InvalidConfiguration([Problem(f"is not YAML: {error}", where=name)]) from None
    config = loaded.get("config") if isinstance(loaded, Mapping) else None
    lines: dict[tuple[str, ...], int] = {}
    duplicates = []
    for key_path, line in _keys(root):
        if key_path[0] != "config" or len(key_path) == 1:
            continue
        path_below = key_path[1:]
        if path_below in lines:
            duplicates.append(
                Problem(
                    f"stands there twice, first in line {lines[path_below]}; YAML would keep only the last",
                    path_below[0] + (f".{'.'.join(path_below[1:])}" if path_below[1:] else ""),
                    f"{name}:{line}",
                )
            )
        lines.setdefault(path_below, line)
    scalars = {k: str(v) if isinstance(v, int) and not isinstance(v, bool) else v for k, v in (config or {}).items()}
    return StackFile(name, scalars, lines, tuple(duplicates))


def stack_file(project: Path, stack: str) -> Path:
    """Where the stack file of a project lies: beside Pulumi.yaml, or in its stackConfigDir.

    Raises:
        InvalidConfiguration: Pulumi.yaml is not YAML.
    """
    folder = project
    manifest = project / "Pulumi.yaml"
    if manifest.is_file():
        try:
            loaded = YAML(typ="safe", pure=True).load(manifest.read_text(encoding="utf-8"))
        except MarkedYAMLError as error:
            raise InvalidConfiguration([Problem(f"is not YAML: {error.problem}", where="Pulumi.yaml")]) from None
        folder = project / str((loaded or {}).get("stackConfigDir") or "")
    return folder / f"Pulumi.{stack}.yaml"


def _keys(node: Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _keys(value, inner)
