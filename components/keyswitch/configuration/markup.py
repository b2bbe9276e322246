"""Reads YAML and JSON with the line of each key, and finds what Pulumi would drop or read differently."""

import gc
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode, YAMLError

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.shown import shown
from keyswitch.configuration.json_text import BadJson, NotJson, check
from keyswitch.configuration.limits import (
    DEPTH,
    HALF,
    NAME,
    TOO_DEEP,
    TOO_LONG,
    TOO_MANY,
    TOO_WIDE,
    VALUES,
    WIDTH,
    is_whole,
)
from keyswitch.configuration.nodes import Refused, compose
from keyswitch.configuration.scalars import MAP, MERGE, NO_TEXT, SEQ, STR, TAGGED, Unclear, meaning

Place = tuple[str, ...]


@dataclass
class Parsed:
    """The content of a text.

    Attributes:
        value: the value of the text.
        lines: the line of each key, by its path.
        duplicates: path, line and first line of each key that is written twice; the first is kept.
        unclear: path, line and problem of each value that Pulumi would read differently; it is kept as text.
    """

    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    duplicates: list[tuple[Place, int, int]] = field(default_factory=list)
    unclear: list[tuple[Place, int, str]] = field(default_factory=list)


def parse(
    text: str, name: str, only: Collection[str] | None = None, setting: Callable[[str], str] | None = None
) -> Parsed:
    """Read a text. It is JSON if its name ends in `.json`, YAML otherwise.

    Args:
        text: the whole content of a file.
        name: the name of the file, for messages.
        only: the top-level keys that are read; by default all.
        setting: returns the full name of a key directly below `config`.

    Raises:
        InvalidConfiguration: it is not YAML, or exceeds a limit.
    """
    reading = _Reading(only, setting)
    try:
        with _without_garbage_collection():
            root = compose(_as_yaml(text) if name.endswith(".json") else text)
            if root is not None:
                reading.parsed.value = reading.value(root, ())
        return reading.parsed
    except Refused as error:
        said, line = str(error), error.line
    except NotJson as error:
        said, line = f"is not JSON: {error}", error.line
    except BadJson as error:
        said, line = str(error), None
    except YAMLError as error:
        said, line = _not_yaml(error)
    except RecursionError:  # a map that is merged into itself
        said, line = TOO_DEEP, None
    raise InvalidConfiguration([Problem(said, where=f"{name}:{line}" if line else name)])


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Pause garbage collection: the tree contains no garbage, and looking for it takes more than half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _not_yaml(error: YAMLError) -> tuple[str, int | None]:
    if not isinstance(error, MarkedYAMLError) or not error.problem:
        return f"is not YAML: {str(error).splitlines()[0]}", None
    said = error.problem
    if said == "but found another document":
        said = "there is a second document (---), which Pulumi would ignore"
    return f"is not YAML: {said}", error.problem_mark.line + 1 if error.problem_mark else None


def _as_yaml(text: str) -> str:
    """Convert JSON to YAML with the same lines. YAML has no surrogate pairs, and does not allow every character."""
    check(text)
    paired = _ESCAPE.sub(lambda escape: _character(escape["pair"]) if escape["pair"] else escape[0], text)
    return _NOT_ASCII.sub(lambda char: f"\\U{ord(char[0]):08x}", paired)


_ESCAPE = re.compile(r"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|.)")
_NOT_ASCII = re.compile(r"[^\x00-\x7e]")


def _character(pair: str) -> str:
    return bytes.fromhex(pair[1:5] + pair[7:]).decode("utf-16-be")


class _Reading:
    """Reads one tree of nodes."""

    def __init__(self, only: Collection[str] | None, setting: Callable[[str], str] | None) -> None:
        self.parsed = Parsed()
        self._only = only
        self._setting = setting
        self._left = VALUES

    def value(self, node: Node, path: Place) -> Any:  # noqa: ANN401  (whatever it holds)
        self._count(1, node)
        line = node.start_mark.line + 1
        if len(path) > DEPTH:
            raise Refused(TOO_DEEP, line)
        if isinstance(node, ScalarNode):
            if not is_whole(node.value):
                raise Refused(HALF, line)
            try:
                return meaning(node.tag, node.value, bool(node.style))
            except Unclear as error:
                text = str(error) if str(error) == TAGGED else f"{shown(node.value)} {error}"
                self.parsed.unclear.append((path, line, text))
                return node.value
        if node.tag not in (MAP, SEQ):
            self.parsed.unclear.append((path, line, TAGGED))
        if len(node.value) > WIDTH:
            raise Refused(TOO_WIDE, line)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, str(n))) for n, item in enumerate(node.value)]
        return self._map(node, path)

    def _map(self, node: Node, path: Place) -> dict[str, Any]:
        self._count(len(node.value), node)
        found: dict[str, Any] = {}
        first: dict[str, int] = {}
        merged: list[Node] = []
        for key, value in node.value:
            if key.tag == MERGE and not key.style:
                merged.append(value)
                continue
            line = key.start_mark.line + 1
            name = self._name(key, path)
            if self._only is not None and not path and name not in self._only:
                continue
            place = (*path, name)
            if key.tag != STR or name == "<<":  # Pulumi merges a quoted "<<", too
                self.parsed.unclear.append((place, line, NO_TEXT))
            item = self.value(value, place)
            if name in first:
                self.parsed.duplicates.append((place, line, first[name]))
            else:
                first[name] = line
                self.parsed.lines.setdefault(place, line)
                found[name] = item
        for source in self._sources(merged):
            for name, item in self._map(source, path).items():
                found.setdefault(name, item)
        return found

    def _name(self, key: Node, path: Place) -> str:
        name = str(key.value) if isinstance(key, ScalarNode) else "?"
        if len(name) > NAME:
            raise Refused(TOO_LONG, key.start_mark.line + 1)
        if not is_whole(name):
            raise Refused(HALF, key.start_mark.line + 1)
        return self._setting(name) if self._setting and path == ("config",) else name

    def _sources(self, merged: list[Node]) -> Iterator[Node]:
        """Yield the maps that are merged into a map (`<<`), in order of precedence."""
        for node in merged:
            for source in node.value if isinstance(node, SequenceNode) else [node]:
                self._count(1, source)
                if not isinstance(source, MappingNode):
                    raise Refused("is not YAML: << takes a map, or a list of maps", source.start_mark.line + 1)
                yield source

    def _count(self, nodes: int, node: Node) -> None:
        self._left -= nodes
        if self._left < 0:
            raise Refused(TOO_MANY, node.start_mark.line + 1)
