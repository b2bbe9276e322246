"""One entry of `keyswitch:keys`, and the inputs of one `AccessKeyStatus`: the same fields under the same rules.

The configuration writes IAM's names in camelCase, Python in snake_case; both are accepted by the same model.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from keyswitch.access_key.desired import Desired, OnRemoval
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


class Entry(BaseModel):
    """What one access key is to be."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True, frozen=True)

    user_name: Annotated[str, BeforeValidator(_user_name)] = Field(
        default="", description="The owner. Left out, it is looked up; given, any other owner is an error."
    )
    status: Annotated[Status | None, BeforeValidator(_status)] = Field(
        default=None, description="Active or Inactive. Left out, the key is observed and never changed."
    )
    reason: Annotated[str, AfterValidator(_reason)] = Field(
        default="", description="Why. Shown in every preview, kept in the state."
    )
    on_removal: OnRemoval = Field(
        default=OnRemoval.LEAVE,
        description="What happens to the key when this entry is removed: leave it as it is, restore the status "
        "it had when keyswitch took it over, or deactivate it.",
    )
    allow: list[GuardName] = Field(default_factory=list, description="Guards that this entry may pass; needs a reason.")
    root: bool = Field(
        default=False, strict=True, description="A key of the account's root user; root itself must sign."
    )

    def desired(self, access_key_id: str) -> Desired:
        """The entry as the domain knows it."""
        return Desired(
            access_key_id=access_key_id,
            user_name=self.user_name or None,
            status=self.status,
            reason=self.reason or None,
            on_removal=self.on_removal,
            allow=frozenset(self.allow),
            root=self.root,
        )


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
        names = accepted(fields, Entry)
        problems += [problem_of(e, names) for e in error.errors()]
    if fields.get("allow") and not fields.get("reason"):
        problems.append(Problem("needs a reason beside it: say why this change may pass the guard", "allow"))
    if fields.get("root") and (fields.get("user_name") or fields.get("userName")):
        problems.append(Problem("root has no user name: write either root or the owner", "root"))
    return problems


def accepted(fields: Mapping[str, Any], model: type[BaseModel]) -> list[str]:
    """The field names of a model, in the spelling in which the fields were given."""
    snake = any("_" in str(name) for name in fields)
    return [n if snake else (f.alias or n) for n, f in model.model_fields.items()]


_EXPECTED = {"dict_type": "expected a map", "list_type": "expected a list", "string_type": "expected a text"}


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
