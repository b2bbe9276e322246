"""The whole configuration of a stack: `keyswitch:*` and `aws:*`, checked at once, all problems together.

The same code reads what Pulumi hands to a program (objects as JSON text) and what stands in the stack file.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SkipValidation,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.model import Status, shown
from keyswitch.access_key.policy import DEFAULT_LEVELS, GuardName, GuardPolicy, Level
from keyswitch.configuration.aws import Aws, connection
from keyswitch.configuration.entry import Entry, parse_entry
from keyswitch.configuration.problems import accepted, path_name, path_of, text_of
from keyswitch.iam.connection import Connection
from keyswitch.iam.pace import CEILING

Path = tuple[str, ...]
Locate = Callable[[Path], str]


def _account(value: str) -> str:
    if not re.fullmatch(_ACCOUNT, value):
        raise ValueError(f'{shown(value)} is not an account ID: 12 digits, in quotes ("123456789012")')
    return value


def _span(value: object) -> timedelta:
    match = re.fullmatch(_SPAN, str(value))
    if not match:
        raise ValueError(f"{shown(value)} is not a span of time: write 24h, 7d, 90d or 30m")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _calls(value: object) -> float:
    calls = float(str(value)) if re.fullmatch(_NUMBER, str(value)) else 0.0
    if not 1 <= calls <= 10_000:
        raise ValueError(f"{shown(value)} is not a number of calls a second: write 1 to 10000")
    return calls


_ACCOUNT = "[0-9]{12}"
_SPAN = "([0-9]{1,5})([mhd])"
_NUMBER = r"[0-9]{1,5}(?:\.[0-9]+)?"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

_Account = Annotated[str, AfterValidator(_account), WithJsonSchema({"type": "string", "pattern": f"^{_ACCOUNT}$"})]
_Span = Annotated[timedelta, BeforeValidator(_span), WithJsonSchema({"type": "string", "pattern": f"^{_SPAN}$"})]
_Calls = Annotated[
    float,
    BeforeValidator(_calls),
    WithJsonSchema({"type": ["number", "string"], "minimum": 1, "maximum": 10_000, "pattern": f"^{_NUMBER}$"}),
]
Keys = Annotated[
    dict[str, Annotated[Status | Entry, SkipValidation]],
    Field(json_schema_extra={"propertyNames": {"pattern": "^[A-Za-z0-9_]{16,128}$"}}),
]
"""Access keys by ID. Only the map is checked here; see `parse_entry` for the entries."""


class Keyswitch(BaseModel):
    """What may stand under `keyswitch:`; the entries of `keys` are read one by one (see entry.py)."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True)

    account: _Account = Field(
        default="", description="The account ID, 12 digits in quotes. Credentials of any other account are refused."
    )
    keys: Keys = Field(description="The access keys: ID to Active, Inactive, or an entry. An empty map declares none.")
    keys_file: str = Field(
        default="", description="A file, relative to this one, that lists the access keys instead of keyswitch:keys."
    )
    guards: dict[GuardName, Level] = Field(default={}, description="How strict each guard is: block, warn or off.")
    recent_use: _Span = Field(
        default=timedelta(hours=24),
        description="How far back a use counts as recent: 30m, 24h, 7d.",
        json_schema_extra={"default": "24h"},
    )
    calls_per_second: _Calls = Field(
        default=CEILING, description="The most that IAM is asked in a second; less, as soon as AWS throttles."
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
    report = _Report(locate)
    keyswitch = namespace(config, "keyswitch")
    settings = _own(keyswitch, report)
    wanted = _entries(keyswitch.get("keys"), report)
    to = _connection(namespace(config, "aws"), report)
    if settings is None or report.problems:
        raise InvalidConfiguration(report.problems)
    paced = replace(to, calls_per_second=settings.calls_per_second)
    return Settings(settings.account or None, wanted, policy_of(settings), paced)


class _Report:
    """Collects problems, and finds for each the nearest line that was written."""

    def __init__(self, locate: Locate) -> None:
        self.problems: list[Problem] = []
        self._locate = locate

    def add(self, text: str, *path: str) -> None:
        places = (self._locate(path[:length]) for length in range(len(path), -1, -1))
        self.problems.append(Problem(text, path_name(path), next(filter(None, places), "")))


def _own(keyswitch: Mapping[str, Any], report: _Report) -> Keyswitch | None:
    try:
        return Keyswitch.model_validate(keyswitch)
    except ValidationError as error:
        names = accepted(Keyswitch)
        for e in error.errors(include_url=False):
            name, *inner = path_of(e) or ("keys",)
            text = _NO_KEYS if e["type"] == "missing" else text_of(e, names)
            report.add(text, f"keyswitch:{name}", *inner)
        return None


_NO_KEYS = "is missing: list the access keys (an empty map {} declares none), or name a keyswitch:keysFile"


def _entries(keys: object, report: _Report) -> tuple[Desired, ...]:
    wanted = []
    for key_id, value in keys.items() if isinstance(keys, Mapping) else ():
        fields = value if isinstance(value, Mapping) else {"status": value}
        desired, problems = parse_entry(key_id, fields)
        if desired is not None:
            wanted.append(desired)
        for problem in problems:
            inner = problem.field.split(".") if problem.field != "access_key_id" and value is fields else ()
            text = problem.text
            if value is None and problem.field == "status":
                text = "has no value: write Active, Inactive or an entry ({} only observes the key)"
            report.add(text, "keyswitch:keys", str(key_id), *inner)
    return tuple(wanted)


def _connection(settings: Mapping[str, Any], report: _Report) -> Connection:
    try:
        return connection(settings)
    except InvalidConfiguration as error:
        for problem in error.problems:
            report.add(problem.text, *problem.field.split("."))
        return Connection()


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
    *(f"keyswitch:{name}" for name in accepted(Keyswitch) if name not in ("keys", "keysFile")),
    *(f"aws:{name}" for name in accepted(Aws)),
)
"""All settings that matter to a run beside the entries, by full name."""


def _decoded(value: object) -> Any:  # noqa: ANN401  (whatever the configuration holds)
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
