"""Finds the place of each map in a YAML or JSON text, to the character. Interprets no values."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from yaml import CollectionNode, MappingNode, Node, ScalarNode

from keyswitch.configuration.nodes import compose
from keyswitch.configuration.scalars import MERGE

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line of YAML 1.1, which the parser reads."""


@dataclass(frozen=True)
class Member:
    """A key of a map, with its value.

    Attributes:
        name: the key, as text.
        start: where the key begins.
        column: where in its line.
        key_end: where the key ends.
        end: where the value ends.
    """

    name: str
    start: int
    column: int
    key_end: int
    end: int
    _value: "Callable[[], Map | None]"

    @property
    def map(self) -> "Map | None":
        """The value, if it is a map or nothing at all. That of an alias stands elsewhere."""
        return self._value()


@dataclass(frozen=True)
class Map:
    """A map. Nothing at all (`keys:`, `keys: null`) counts as an empty one.

    Attributes:
        start: where it begins, after an anchor or a tag.
        end: where it ends.
        is_block: whether each member has its own line, without braces.
        members: in the order of the text.
    """

    start: int
    end: int
    is_block: bool
    members: tuple[Member, ...] = ()


def layout(text: str, is_json: bool) -> Map | None:
    """Return the map that the text is; None if it is something else.

    Args:
        text: what the reader has accepted.
        is_json: whether it is JSON.

    Raises:
        YAMLError, Refused: it is not YAML.
    """
    if is_json:
        return _of_json(text, _skip(text, 0))
    root = compose(text)
    return Map(len(text), len(text), is_block=True) if root is None else _of_node(text, root)


def _of_node(text: str, node: Node) -> Map | None:
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, ScalarNode):
        is_nothing = not node.style and node.value in ("", "~", "null", "Null", "NULL")
        return Map(end - len(node.value), end, is_block=True) if is_nothing else None
    if not isinstance(node, MappingNode):
        return None
    if node.flow_style:
        start = text.find("{", start, end)  # after an anchor
    members = tuple(_member(text, key, value) for key, value in node.value)
    return Map(start, end if node.flow_style or not members else members[-1].end, not node.flow_style, members)


def _member(text: str, key: Node, value: Node) -> Member:
    key_end = _end(text, key, key.start_mark.index)
    name = str(key.value) if isinstance(key, ScalarNode) and key.tag != MERGE else ""
    column = key.start_mark.column
    end = _end(text, value, key_end)
    return Member(name, key.start_mark.index, column, key_end, end, partial(_of_node, text, value))


def _end(text: str, node: Node, after: int) -> int:
    """Return where the text of a node ends; its own mark may come after comments.

    Args:
        text: the whole text.
        node: the node. A node that begins earlier than it can stands elsewhere: the text is an alias.
        after: the earliest place.
    """
    if node.start_mark.index < after:
        alias = _ALIAS.match(text, after)
        return alias.end() if alias else after
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    if isinstance(node, MappingNode):
        return _end(text, last[1], _end(text, last[0], last[0].start_mark.index))
    return _end(text, last, _end(text, node.value[-2], after) if len(node.value) > 1 else after)


_ALIAS = re.compile(r"[\s:-]*\*[\w-]+")


def _of_json(text: str, start: int) -> Map | None:
    if text[start : start + 1] != "{":
        return None
    members, at = [], _skip(text, start + 1)
    while text[at] != "}":
        name, key_end = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, key_end) + 1)
        end = _DECODER.raw_decode(text, value)[1]
        column = at - text.rfind("\n", 0, at) - 1
        members.append(Member(name, at, column, key_end, end, partial(_of_json, text, value)))
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return Map(start, at + 1, False, tuple(members))


_DECODER = json.JSONDecoder()


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


_SPACE = re.compile(r"[ \t\n\r]*")
