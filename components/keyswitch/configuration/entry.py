"""The model of one entry of `keyswitch:keys`, which also checks the inputs of one `AccessKeyStatus`. Reads no files.

The configuration spells IAM's names in camelCase, Python in snake_case; the model accepts both. Names, defaults and
descriptions come from `access_key/desired.py`. This module defines the accepted values.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from keyswitch.access_key.desired import ENTRY_FIELDS, Desired, OnRemoval
from keyswitch.access_key.errors import Problem
from keyswitch.access_key.model import Status, access_key_id_problem, status_problem, user_name_problem
from keyswitch.access_key.policy import GuardName
from keyswitch.access_key.shown import is_visible, line
from keyswitch.configuration.leaks import LEAK, leaks
from keyswitch.configuration.problems import accepted, path_name, problem_of
from keyswitch.configuration.values import Truth


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
        raise ValueError("is empty: write a reason or leave the line out")
    text = " ".join(value.split())
    if not is_visible(text):
        raise ValueError(
            "contains what a terminal, a log or Pulumi would hide or execute instead of showing it; remove what is "
            f"escaped here: {line(text, 200)}"
        )
    return text


_UserName = Annotated[
    str,
    BeforeValidator(_user_name),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_+=,.@-]{1,128}$"}),
]


def _described(name: str) -> Any:  # noqa: ANN401  (like pydantic's own Field)
    field = ENTRY_FIELDS[name]
    return Field(default=field.default, description=field.description)


class Entry(BaseModel):
    """The wanted state of one access key."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=lambda name: ENTRY_FIELDS[name].setting,
        populate_by_name=True,
        frozen=True,
    )

    # The types are those of written values. A field that is left out has the default of `Desired`, possibly None.
    user_name: _UserName = _described("user_name")
    status: Annotated[Status, BeforeValidator(_status)] = _described("status")
    reason: Annotated[str, AfterValidator(_reason)] = _described("reason")
    on_removal: OnRemoval = _described("on_removal")
    allow: frozenset[GuardName] = _described("allow")
    root: Truth = _described("root")

    def desired(self, access_key_id: str) -> Desired:
        """Convert the entry to the domain's type."""
        return Desired(access_key_id, **dict(self))


def parse_entry(access_key_id: object, fields: Mapping[str, Any]) -> tuple[Desired | None, list[Problem]]:
    """Read one entry.

    Returns:
        The wanted state, or None and every problem. The `field` of a problem is the name as it was given.
    """
    entry, problems = _checked(fields)
    if problem := access_key_id_problem(access_key_id):
        problems.insert(0, Problem(problem, "access_key_id"))
    if entry is None or problems:
        return None, problems
    return entry.desired(str(access_key_id)), []


def entry_problems(fields: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of an entry's fields, for any access key."""
    return _checked(fields)[1]


def _checked(fields: Mapping[str, Any]) -> tuple[Entry | None, list[Problem]]:
    entry, problems = None, []
    try:
        entry = Entry.model_validate(fields)
    except ValidationError as error:
        is_snake_case = any("_" in str(name) for name in fields)
        names = list(ENTRY_FIELDS) if is_snake_case else accepted(Entry)
        problems += [problem_of(e, names) for e in error.errors(include_url=False)]
    refused = {problem.field for problem in problems}
    problems += [Problem(LEAK, name) for name in map(path_name, leaks(fields)) if name not in refused]
    if fields.get("allow") and not fields.get("reason"):
        problems.append(Problem("needs a reason: write why this change may pass the guard", "allow"))
    if fields.get("root") in (True, "true") and (fields.get("user_name") or fields.get("userName")):
        problems.append(Problem("root has no user name: write either root or the owner", "root"))
    return entry, problems
