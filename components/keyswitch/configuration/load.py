"""A stack's settings with everything that is wrong with them told at once, duplicates included."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.backend import dependences
from keyswitch.configuration.source import StackFile, manifest, read
from keyswitch.configuration.stack import RUN_SETTINGS, Settings, nowhere, parse, parse_run


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
    return _with_dependences(found, file.secrets_provider if file else None)


def run_settings(config: Mapping[str, Any]) -> Settings:
    """Read everything but the entries: all that a single resource needs of its stack.

    Raises:
        InvalidConfiguration: with every problem.
    """
    return _with_dependences(parse_run(config), None)


def _with_dependences(found: Settings, secrets_provider: str | None) -> Settings:
    also = dependences(manifest(Path()), secrets_provider)
    return replace(found, connection=replace(found.connection, dependences=also)) if also else found


def _matters(name: str) -> bool:
    return name.startswith("keyswitch:") or name in RUN_SETTINGS


def _is_encrypted(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}
