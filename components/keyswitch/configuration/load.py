"""Loads a stack's settings from its files and reports all problems at once. Never writes a file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.backend import dependences
from keyswitch.configuration.source import Written, manifest, read, read_keys
from keyswitch.configuration.stack import RUN_SETTINGS, Settings, parse, parse_run


def settings_from_file(path: Path) -> Settings:
    """Read the settings of a stack from its file, without Pulumi.

    Raises:
        InvalidConfiguration: with every problem, each with file and line.
    """
    file = read(path)
    return settings(file.config, file, path.parent)


def settings(config: Mapping[str, Any], file: Written | None, folder: Path) -> Settings:
    """Check a configuration and the keys file that it names.

    Args:
        config: the settings, by full name.
        file: the stack file, if the settings come from it.
        folder: the folder of the stack files. `keyswitch:keysFile` is relative to it.

    Raises:
        InvalidConfiguration: with every problem.
    """
    files = [file] if file else []
    encrypted = [name for name, value in config.items() if _matters(name) and _is_encrypted(value)]
    readable = {name: value for name, value in config.items() if name not in encrypted}
    problems: list[Problem] = []
    if "keyswitch:keys" not in readable and _KEYS.intersection(config):
        readable["keyswitch:keys"] = {}  # the keys are in a file or encrypted, not missing
        try:
            if isinstance(name := readable.get("keyswitch:keysFile"), str):
                files.append(read_keys(folder / name))
                readable |= files[-1].config
        except InvalidConfiguration as error:
            problems += error.problems

    def locate(path: tuple[str, ...]) -> str:
        if not path:
            return file.name if file else ""
        return next(filter(None, (written.locate(path) for written in files)), "")

    problems += [problem for written in files for problem in written.duplicates]
    problems += [Problem("is encrypted: only Pulumi can read it", name, locate((name,))) for name in encrypted]
    if config.keys() >= _KEYS:
        text = "cannot be combined with keyswitch:keys: write all access keys in one of them"
        problems.append(Problem(text, "keyswitch:keysFile", locate(("keyswitch:keysFile",))))
    try:
        found = parse(readable, locate)
    except InvalidConfiguration as error:
        raise InvalidConfiguration([*problems, *error.problems]) from None
    if problems:
        raise InvalidConfiguration(problems)
    return _with_dependences(found, file.secrets_provider if file else None)


_KEYS = {"keyswitch:keys", "keyswitch:keysFile"}
"""The settings that can list the access keys."""


def run_settings(config: Mapping[str, Any]) -> Settings:
    """Read all settings except the entries. A single resource needs no more.

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
