"""Reads the settings of the running Pulumi stack, with line numbers where the file is known. Checks nothing itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.load import settings
from keyswitch.configuration.source import Written, read, stack_file
from keyswitch.configuration.stack import Settings, namespace
from keyswitch.resources import sdk


def stack_settings() -> Settings:
    """Read the settings that the engine passes to the program.

    Raises:
        InvalidConfiguration: with all problems, and with their lines if the file is known.
    """
    config = sdk.configuration()
    path = stack_file(Path(), pulumi.get_stack())
    return settings(config, _written(path, config), path.parent)


def _written(path: Path, config: Mapping[str, Any]) -> Written | None:
    """Return the stack file, if it contains this configuration; None otherwise.

    The user can give Pulumi another file (--config-file) or single values (-c). The line numbers of the stack file
    would then be wrong.
    """
    if not path.is_file():
        return None
    try:
        file = read(path)
    except InvalidConfiguration:
        return None  # Pulumi has read a valid configuration, so it has read another file
    used = namespace(config, "keyswitch")
    written = namespace(file.config, "keyswitch")
    return file if all(used.get(name) == value for name, value in written.items()) else None
