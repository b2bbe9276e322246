"""Checks the whole configuration of a stack, `keyswitch:*` and `aws:*`, and reports all problems. Reads no files.

The same code checks the configuration that Pulumi passes to a program (objects as JSON text) and that of a stack file.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.access_key.undeclared import Watch
from keyswitch.configuration.aws import Aws, connection
from keyswitch.configuration.entry import parse_entry
from keyswitch.configuration.keyswitch import Keyswitch
from keyswitch.configuration.leaks import LEAK, leaks
from keyswitch.configuration.problems import accepted, path_name, path_of, text_of
from keyswitch.iam.connection import Connection

Path = tuple[str, ...]
Locate = Callable[[Path], str]


@dataclass(frozen=True)
class Settings:
    """The valid configuration of a stack.

    Attributes:
        account: the declared account ID; None if there is none. The credentials must belong to this account.
        wanted: the wanted states, in the order of the file.
        policy: the level of each guard.
        connection: how to connect to AWS.
        watch: whether undeclared keys are looked for.
        places: the place of each entry in a file, by access key ID, as far as it is known.
    """

    account: str | None
    wanted: tuple[Desired, ...]
    policy: GuardPolicy
    connection: Connection
    watch: Watch = field(default_factory=Watch)
    places: Mapping[str, str] = field(default_factory=dict, compare=False)


def nowhere(_: Path) -> str:
    """Return no place. For configurations that do not come from a file."""
    return ""


def parse(config: Mapping[str, Any], locate: Locate = nowhere) -> Settings:
    """Check a stack's configuration.

    Args:
        config: the settings, by full name (`keyswitch:keys`, `aws:region`); objects as such or as JSON text.
        locate: returns the place of a value in a file, for messages.

    Raises:
        InvalidConfiguration: with every problem.
    """
    report = _Report(locate)
    keyswitch = namespace(config, "keyswitch")
    aws = namespace(config, "aws")
    settings = _own(keyswitch, report)
    wanted = _entries(keyswitch.get("keys"), report)
    to = _connection(aws, report)
    used = {
        **{f"keyswitch:{name}": value for name, value in keyswitch.items() if name != "keys"},  # see parse_entry
        **{f"aws:{name}": aws[name] for name in accepted(Aws) if name in aws},
    }
    for path in leaks(used):
        report.add_unless_refused(LEAK, *path)
    if settings is None or report.problems:
        raise InvalidConfiguration(report.problems)
    paced = replace(to, calls_per_second=settings.calls_per_second)
    places = {desired.access_key_id: locate(("keyswitch:keys", desired.access_key_id)) for desired in wanted}
    return Settings(settings.account or None, wanted, settings.policy(), paced, settings.watch(), places)


class _Report:
    """Collects problems, each with the nearest line in the file."""

    def __init__(self, locate: Locate) -> None:
        self.problems: list[Problem] = []
        self._locate = locate

    def add(self, text: str, *path: str) -> None:
        places = (self._locate(path[:length]) for length in range(len(path), -1, -1))
        self.problems.append(Problem(text, path_name(path), next(filter(None, places), "")))

    def add_unless_refused(self, text: str, *path: str) -> None:
        if path_name(path) not in {problem.field for problem in self.problems}:
            self.add(text, *path)


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
    """Check all settings except the entries. A single resource needs no more.

    Raises:
        InvalidConfiguration: with every problem.
    """
    return parse({**config, "keyswitch:keys": {}})


def namespace(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the settings of one namespace by their short names, with JSON text decoded."""
    prefix = f"{name}:"
    return {key[len(prefix) :]: _decoded(value) for key, value in config.items() if key.startswith(prefix)}


_OF_A_REVIEW = ("keys", "keysFile", "undeclared", "undeclaredUnder")

RUN_SETTINGS = (
    *(f"keyswitch:{name}" for name in accepted(Keyswitch) if name not in _OF_A_REVIEW),
    *(f"aws:{name}" for name in accepted(Aws)),
)
"""The full names of all settings of a run, except those that list the entries or concern the whole account."""


def _decoded(value: object) -> Any:  # noqa: ANN401  (a configuration can contain any value)
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
