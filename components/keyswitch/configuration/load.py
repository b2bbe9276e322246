"""Loads a stack's settings as Pulumi merges them, and reports all problems at once. Never writes a file."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.backend import dependences
from keyswitch.configuration.json_text import BadJson, NotJson, as_objects, decoded
from keyswitch.configuration.markup import Place
from keyswitch.configuration.origin import sources
from keyswitch.configuration.problems import path_name
from keyswitch.configuration.project import current, enclosing, manifest, project_settings, stack_file
from keyswitch.configuration.source import NOTHING, Written, is_secure, matters, read, read_keys
from keyswitch.configuration.stack import Settings, parse, parse_run

_HERE = Path()


def settings_from_file(path: Path, *, to_edit: bool = False) -> Settings:
    """Read the settings of a stack from its file and from the project around it, as Pulumi does.

    The project is the one that contains the file; if none does, the one of the working directory.

    Args:
        path: the file.
        to_edit: whether access keys are about to be added. Then the list of them, or its file, may still be missing.

    Raises:
        InvalidConfiguration: with every problem, each with file and line.
    """
    project = enclosing(path.parent) or current()
    is_new = to_edit and not os.path.lexists(path)
    file = NOTHING if is_new else read(path, project=str(manifest(project).get("name") or ""))
    of_project = project_settings(project, file.config)
    problems = []
    if file.environments:
        text = f"adds settings that only Pulumi can look up; {_PIPE}"
        problems.append(Problem(text, "environment", file.locate(("environment",))))
    merged = {**of_project.config, **file.config}
    return _settings(merged, file, [of_project], path.parent, project, problems=problems, to_edit=to_edit)


def settings_from_pulumi(
    config: Mapping[str, Any], secret: Collection[str], project: Path, stack: str | None
) -> Settings:
    """Check a configuration that Pulumi has read, merged and decrypted.

    Args:
        config: by full name.
        secret: the full names of those settings that hold anything encrypted.
        project: the project's folder.
        stack: the stack's name. Its file gives the lines of problems, if the settings come from it.

    Raises:
        InvalidConfiguration: with every problem; also where the stack's own file cannot be read.
    """
    path = stack_file(project, stack or "")
    file, of_project = sources(path, project, config) if stack and path.exists() else (None, [])
    return _settings(config, file, of_project, path.parent, project, secret)


def settings_from_json(text: str, project: Path = _HERE, stack: str | None = None) -> Settings:
    """Check what `pulumi config --json --show-secrets` prints.

    Raises:
        InvalidConfiguration: with every problem.
    """
    name = "--config"
    try:
        given = decoded(text)
    except NotJson as error:
        raise InvalidConfiguration([Problem(f"is not JSON: {error}", where=f"{name}:{error.line}")]) from None
    except BadJson as error:
        raise InvalidConfiguration([Problem(str(error), where=name)]) from None
    if not isinstance(given, Mapping) or not all(isinstance(entry, Mapping) for entry in given.values()):
        raise InvalidConfiguration([Problem("is not what pulumi config --json --show-secrets prints", where=name)])
    hidden = [
        setting for setting, entry in given.items() if matters(setting) and not isinstance(entry.get("value"), str)
    ]
    if hidden:
        text = "has no value: print it with --show-secrets"
        raise InvalidConfiguration([Problem(text, path_name((setting,)), name) for setting in hidden])
    values = {setting: entry["value"] for setting, entry in given.items() if matters(setting)}
    secret = [setting for setting, entry in given.items() if entry.get("secret")]
    return settings_from_pulumi(values, secret, project, stack)


def run_settings(config: Mapping[str, Any], project: Path = _HERE) -> Settings:
    """Read all settings except the entries. A single resource needs no more.

    Args:
        config: by full name.
        project: the project's folder.

    Raises:
        InvalidConfiguration: with every problem.
    """
    values, problems = as_objects({name: value for name, value in config.items() if matters(name)})
    if problems:
        raise InvalidConfiguration([Problem(text, name) for name, text in problems])
    return _with_dependences(parse_run(values), None, project)


def _settings(
    config: Mapping[str, Any],
    file: Written | None,
    others: list[Written],
    folder: Path,
    project: Path,
    secret: Collection[str] = (),
    problems: Iterable[Problem] = (),
    to_edit: bool = False,
) -> Settings:
    """Check the merged settings.

    Args:
        config: by full name.
        file: the stack file, if the settings come from it.
        others: other files that the settings come from.
        folder: the folder of the stack files. `keyswitch:keysFile` is relative to it.
        project: the project's folder.
        secret: the names of settings that Pulumi has decrypted.
        problems: problems that are known already.
        to_edit: whether the access keys may be missing.
    """
    problems = list(problems)
    files = [*filter(None, [file]), *others]
    encrypted = list(_encrypted(config, file, secret))
    unreadable = {path[0] for path, _ in encrypted}
    values, bad_json = as_objects({n: v for n, v in config.items() if matters(n) and n not in unreadable})

    def locate(path: Place) -> str:
        if not path:
            return file.name if file else ""
        return next(filter(None, (written.locate(path) for written in files)), "")

    if to_edit and values.get("keyswitch:keys") == "":
        del values["keyswitch:keys"]
    if "keyswitch:keys" not in values and (to_edit or _KEYS.intersection(config)):
        values["keyswitch:keys"] = {}  # the keys are in a file or encrypted, not missing
        name = values.get("keyswitch:keysFile")
        if isinstance(name, str) and (reason := _no_keys_file(folder, name)):
            problems.append(Problem(reason, "keyswitch:keysFile", locate(("keyswitch:keysFile",))))
        elif isinstance(name, str) and not (to_edit and not os.path.lexists(folder / name)):
            try:
                files.append(read_keys(folder / name, (folder / name).as_posix()))
                values |= files[-1].config
            except InvalidConfiguration as error:
                problems += error.problems
    problems += [problem for written in files for problem in written.problems]
    for path, text in encrypted:
        places = (locate(path[:length]) for length in range(len(path), 0, -1))
        problems.append(Problem(text, path_name(path), next(filter(None, places), "")))
    problems += [Problem(text, name, locate((name,))) for name, text in bad_json]
    if config.keys() >= _KEYS:
        text = "cannot be combined with keyswitch:keys: write all access keys in one of them"
        problems.append(Problem(text, "keyswitch:keysFile", locate(("keyswitch:keysFile",))))
    try:
        found = parse(values, locate)
    except InvalidConfiguration as error:
        known = {(problem.where, problem.field) for problem in problems}
        problems += [problem for problem in error.problems if (problem.where, problem.field) not in known]
    if problems:
        raise InvalidConfiguration(problems)
    return _with_dependences(found, file.secrets_provider if file else None, project)


_KEYS = {"keyswitch:keys", "keyswitch:keysFile"}
"""The settings that can list the access keys."""

_PIPE = "pipe all of them in: pulumi config --json --show-secrets | keyswitch plan --config -"
_ONLY_PULUMI = f"is encrypted: only Pulumi can read it; {_PIPE}"
_SHOWN = "is encrypted, but keyswitch shows it in every review: set it with --plaintext"


def _encrypted(config: Mapping[str, Any], file: Written | None, secret: Collection[str]) -> Iterator[tuple[Place, str]]:
    """Yield the path of each encrypted value that is refused, and the reason."""
    for name, value in config.items():
        if name.startswith("keyswitch:"):
            written = file.config.get(name) if file else None
            paths = [*_secure(value, (name,))] or [*_secure(written, (name,))] or [(name,)] * (name in secret)
            yield from ((path, _SHOWN) for path in paths)
        elif matters(name):
            yield from ((path, _ONLY_PULUMI) for path in _secure(value, (name,)))


def _secure(value: object, path: Place) -> Iterator[Place]:
    """Yield the path of each encrypted value."""
    if is_secure(value):
        yield path
    elif isinstance(value, (Mapping, list)):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, item in items:
            yield from _secure(item, (*path, str(name)))


def _no_keys_file(folder: Path, name: str) -> str:
    """Return why a name of a keys file is refused, or "". Links are followed, and must not lead out of the project."""
    if not name:
        return "names no file"
    if "\0" in name:
        return "names no file: no name has a NUL character"
    root = enclosing(folder) or Path(os.path.realpath(folder))
    return "" if Path(os.path.realpath(folder / name)).is_relative_to(root) else "lies outside of the project"


def _with_dependences(found: Settings, secrets_provider: str | None, project: Path) -> Settings:
    also = dependences(manifest(project), secrets_provider)
    return replace(found, connection=replace(found.connection, dependences=also)) if also else found
