"""Reads the settings of the running Pulumi stack. Checks nothing itself."""

import os
from pathlib import Path

import pulumi
from pulumi.runtime import get_config_secret_keys_env, is_config_secret

from keyswitch.configuration.load import settings_from_pulumi
from keyswitch.configuration.stack import Settings
from keyswitch.resources import sdk


def stack_settings() -> Settings:
    """Read the settings that the engine passes to the program.

    Raises:
        InvalidConfiguration: with all problems, and with their lines if the file is known.
    """
    config = sdk.configuration()
    secret = {*get_config_secret_keys_env(), *filter(is_config_secret, config)}
    return settings_from_pulumi(config, secret, _project(), pulumi.get_stack())


def _project() -> Path:
    """Return the folder of Pulumi.yaml, relative to the working directory; mocks have none."""
    folder = Path(os.path.relpath(pulumi.get_root_directory()))
    return folder if folder.is_dir() else Path()
