"""A stack's settings with everything that is wrong with them told at once, duplicates included."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.source import StackFile, read
from keyswitch.configuration.stack import RUN_SETTINGS, Settings, nowhere, parse


def settings_from_file(path: Path) -> Settings:
    """Read the settings of a stack from its file alone.

    Raises:
        InvalidConfiguration: with every problem, each with file and line.
    """
    file = read(path)
    return settings(file.config, file)


def settings(config: Mapping[str, Any], file: StackFile | None) -> Settings:
    """Check a configuration, with the file it was written in at hand if there is one.

    Raises:
        InvalidConfiguration: with every problem.
    """
    locate = file.locate if file else nowhere
    encrypted = [name for name, value in config.items() if _matters(name) and _is_encrypted(value)]
    problems = [
        *(file.duplicates if file else ()),
        *(Problem("is encrypted: only Pulumi can read it", name, locate((name,))) for name in encrypted),
    ]
    try:
        readable = {name: value for name, value in config.items() if name not in encrypted}
        if "keyswitch:keys" in encrypted:
            readable["keyswitch:keys"] = {}
        found = parse(readable, locate)
    except InvalidConfiguration as error:
        raise InvalidConfiguration([*problems, *error.problems]) from None
    if problems:
        raise InvalidConfiguration(problems)
    return found


def _matters(name: str) -> bool:
    return name.startswith("keyswitch:") or name in RUN_SETTINGS


def _is_encrypted(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}
