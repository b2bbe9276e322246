"""Reads Pulumi.yaml: the folder of the stack files, and the settings for all stacks. Does not check the values."""

import os
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.files import text_of
from keyswitch.configuration.markup import Parsed, Place, parse
from keyswitch.configuration.source import Written, as_pulumi_hands_it, full_name, matters, problems_of

_FILES = ("Pulumi.json", "Pulumi.yaml", "Pulumi.yml")
"""In the order in which Pulumi looks for them (sdk/go/common/encoding/marshal.go, Exts)."""


def manifest(project: Path) -> Mapping[str, Any]:
    """Return the content of a project's Pulumi.yaml; empty if the file does not exist.

    Raises:
        InvalidConfiguration: it cannot be read, or it is not YAML.
    """
    return _parsed(project)[0]


def stack_file(project: Path, stack: str) -> Path:
    """Return the path of a stack file: in the folder of Pulumi.yaml, or in its stackConfigDir.

    Args:
        project: the project's folder.
        stack: its name, or `organization/project/name`, of which the last part names the file.

    Raises:
        InvalidConfiguration: Pulumi.yaml cannot be read, it is not YAML, or it is another project's, as in Pulumi.
    """
    loaded, parsed, name = _parsed(project)
    prefix, _, stack = stack.rpartition("/")
    _, is_named, of_project = prefix.partition("/")
    if is_named and of_project != loaded.get("name", of_project):
        text = f"is another project than {of_project!r}, to which the stack belongs"
        raise InvalidConfiguration([Problem(text, "name", f"{name}:{parsed.lines[('name',)]}")])
    config = loaded.get("config")  # the folder, before stackConfigDir was there
    folder = loaded.get("stackConfigDir") or (config if isinstance(config, str) else "")
    return project / str(folder) / f"Pulumi.{stack}{Path(name).suffix}"


def current() -> Path:
    """Return the folder of the project that contains the working directory, relative to it; else the latter itself."""
    return Path(os.path.relpath(enclosing(Path()) or Path()))


def enclosing(folder: Path) -> Path | None:
    """Return the nearest folder, from the given one upwards, that contains a Pulumi.yaml."""
    absolute = Path(os.path.realpath(folder))  # (unlike resolve, it takes links that go in a circle)
    return next((up for up in (absolute, *absolute.parents) if any((up / name).is_file() for name in _FILES)), None)


def project_settings(project: Path, stack: Collection[str]) -> Written:
    """Return the settings of a project that its stack does not set itself.

    Args:
        project: its folder.
        stack: the full names of the settings in the stack file.

    Raises:
        InvalidConfiguration: Pulumi.yaml cannot be read, or it is not YAML.
    """
    loaded, parsed, name = _parsed(project)
    declared = loaded.get("config")
    values: dict[str, Any] = {}
    problems = list(problems_of(parsed, name))
    places = {}  # of a value in the file, and of the setting that it is
    for setting, given in declared.items() if isinstance(declared, Mapping) else ():
        if not matters(setting) or setting in stack:
            continue
        where = f"{name}:{parsed.lines[('config', setting)]}"
        value, place = _value(given)
        if set(setting) & set('.["'):
            text = "Pulumi takes this name for a path: write the whole setting, as a map"
            problems.append(Problem(text, setting, where))
        elif value is None:
            text = "has no value here, and none in the stack file: write it there, or `value:` here"
            problems.append(Problem(text, setting, where))
        else:
            values[setting] = as_pulumi_hands_it(value)
            places[("config", setting, *place)] = (setting,)
    lines = {}
    for path, line in parsed.lines.items():
        for length in (2, 3):
            if setting_place := places.get(path[:length]):
                lines[(*setting_place, *path[length:])] = line
    return Written(name, values, lines, tuple(problems))


def _value(given: object) -> tuple[object, Place]:
    """What a project gives a setting, and where below it: plainly, or as `default`, or as `value`."""
    if not isinstance(given, Mapping):
        return given, ()
    name = "value" if given.get("default") is None else "default"
    return given.get(name), (name,)


def _parsed(project: Path) -> tuple[Mapping[str, Any], Parsed, str]:
    name = next((name for name in _FILES if (project / name).exists()), "")
    if not name:
        return {}, Parsed(), "Pulumi.yaml"
    text = text_of(project / name, name)
    # Read twice: the project's own name is the namespace of settings that are written without one.
    called = parse(text, name, ("name",)).value
    called = called.get("name") if isinstance(called, Mapping) else None
    parsed = parse(text, name, setting=partial(full_name, project=str(called or "")))
    if not isinstance(parsed.value, Mapping):
        return {}, parsed, name
    return parsed.value, parsed, name
