"""Words pydantic's errors in the terms of the configuration. Never shows a value that looks like a secret."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from keyswitch.access_key.errors import Problem
from keyswitch.access_key.secret import without_secrets
from keyswitch.access_key.shown import shown

ONE, SEVERAL = "[one]", "[several]"
"""Tags that distinguish one value from a list of values. Pydantic adds them to the path of an error."""

_NOT_WRITTEN = {"[key]", ONE, SEVERAL}

_EXPECTED = {
    "dict_type": "expected a map",
    "model_type": "expected a map",
    "list_type": "expected a list",
    "frozen_set_type": "expected a list",
    "string_type": "expected a text",
}


def problem_of(error: Mapping[str, Any], names: Iterable[str]) -> Problem:
    """Convert one of pydantic's errors to a problem.

    Args:
        error: an item of `ValidationError.errors`.
        names: the accepted field names, for the message about an unknown field.
    """
    return Problem(text_of(error, names), path_name(path_of(error)))


def path_of(error: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the path of the wrong value; for a missing field, the path of the map that lacks it."""
    path = tuple(str(part) for part in error["loc"] if part not in _NOT_WRITTEN)
    return path[:-1] if error["type"] == "missing" else path


def text_of(error: Mapping[str, Any], names: Iterable[str]) -> str:
    """Return the message: what is wrong and what is accepted."""
    if error["type"] == "missing":
        return f"{error['loc'][-1]} is missing"
    if error["type"] == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), names)
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    given = shown(error["input"])
    if error["type"] == "enum":
        return f"{given} is not accepted: write {error['ctx']['expected']}"
    expected = _EXPECTED.get(error["type"], f"{error['msg'][0].lower()}{error['msg'][1:]}")
    return f"{expected}, not {given}"


def accepted(model: type[BaseModel]) -> list[str]:
    """Return the names of a model's fields, as the configuration spells them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _unknown(name: str, names: Iterable[str]) -> str:
    names = list(names)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"unknown field; {hint}Accepted: {', '.join(names)}"


def path_name(path: Iterable[object]) -> str:
    """Return the name of a value for messages, `keyswitch:keys.AKIA….status`, without parts that look like a secret."""
    return ".".join(without_secrets(str(part)) for part in path)
