"""The settings of the provider: those of a stack, without those that list the keys. Connects to nothing."""

from collections.abc import Mapping
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.aws import NOT_SUPPORTED
from keyswitch.configuration.keyswitch import Keyswitch
from keyswitch.configuration.load import run_settings
from keyswitch.configuration.problems import accepted, text_of
from keyswitch.configuration.project import current
from keyswitch.configuration.stack import RUN_SETTINGS, Settings
from keyswitch.plugin.values import is_unknown

SETTINGS = {full.partition(":")[2]: full for full in RUN_SETTINGS}
"""The provider's settings, each with its full name in a stack's configuration."""

OFFERED = [name for name in SETTINGS if name not in NOT_SUPPORTED]
"""Those that may have a value. The others are refused with the reason."""

_OF_OTHERS = {"version", "pluginDownloadURL", *accepted(Keyswitch)} - SETTINGS.keys()
"""What the provider receives and does not use: Pulumi's own, and the settings that list keys."""


def used(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that the provider uses. Pulumi stores them, and compares them with those of the next run."""
    return {name: value for name, value in given.items() if name in SETTINGS}


def problems(given: Mapping[str, Any]) -> list[Problem]:
    """Return every problem of the given settings, those that the provider does not know included."""
    strangers = [name for name in given if name not in SETTINGS and name not in _OF_OTHERS and name[:2] != "__"]
    found = [
        Problem(text_of({"type": "extra_forbidden", "loc": (name,), "input": ""}, OFFERED), name) for name in strangers
    ]
    try:
        settings({name: value for name, value in given.items() if not is_unknown(value)})
    except InvalidConfiguration as error:
        found += [Problem(problem.text, problem.field.partition(":")[2]) for problem in error.problems]
    return found


def settings(given: Mapping[str, Any]) -> Settings:
    """Read the settings of the provider.

    Raises:
        InvalidConfiguration: with every problem.
    """
    return run_settings({SETTINGS[name]: value for name, value in used(given).items()}, current())
