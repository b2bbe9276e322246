"""One entry of `keyswitch:keys`, and the inputs of one `AccessKeyStatus`: the same fields under the same rules.

The configuration writes IAM's names in camelCase, Python in snake_case; both are accepted by the same model. Names,
defaults and descriptions are those of `access_key/desired.py`; this module adds what is accepted as a value.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from keyswitch.access_key.desired import ENTRY_FIELDS, Desired, OnRemoval
from keyswitch.access_key.errors import Problem
from keyswitch.access_key.model import (
    Status,
    access_key_id_problem,
    looks_like_a_secret,
    shown,
    status_problem,
    user_name_problem,
)
from keyswitch.access_key.policy import GuardName


def _status(value: object) -> Status:
    if problem := status_problem(value):
        raise ValueError(problem)
    return Status(value)


def _user_name(value: object) -> str:
    if problem := user_name_problem(value):
        raise ValueError(problem)
    return str(value)


def _reason(value: str) -> str:
    if not value.strip():
        raise ValueError("a reason says something; leave the line out if there is none")
    return " ".join(value.split())


def _described(name: str) -> Any:  # noqa: ANN401  (as pydantic's own Field)
    field = ENTRY_FIELDS[name]
    return Field(default=field.default, description=field.description)


class Entry(BaseModel):
    """What one access key is to be."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=lambda name: ENTRY_FIELDS[name].setting,
        populate_by_name=True,
        frozen=True,
    )

    # The types say what may be written. A field that is left out has the default of `Desired`, which may be None.
    user_name: Annotated[str, BeforeValidator(_user_name)] = _described("user_name")
    status: Annotated[Status, BeforeValidator(_status)] = _described("status")
    reason: Annotated[str, AfterValidator(_reason)] = _described("reason")
    on_removal: OnRemoval = _described("on_removal")
    allow: frozenset[GuardName] = _described("allow")
    root: Annotated[bool, Field(strict=True)] = _described("root")

    def desired(self, access_key_id: str) -> Desired:
        """The entry as the domain knows it."""
        return Desired(access_key_id, **dict(self))


def parse_entry(access_key_id: object, fields: Mapping[str, Any]) -> tuple[Desired | None, list[Problem]]:
    """Read one entry.

    Returns:
        The wanted state, or None and every problem; the `field` of a problem is the name as it was given.
    """
    problems = entry_problems(fields)
    if problem := access_key_id_problem(access_key_id):
        problems.insert(0, Problem(problem, "access_key_id"))
    if problems:
        return None, problems
    return Entry.model_validate(fields).desired(str(access_key_id)), []


def entry_problems(fields: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with the fields of an entry, whichever key it is for."""
    problems = []
    try:
        Entry.model_validate(fields)
    except ValidationError as error:
        problems += [problem_of(e, accepted(fields, Entry)) for e in error.errors()]
    if fields.get("allow") and not fields.get("reason"):
        problems.append(Problem("needs a reason beside it: say why this change may pass the guard", "allow"))
    if fields.get("root") and (fields.get("user_name") or fields.get("userName")):
        problems.append(Problem("root has no user name: write either root or the owner", "root"))
    return problems


def accepted(fields: Mapping[str, Any], model: type[BaseModel]) -> list[str]:
    """The field names of a model, in the spelling in which the fields were given."""
    snake = any("_" in str(name) for name in fields)
    return [n if snake else (f.alias or n) for n, f in model.model_fields.items()]


_EXPECTED = {
    "dict_type": "expected a map",
    "list_type": "expected a list",
    "frozen_set_type": "expected a list",
    "string_type": "expected a text",
}


def problem_of(error: Mapping[str, Any], names: Iterable[str]) -> Problem:
    """Say one of pydantic's errors in the words of this configuration."""
    field = path_name(error["loc"])
    given = shown(error["input"])
    if error["type"] == "extra_forbidden":
        return Problem(unknown(field, names), field)
    if error["type"] == "value_error":
        return Problem(str(error["ctx"]["error"]), field)
    if error["type"] == "enum":
        return Problem(f"{given} is not accepted: write {error['ctx']['expected']}", field)
    expected = _EXPECTED.get(error["type"], f"{error['msg'][0].lower()}{error['msg'][1:]}")
    return Problem(f"{expected}, not {given}", field)


def unknown(name: str, names: Iterable[str]) -> str:
    """Say that a field does not exist, and which do."""
    names = list(names)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"unknown field; {hint}Accepted: {', '.join(names)}"


def path_name(path: Iterable[object]) -> str:
    """The name of a value in messages, `keyswitch:keys.AKIA….status`; what looks like a secret is not shown."""
    return ".".join("(not shown)" if looks_like_a_secret(str(part)) else str(part) for part in path)
