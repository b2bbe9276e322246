"""The files a configuration is written in: the settings, where each stands, and what YAML would silently drop.

Pulumi reads the values of the stack file; this module adds what gets lost on the way: line numbers and keys written
twice. A keys file it reads alone: Pulumi hands a configuration to the program in one environment variable, which
Linux limits to 128 kB.
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
    """Settings as they were written in a file.

    Attributes:
        name: the path as it is shown in messages.
        config: the settings, by full name.
        lines: the line of each value, by its path.
        problems: each key that is written twice, and each value that Pulumi would read differently.
        secrets_provider: what encrypts the stack's secrets, if it is named.
        environments: whether environments of Pulumi ESC add settings, which stand elsewhere.
    """

    name: str
    config: Mapping[str, Any]
    lines: Mapping[Place, int]
    problems: tuple[Problem, ...] = ()
    secrets_provider: str | None = None
    environments: bool = False

    def locate(self, path: Place) -> str:
        """Where a value was written, `stacks/Pulumi.dev.yaml:7`; the file alone for no path; empty if nowhere."""
        if not path:
            return self.name
        line = self.lines.get(path)
        return f"{self.name}:{line}" if line else ""


def read(path: Path, name: str | None = None, project: str = "") -> Written:
    """Read a stack file.

    Args:
        path: the file.
        name: how it is called in messages; its path as given, if left out.
        project: the name of the project, the namespace of settings that stand there without one.

    Raises:
        InvalidConfiguration: it cannot be read, or it is not YAML.
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
    """Read a keys file: what else would stand under `keyswitch:keys`.

    Raises:
        InvalidConfiguration: it cannot be read, it is not YAML, or it is no map.
    """
    parsed = parse(text_of(path, name, "keyswitch:keysFile"), name)
    if not isinstance(parsed.value, Mapping):
        text = "expected the access keys: ID to Active, Inactive, or an entry (an empty map {} declares none)"
        raise InvalidConfiguration([Problem(text, "keyswitch:keysFile", f"{name}:1")])
    # Of what is no key nothing but its name is shown: the file may be another one, with secrets in it.
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
    """What is wrong with a file: keys that stand there twice, and settings that Pulumi would read differently."""
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
    """The full name of a setting, which may be written without its namespace, or with `config` in between.

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
    """Whether keyswitch looks at a setting; everything else in the files is others' concern."""
    return setting.startswith("keyswitch:") or setting in RUN_SETTINGS


def as_pulumi_hands_it(value: object) -> object:
    """What is no map, list or text is made a text, directly below `config`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(str(value)):f}"
    return str(value) if isinstance(value, int) else value


def is_secure(value: object) -> bool:
    """Whether a value is an encrypted one, as Pulumi writes it."""
    return isinstance(value, Mapping) and set(value) == {"secure"} and isinstance(value["secure"], str)
