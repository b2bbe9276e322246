"""A stack's settings with everything that is wrong with them told at once, duplicates included."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.source import StackFile, read
from keyswitch.configuration.stack import Settings, nowhere, parse


def settings_from_file(path: Path) -> Settings:
    """Read the settings of a stack from its file alone.

    Raises:
        InvalidConfiguration: with every problem, each with file and line.
    """
    file = read(path)
    encrypted = [
        Problem("is encrypted; only Pulumi can read it", name, file.locate((name,)))
        for name, value in file.config.items()
        if name.startswith(("keyswitch:", "aws:")) and isinstance(value, Mapping) and set(value) == {"secure"}
    ]
    if encrypted:
        raise InvalidConfiguration(encrypted)
    return settings(file.config, file)


def settings(config: Mapping[str, Any], file: StackFile | None) -> Settings:
    """Check a configuration, with the file it was written in at hand if there is one.

    Raises:
        InvalidConfiguration: with every problem.
    """
    duplicates = file.duplicates if file else ()
    try:
        found = parse(config, file.locate if file else nowhere)
    except InvalidConfiguration as error:
        raise InvalidConfiguration([*duplicates, *error.problems]) from None
    if duplicates:
        raise InvalidConfiguration(duplicates)
    return found
