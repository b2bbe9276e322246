"""Reads JSON text as strictly as YAML: with no duplicate keys, and within limits."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from keyswitch.access_key.shown import shown
from keyswitch.configuration.limits import (
    DEPTH,
    DIGITS,
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


class BadJson(ValueError):
    """Why a text that is JSON is not accepted."""


class NotJson(ValueError):
    """Why a text is not JSON, and in which line."""

    def __init__(self, text: str, line: int) -> None:
        self.line = line
        super().__init__(text)


def decoded(text: str) -> Any:  # noqa: ANN401  (whatever the text holds)
    """Return the value of a JSON text.

    Raises:
        NotJson: it is not JSON.
        BadJson: it has a duplicate key, exceeds a limit, or contains half a surrogate pair.
    """
    return _checked(text, _named_once)


def as_objects(config: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the settings with maps and lists decoded from JSON text, and (name, problem) for each refused text."""
    values, problems = {}, []
    for name, value in config.items():
        values[name] = value
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            try:
                values[name] = decoded(value)
            except NotJson:
                pass  # other text may begin like JSON
            except BadJson as error:
                problems.append((name, str(error)))
                del values[name]
    return values, problems


def check(text: str) -> None:
    """Check a JSON text, except for duplicate keys.

    Raises:
        NotJson: it is not JSON.
        BadJson: it exceeds a limit, or contains half a surrogate pair.
    """
    _checked(text, dict)


def _checked(text: str, pairs: Any) -> Any:  # noqa: ANN401
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=_int, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.lineno) from None
    except RecursionError:
        raise BadJson(TOO_DEEP) from None
    _check_limits(value)
    return value


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise BadJson(f"{shown(name)} is written twice; only one of them would be kept")
    return found


def _int(digits: str) -> int:
    if len(digits) > DIGITS:
        raise BadJson(f"holds a number of {len(digits)} digits")
    return int(digits)


def _no_constant(name: str) -> None:
    raise BadJson(f"{name} is not JSON")


def _check_limits(value: object) -> None:
    level, left = [value], VALUES
    for _ in range(DEPTH + 1):
        left -= len(level)
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                if any(len(name) > NAME for name in item):
                    raise BadJson(TOO_LONG)
                below += item
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and not is_whole(item):
                raise BadJson(HALF)
            if isinstance(item, (dict, list)) and len(item) > WIDTH:
                raise BadJson(TOO_WIDE)
        if len(below) > left:
            raise BadJson(TOO_MANY)
        if not below:
            return
        level = below
    raise BadJson(TOO_DEEP)
