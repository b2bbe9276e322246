"""The stack file itself: where each value stands, and what YAML would silently drop.

Pulumi reads the values; this module adds what gets lost on the way: line numbers and keys written twice.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.entry import path_name


@dataclass(frozen=True)
class StackFile:
    """A stack file as it was written.

    Attributes:
        name: the path as it is shown in messages.
        config: its `config` map, by full name.
        lines: the line of each key, by its path below `config`.
        duplicates: a problem for each key that stands there twice.
        secrets_provider: what encrypts the stack's secrets, if it is named.
    """

    name: str
    config: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]
    duplicates: tuple[Problem, ...]
    secrets_provider: str | None = None

    def locate(self, path: tuple[str, ...]) -> str:
        """Where a value was written, `stacks/Pulumi.dev.yaml:7`; the file alone for no path; empty if nowhere."""
        if not path:
            return self.name
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
        written = list(_keys(root))
    except OSError as error:
        raise InvalidConfiguration([Problem(f"cannot be read: {error.strerror}", where=name)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise _not_yaml(error, name) from None
    config = loaded.get("config") if isinstance(loaded, Mapping) else loaded
    if config is not None and not isinstance(config, Mapping):
        line = next((line for path_there, line in written if path_there == ("config",)), 1)
        raise InvalidConfiguration([Problem("expected a map", "config", f"{name}:{line}")])
    lines: dict[tuple[str, ...], int] = {}
    duplicates = []
    for path_there, line in written:
        if path_there[0] != "config":
            continue
        if path_there in lines:
            text = f"stands there twice, first in line {lines[path_there]}; only one of the two would be kept"
            duplicates.append(Problem(text, path_name(path_there[1:] or path_there), f"{name}:{line}"))
        lines.setdefault(path_there, line)
    values = {str(key): _as_pulumi_reads(value) for key, value in (config or {}).items()}
    provider = loaded.get("secretsprovider") if isinstance(loaded, Mapping) else None
    return StackFile(
        name,
        values,
        {where[1:]: line for where, line in lines.items() if where[1:]},
        tuple(duplicates),
        provider if isinstance(provider, str) else None,
    )


def _as_pulumi_reads(value: object) -> object:
    """Numbers directly below `config` are texts to Pulumi."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_yaml(error: Exception, name: str) -> InvalidConfiguration:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    said = error.problem if isinstance(error, MarkedYAMLError) and error.problem else str(error).splitlines()[0]
    return InvalidConfiguration([Problem(f"is not YAML: {said}", where=f"{name}:{mark.line + 1}" if mark else name)])


def stack_file(project: Path, stack: str) -> Path:
    """Where the stack file of a project lies: beside Pulumi.yaml, or in its stackConfigDir.

    Raises:
        InvalidConfiguration: Pulumi.yaml is not YAML.
    """
    return project / str(manifest(project).get("stackConfigDir") or "") / f"Pulumi.{stack}.yaml"


def manifest(project: Path) -> Mapping[str, Any]:
    """A project's Pulumi.yaml; empty if there is none.

    Raises:
        InvalidConfiguration: it is not YAML.
    """
    try:
        loaded = YAML(typ="safe", pure=True).load((project / "Pulumi.yaml").read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (YAMLError, ValueError) as error:
        raise _not_yaml(error, "Pulumi.yaml") from None
    return loaded if isinstance(loaded, Mapping) else {}


def _keys(node: Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _keys(value, inner)
