"""Composes the nodes of a YAML text within limits. Does not interpret them."""

import re
from typing import Any, ClassVar

import yaml
from yaml import Node

from keyswitch.configuration.limits import DEPTH, DIRECTIVES, TOO_DEEP, TOO_MANY, VALUES
from keyswitch.configuration.scalars import RESOLVERS


class Refused(Exception):
    """A text is not read any further: the reason, and the line if it is known."""

    def __init__(self, text: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(text)


def compose(text: str) -> Node | None:
    """Return the root of the nodes; None for an empty text.

    Raises:
        YAMLError: it is not YAML.
        Refused: it exceeds a limit.
    """
    if len(re.findall("^%", text, re.MULTILINE)) > DIRECTIVES:
        raise Refused(f"has more than {DIRECTIVES} directives (%)")
    loader = _Loader(text)
    try:
        return loader.get_single_node()  # type: ignore[no-any-return]
    except (ValueError, OverflowError):  # of the parser in Python
        raise Refused("is not YAML: it names a character that does not exist") from None
    finally:
        loader.dispose()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # (the C one is not everywhere)
    """Counts the nodes and their depth as they are composed: the parser in C calls itself for each level."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0

    def descend_resolver(self, current_node: Node | None, _: Any) -> None:  # noqa: ANN401
        """Begin a node."""
        self._depth += 1
        self._nodes += 1
        if self._depth > DEPTH:
            raise Refused(TOO_DEEP, current_node.start_mark.line + 1 if current_node else None)
        if self._nodes > VALUES:
            raise Refused(TOO_MANY)

    def ascend_resolver(self) -> None:
        """End a node."""
        self._depth -= 1


for _tag, _pattern, _first in RESOLVERS:
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))
