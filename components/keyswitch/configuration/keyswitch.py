"""The model of the `keyswitch:*` settings of a stack. Reads no files."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation, WithJsonSchema
from pydantic.alias_generators import to_camel

from keyswitch.access_key.inventory import Scope
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import DEFAULT_LEVELS, AtOnce, GuardName, GuardPolicy, Level
from keyswitch.access_key.shown import shown
from keyswitch.access_key.undeclared import Watch
from keyswitch.configuration.entry import Entry
from keyswitch.iam.pace import CEILING


def _account(value: str) -> str:
    if not re.fullmatch(_ACCOUNT, value):
        raise ValueError(f'{shown(value)} is not an account ID: 12 digits, in quotes ("123456789012")')
    return value


def span_of(value: object) -> timedelta:
    """Read a span of time: `30m`, `24h`, `90d`.

    Raises:
        ValueError: it is none.
    """
    match = re.fullmatch(_SPAN, str(value))
    if not match:
        raise ValueError(f"{shown(value)} is not a span of time: write 24h, 7d, 90d or 30m")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _calls(value: object) -> float:
    calls = float(str(value)) if re.fullmatch(_NUMBER, str(value)) else 0.0
    if not 1 <= calls <= 10_000:
        raise ValueError(f"{shown(value)} is not a number of calls a second: write 1 to 10000")
    return calls


def _count(value: object) -> int:
    if not re.fullmatch(_COUNT, str(value)):
        raise ValueError(f"{shown(value)} is not a number of keys: write 1 to 99999")
    return int(str(value))


def _share(value: object) -> int:
    if not re.fullmatch(_SHARE, str(value)):
        raise ValueError(f"{shown(value)} is not a share: write 0% to 100%")
    return int(str(value)[:-1])


def _path_prefix(value: str) -> str:
    if not re.fullmatch(_PATH, value):
        raise ValueError(f"{shown(value)} is not the beginning of a path of users: write one such as /ci/")
    return value


_ACCOUNT = "[0-9]{12}"
_COUNT = "[1-9][0-9]{0,4}"
_SHARE = "(100|[1-9]?[0-9])%"
_PATH = "/[!-~]{0,511}"
_SPAN = "([0-9]{1,5})([mhd])"
_NUMBER = r"[0-9]{1,5}(?:\.[0-9]+)?"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

_Account = Annotated[str, AfterValidator(_account), WithJsonSchema({"type": "string", "pattern": f"^{_ACCOUNT}$"})]
_Span = Annotated[timedelta, BeforeValidator(span_of), WithJsonSchema({"type": "string", "pattern": f"^{_SPAN}$"})]
_Calls = Annotated[
    float,
    BeforeValidator(_calls),
    WithJsonSchema({"type": ["number", "string"], "minimum": 1, "maximum": 10_000, "pattern": f"^{_NUMBER}$"}),
]
_Count = Annotated[
    int,
    BeforeValidator(_count),
    WithJsonSchema({"type": ["integer", "string"], "minimum": 1, "maximum": 99_999, "pattern": f"^{_COUNT}$"}),
]
_Share = Annotated[int, BeforeValidator(_share), WithJsonSchema({"type": "string", "pattern": f"^{_SHARE}$"})]
_PathPrefix = Annotated[
    str, AfterValidator(_path_prefix), WithJsonSchema({"type": "string", "pattern": f"^{_PATH}$", "default": "/"})
]
Keys = Annotated[
    dict[str, Annotated[Status | Entry, SkipValidation]],
    Field(json_schema_extra={"propertyNames": {"pattern": "^[A-Za-z0-9_]{16,128}$"}}),
]
"""Access keys by ID. This type checks only the map; `parse_entry` checks the entries."""


class TooManyAtOnce(BaseModel):
    """When one change deactivates too many keys: both limits must be reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: _Count = Field(default=AtOnce.count, description="The smallest number of deactivations that counts.")
    share: _Share = Field(
        default=AtOnce.share,
        description="The deactivations must be more than this share of all keys.",
        json_schema_extra={"default": f"{AtOnce.share}%"},
    )


class Under(BaseModel):
    """The part of the account in which undeclared keys are looked for."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True)

    path_prefix: _PathPrefix = Field(default="/", description="Only users whose path begins with this, such as /ci/.")
    tags: dict[str, str] = Field(
        default={}, description="Only users who have all these tags. Reading tags costs a call for each user."
    )


class Keyswitch(BaseModel):
    """The `keyswitch:` settings. No other names are accepted."""

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
    too_many_at_once: TooManyAtOnce = Field(
        default_factory=TooManyAtOnce, description="From how many deactivations in one change tooManyAtOnce fires."
    )
    calls_per_second: _Calls = Field(
        default=CEILING, description="The maximum of calls per second to IAM. A run slows down when AWS throttles."
    )

    undeclared: Level = Field(
        default=Level.OFF,
        description="Look for keys that no entry names: warn lists them in a preview, block also fails it.",
        json_schema_extra={"default": "off"},
    )
    undeclared_under: Under = Field(
        default_factory=Under, description="The part of the account in which they are looked for, if not all of it."
    )

    def watch(self) -> Watch:
        """Return whether undeclared keys are looked for, and where."""
        under = self.undeclared_under
        return Watch(self.undeclared, Scope(path_prefix=under.path_prefix, tags=under.tags))

    def policy(self) -> GuardPolicy:
        """Return the level of each guard, defaults included."""
        at_once = AtOnce(self.too_many_at_once.count, self.too_many_at_once.share)
        return GuardPolicy({**DEFAULT_LEVELS, **self.guards}, self.recent_use, at_once)
