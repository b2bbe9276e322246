"""Reads the files of a configuration with line numbers and duplicate keys. Does not check the values.

Pulumi also reads the stack file, but passes on neither line numbers nor duplicate keys. Only keyswitch reads a keys
file: Pulumi passes its configuration to the program in one environment variable, which Linux limits to 128 kB.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml
from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, YAMLError

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.problems import path_name

_Key = tuple[tuple[str, ...], int]
"""The path of a key in a file, and its line."""


@dataclass(frozen=True)
class Written:
    """The settings in a file.

    Attributes:
        name: the path of the file, for messages.
        config: the settings, by full name.
        lines: the line of each value, by its path.
        duplicates: a problem for each key that is written twice.
        secrets_provider: the stack file's `secretsprovider`, if it has one.
    """

    name: str
    config: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]
    duplicates: tuple[Problem, ...]
    secrets_provider: str | None = None

    def locate(self, path: tuple[str, ...]) -> str:
        """Return the place of a value, `stacks/Pulumi.dev.yaml:7`: the file for an empty path, "" if unknown."""
        if not path:
            return self.name
        line = self.lines.get(path)
        return f"{self.name}:{line}" if line else ""


def read(path: Path, name: str | None = None) -> Written:
    """Read a stack file.

    Args:
        path: the file.
        name: the name in messages; by default the path.

    Raises:
        InvalidConfiguration: the file does not exist or is not YAML.
    """
    name = name or path.as_posix()
    loaded, keys = _load(path, name)
    config = loaded.get("config") if isinstance(loaded, Mapping) else loaded
    if config is not None and not isinstance(config, Mapping):
        line = next((line for where, line in keys if where == ("config",)), 1)
        raise InvalidConfiguration([Problem("expected a map", "config", f"{name}:{line}")])
    lines, duplicates = _lines([(where, line) for where, line in keys if where[0] == "config"], name)
    values = {str(key): _as_pulumi_reads(value) for key, value in (config or {}).items()}
    provider = loaded.get("secretsprovider") if isinstance(loaded, Mapping) else None
    provider = provider if isinstance(provider, str) else None
    return Written(name, values, {where[1:]: line for where, line in lines.items()}, duplicates, provider)


def read_keys(path: Path) -> Written:
    """Read a keys file, which contains the same map as `keyswitch:keys`.

    Raises:
        InvalidConfiguration: the file does not exist, is not YAML, or contains no map.
    """
    name = path.as_posix()
    loaded, keys = _load(path, name, "keyswitch:keysFile")
    if not isinstance(loaded, Mapping):
        text = "expected the access keys: ID to Active, Inactive, or an entry (an empty map {} declares none)"
        raise InvalidConfiguration([Problem(text, "keyswitch:keysFile", f"{name}:1")])
    lines, duplicates = _lines([(("config", "keyswitch:keys", *where), line) for where, line in keys], name)
    return Written(name, {"keyswitch:keys": loaded}, {where[1:]: line for where, line in lines.items()}, duplicates)


def _load(path: Path, name: str, field: str = "") -> tuple[Any, list[_Key]]:
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidConfiguration([Problem(f"cannot be read: {error.strerror}", field, name)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise _not_yaml(error, name) from None


def _lines(keys: Iterable[_Key], name: str) -> tuple[dict[tuple[str, ...], int], tuple[Problem, ...]]:
    """Return the line of each key, and a problem for each key that is written twice."""
    lines: dict[tuple[str, ...], int] = {}
    duplicates = []
    for where, line in keys:
        if where in lines:
            text = f"is written twice, first in line {lines[where]}; YAML would keep only one of them"
            duplicates.append(Problem(text, path_name(where[1:] or where), f"{name}:{line}"))
        lines.setdefault(where, line)
    return lines, tuple(duplicates)


def _as_pulumi_reads(value: object) -> object:
    """Convert a number directly below `config` to text, as Pulumi does."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_yaml(error: Exception, name: str) -> InvalidConfiguration:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    said = error.problem if isinstance(error, MarkedYAMLError) and error.problem else str(error).splitlines()[0]
    return InvalidConfiguration([Problem(f"is not YAML: {said}", where=f"{name}:{mark.line + 1}" if mark else name)])


def stack_file(project: Path, stack: str) -> Path:
    """Return the path of a stack file: in the folder of Pulumi.yaml, or in its stackConfigDir.

    Raises:
        InvalidConfiguration: Pulumi.yaml is not YAML.
    """
    return project / str(manifest(project).get("stackConfigDir") or "") / f"Pulumi.{stack}.yaml"


def manifest(project: Path) -> Mapping[str, Any]:
    """Return the content of a project's Pulumi.yaml; empty if the file does not exist.

    Raises:
        InvalidConfiguration: the file is not YAML.
    """
    try:
        loaded, _ = _parsed((project / "Pulumi.yaml").read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (YAMLError, ValueError) as error:
        raise _not_yaml(error, "Pulumi.yaml") from None
    return loaded if isinstance(loaded, Mapping) else {}


def _parsed(text: str) -> tuple[Any, list[_Key]]:
    """Return the value of a YAML text, and the path and line of each of its keys."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        written = list(_keys(root))
        return loader.construct_document(root) if root is not None else None, written
    finally:
        loader.dispose()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # (not every wheel has the C loader)
    """Reads YAML as Pulumi does, by the core schema of YAML 1.2: `on` is text and `010` is the number 10.

    (https://yaml.org/spec/1.2.2/#103-core-schema)
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


def _int(loader: Any, node: ScalarNode) -> int:  # noqa: ANN401  (the C loader has no types)
    return int(node.value, 0 if node.value[:2] in ("0o", "0x") else 10)


_CORE_SCHEMA = {
    "bool": (r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    "null": (r"~|null|Null|NULL|", [*"~nN", ""]),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        [*"-+.0123456789"],
    ),
    "merge": (r"<<", ["<"]),
}
for _tag, (_pattern, _first) in _CORE_SCHEMA.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", _int)


def _keys(node: Node | None, path: tuple[str, ...] = ()) -> Iterator[_Key]:
    """Yield every key and its line. Of a key that is written twice, only the first stays in the node."""
    if isinstance(node, MappingNode):
        first: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            name = str(key.value)
            yield (*path, name), key.start_mark.line + 1
            yield from _keys(value, (*path, name))
            first.setdefault(name, (key, value))
        node.value = list(first.values())
