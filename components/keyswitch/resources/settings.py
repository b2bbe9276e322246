"""The settings of the running stack, with the file that they were written in."""

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
    """Read the settings that the engine hands to the program.

    Raises:
        InvalidConfiguration: with all problems, and their lines where the file is known.
    """
    config = sdk.configuration()
    path = stack_file(Path(), pulumi.get_stack())
    return settings(config, _written(path, config), path.parent)


def _written(path: Path, config: Mapping[str, Any]) -> Written | None:
    """The file the configuration was written in, if it can be found: it knows the line numbers.

    Pulumi may have been given another file (--config-file) or single values (-c); then the line numbers
    of this one would mislead.
    """
    if not path.is_file():
        return None
    try:
        file = read(path)
    except InvalidConfiguration:
        return None  # Pulumi has read it, so it is another file that counts
    used = namespace(config, "keyswitch")
    written = namespace(file.config, "keyswitch")
    return file if all(used.get(name) == value for name, value in written.items()) else None
