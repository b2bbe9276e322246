"""The whole configuration of a stack: `keyswitch:*` and `aws:*`, checked at once, all problems together.

The same code reads what Pulumi hands to a program (objects as JSON text) and what stands in the stack file.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.policy import DEFAULT_LEVELS, GuardName, GuardPolicy, Level
from keyswitch.configuration.entry import parse_entry, problem_of, unknown
from keyswitch.iam.session import SETTINGS, Connection, connection

Path = tuple[str, ...]
Locate = Callable[[Path], str]

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _account(value: str) -> str:
    if not re.fullmatch(r"\d{12}", value):
        raise ValueError(f'{value!r} is not an account ID: 12 digits, in quotes ("123456789012")')
    return value


def _span(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d{1,5})([mhd])", str(value))
    if not match:
        raise ValueError(f"{value!r} is not a span of time: write 24h, 7d, 90d or 30m")
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


class Keyswitch(BaseModel):
    """What may stand under `keyswitch:`; the entries of `keys` are read one by one (see entry.py)."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True)

    account: Annotated[str, AfterValidator(_account)] | None = Field(
        default=None, description="The account ID. Credentials of any other account are refused."
    )
    keys: dict[str, Any] = Field(description="The access keys: ID to Active, Inactive, or an entry.")
    guards: dict[GuardName, Level] = Field(
        default_factory=dict, description="How strict each guard is: block, warn or off."
    )
    recent_use: Annotated[timedelta, BeforeValidator(_span)] = Field(
        default=timedelta(hours=24), description="How far back a use counts as recent: 24h, 7d, 90d."
    )


@dataclass(frozen=True)
class Settings:
    """A stack's configuration, checked.

    Attributes:
        account: the account ID that the credentials must belong to, if declared.
        wanted: the entries, by access key ID in the order of the file.
        policy: how strict the guards are.
        connection: how to reach AWS.
    """

    account: str | None
    wanted: tuple[Desired, ...]
    policy: GuardPolicy
    connection: Connection


def nowhere(_: Path) -> str:
    """Locate nothing: where the configuration does not come from a file."""
    return ""


def parse(config: Mapping[str, Any], locate: Locate = nowhere) -> Settings:
    """Read a stack's configuration.

    Args:
        config: by full name (`keyswitch:keys`, `aws:region`); objects as such or as JSON text.
        locate: says where a value was written, for messages.

    Raises:
        InvalidConfiguration: with every problem.
    """
    keyswitch = namespace(config, "keyswitch")
    problems: list[Problem] = []

    def add(problem: Problem, *path: str) -> None:
        name = path[0] + (f".{'.'.join(path[1:])}" if path[1:] else "")
        problems.append(Problem(problem.text, name, locate(path) or locate(path[:-1]) or locate(path[:1])))

    settings: Keyswitch | None = None
    try:
        settings = Keyswitch.model_validate(keyswitch)
    except ValidationError as error:
        for e in error.errors():
            loc = tuple(str(part) for part in e["loc"] if part != "[key]")
            if e["type"] == "missing":
                add(
                    Problem("is missing: list the access keys (an empty map {} declares none)"),
                    "keyswitch:keys",
                )
            else:
                names = [f.alias or n for n, f in Keyswitch.model_fields.items()]
                text = unknown(loc[0], names) if e["type"] == "extra_forbidden" else problem_of(e, names).text
                add(Problem(text), f"keyswitch:{loc[0]}", *loc[1:])
    wanted = []
    keys = keyswitch.get("keys")
    for key_id, value in keys.items() if isinstance(keys, Mapping) else ():
        fields = value if isinstance(value, Mapping) else {"status": value}
        desired, found = parse_entry(key_id, fields)
        if value is None:
            found = [Problem("has no value: write Active, Inactive or an entry ({} only observes the key)")]
        for problem in found:
            inside = () if problem.field in ("", "access_key_id") or value is not fields else (problem.field,)
            add(problem, "keyswitch:keys", str(key_id), *inside)
        if desired is not None and not found:
            wanted.append(desired)
    to = Connection()
    try:
        to = connection(namespace(config, "aws"))
    except InvalidConfiguration as error:
        for problem in error.problems:
            add(problem, problem.field)
    if problems or settings is None:
        raise InvalidConfiguration(problems)
    return Settings(settings.account, tuple(wanted), policy_of(settings), to)


def parse_run(config: Mapping[str, Any]) -> Settings:
    """Read everything but the entries: all that a single resource needs of its stack.

    Raises:
        InvalidConfiguration: with every problem.
    """
    return parse({**config, "keyswitch:keys": {}})


def policy_of(settings: Keyswitch) -> GuardPolicy:
    """How strict the guards are, with the defaults filled in."""
    return GuardPolicy({**DEFAULT_LEVELS, **settings.guards}, settings.recent_use)


def namespace(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The settings of one namespace, without its name; JSON text decoded where an object is expected."""
    prefix = f"{name}:"
    return {key[len(prefix) :]: _decoded(value) for key, value in config.items() if key.startswith(prefix)}


RUN_SETTINGS = (
    "keyswitch:account",
    "keyswitch:guards",
    "keyswitch:recentUse",
    *(f"aws:{name}" for name in SETTINGS),
)
"""All settings that matter to a run beside the entries, by full name."""


def _decoded(value: object) -> Any:  # noqa: ANN401  (whatever the configuration holds)
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
