"""Says what pydantic found wrong, in the words of the configuration. Shows nothing that looks like a secret."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from keyswitch.access_key.errors import Problem
from keyswitch.access_key.secret import without_secrets
from keyswitch.access_key.shown import shown

ONE, SEVERAL = "[one]", "[several]"
"""Tags by which a model tells one value from a list of them; pydantic puts them into the path of an error."""

_NOT_WRITTEN = {"[key]", ONE, SEVERAL}

_EXPECTED = {
    "dict_type": "expected a map",
    "model_type": "expected a map",
    "list_type": "expected a list",
    "frozen_set_type": "expected a list",
    "string_type": "expected a text",
}


def problem_of(error: Mapping[str, Any], names: Iterable[str]) -> Problem:
    """Turn one of pydantic's errors into a problem.

    Args:
        error: as `ValidationError.errors` lists it.
        names: the fields that are accepted, for a field that is not.
    """
    return Problem(text_of(error, names), path_name(path_of(error)))


def path_of(error: Mapping[str, Any]) -> tuple[str, ...]:
    """Where an error was written; for something that is missing, where it should be added."""
    path = tuple(str(part) for part in error["loc"] if part not in _NOT_WRITTEN)
    return path[:-1] if error["type"] == "missing" else path


def text_of(error: Mapping[str, Any], names: Iterable[str]) -> str:
    """What is wrong, and what is accepted instead."""
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
    """The names of a model's fields, as the configuration spells them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _unknown(name: str, names: Iterable[str]) -> str:
    names = list(names)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"unknown field; {hint}Accepted: {', '.join(names)}"


def path_name(path: Iterable[object]) -> str:
    """The name of a value in messages, `keyswitch:keys.AKIA….status`; what looks like a secret is not shown."""
    return ".".join(without_secrets(str(part)) for part in path)
