"""Reads the files of a configuration with line numbers and duplicate keys. Does not check the values.

Pulumi also reads the stack file, but passes on neither line numbers nor duplicate keys. Only keyswitch reads a keys
file: Pulumi passes its configuration to the program in one environment variable, which Linux limits to 128 kB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.model import access_key_id_problem
from keyswitch.configuration.files import text_of
from keyswitch.configuration.markup import Parsed, Place, parse
from keyswitch.configuration.problems import path_name
from keyswitch.configuration.stack import RUN_SETTINGS


@dataclass(frozen=True)
class Written:
    """The settings in a file.

    Attributes:
        name: the path of the file, for messages.
        config: the settings, by full name.
        lines: the line of each value, by its path.
        problems: each key that is written twice, and each value that Pulumi would read differently.
        secrets_provider: the stack file's `secretsprovider`, if it has one.
        environments: whether environments of Pulumi ESC add settings, which are in no file.
    """

    name: str
    config: Mapping[str, Any]
    lines: Mapping[Place, int]
    problems: tuple[Problem, ...] = ()
    secrets_provider: str | None = None
    environments: bool = False

    def locate(self, path: Place) -> str:
        """Return the place of a value, `stacks/Pulumi.dev.yaml:7`: the file for an empty path, "" if unknown."""
        if not path:
            return self.name
        line = self.lines.get(path)
        return f"{self.name}:{line}" if line else ""


NOTHING = Written("", {}, {})
"""What is written in a file that is not there."""


def read(path: Path, name: str | None = None, project: str = "") -> Written:
    """Read a stack file.

    Args:
        path: the file.
        name: the name in messages; by default the path.
        project: the name of the project, which is the namespace of settings without one.

    Raises:
        InvalidConfiguration: the file cannot be read, or is not YAML.
    """
    name = name or path.as_posix()
    top = ("config", "environment", "secretsprovider")
    parsed = parse(text_of(path, name), name, top, partial(full_name, project=project))
    loaded = parsed.value if isinstance(parsed.value, Mapping) else {"config": parsed.value}
    config = {} if loaded.get("config") is None else loaded["config"]
    if not isinstance(config, Mapping):
        raise InvalidConfiguration([Problem("expected a map", "config", f"{name}:{parsed.lines.get(('config',), 1)}")])
    provider = loaded.get("secretsprovider")
    return Written(
        name,
        {setting: as_pulumi_hands_it(value) for setting, value in config.items()},
        {where[1:] or where: line for where, line in parsed.lines.items() if where[0] == "config" or len(where) == 1},
        problems_of(parsed, name),
        provider if isinstance(provider, str) else None,
        bool(loaded.get("environment")),
    )


def read_keys(path: Path, name: str) -> Written:
    """Read a keys file, which contains the same map as `keyswitch:keys`.

    Raises:
        InvalidConfiguration: the file cannot be read, is not YAML, or contains no map.
    """
    parsed = parse(text_of(path, name, "keyswitch:keysFile"), name)
    if not isinstance(parsed.value, Mapping):
        text = "expected the access keys: ID to Active, Inactive, or an entry (an empty map {} declares none)"
        raise InvalidConfiguration([Problem(text, "keyswitch:keysFile", f"{name}:1")])
    # The wrong file may contain secrets: of an entry that is no access key, only the name is shown.
    keys = {key: {} if access_key_id_problem(key) else value for key, value in parsed.value.items()}
    place = ("config", "keyswitch:keys")
    below = Parsed(
        duplicates=[((*place, *where), line, first) for where, line, first in parsed.duplicates],
        unclear=[
            ((*place, *where), line, text)
            for where, line, text in parsed.unclear
            if len(where) == 0 or not access_key_id_problem(where[0])
        ],
    )
    lines = {("keyswitch:keys", *where): line for where, line in parsed.lines.items()}
    return Written(name, {"keyswitch:keys": keys}, lines, problems_of(below, name))


def problems_of(parsed: Parsed, name: str) -> tuple[Problem, ...]:
    """Return the problems of a file: keys that are written twice, settings that Pulumi would read differently."""
    problems = [
        Problem(
            f"is written twice, first in line {first}; YAML would keep only one of them",
            path_name(where[1:] or where),
            f"{name}:{line}",
        )
        for where, line, first in parsed.duplicates
    ]
    problems += [
        Problem(text, path_name(where[1:] or where), f"{name}:{line}")
        for where, line, text in parsed.unclear
        if where[:1] in ((), ("config",)) and (len(where) < 2 or matters(where[1]))
    ]
    return tuple(problems)


def full_name(setting: str, project: str) -> str:
    """Return the full name of a setting. A file may omit its namespace, or write `config` after it.

    (sdk/go/common/resource/config/key.go, ParseKey; sdk/go/common/workspace/loaders.go)
    """
    match setting.split(":"):
        case [name]:
            return f"{project}:{name}" if project else name
        case [namespace, "config", name]:
            return f"{namespace}:{name}"
        case _:
            return setting


def matters(setting: str) -> bool:
    """Return whether keyswitch uses a setting. All others belong to other programs."""
    return setting.startswith("keyswitch:") or setting in RUN_SETTINGS


def as_pulumi_hands_it(value: object) -> object:
    """Convert a number, a truth value or null directly below `config` to text, as Pulumi does."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(str(value)):f}"
    return str(value) if isinstance(value, int) else value


def is_secure(value: object) -> bool:
    """Return whether a value is encrypted, in the form in which Pulumi writes it."""
    return isinstance(value, Mapping) and set(value) == {"secure"} and isinstance(value["secure"], str)
