"""The page about the provider names only what there is: functions, properties, settings, options and variables.

Its part about the installation is not looked at here.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pulumi

from keyswitch.configuration.stack import RUN_SETTINGS
from keyswitch.plugin.schema import package
from keyswitch.plugin.settings import OFFERED
from scripts.pulumi_cli import REPOSITORY

PAGE = (REPOSITORY / "docs" / "provider.md").read_text(encoding="utf-8")
USE = re.sub(r"^## Add it.*?(?=^## )", "", PAGE, flags=re.DOTALL | re.MULTILINE)
PROSE = re.sub(r"^ *```.*?```$", "", USE, flags=re.DOTALL | re.MULTILINE)
CODES = {" ".join(code.split()) for code in re.findall(r"`([^`]+)`", PROSE)}
SCHEMA = package()

ELSEWHERE = {
    "pulumi import",
    "pulumi preview",
    '~ status: "Active" => "Inactive"',
    "keyswitch",
    "keyswitch.Provider",
    "destroy",
    "--refresh",
    "--exclude",
    "--target",
    "PULUMI_DISABLE_REFRESH_BEFORE_UPDATE=true",
    "PULUMI_CONTINUE_ON_ERROR=true",
    "KEYSWITCH_REVIEWED",
}
"""What tests of the engine use as the page shows it: tests/engine/test_plugin.py and its neighbours."""


def known() -> Iterator[str]:
    """The names of the package, of a provider's settings, and of a resource's options."""
    for kind in ("resources", "functions"):
        for token, described in SCHEMA[kind].items():
            yield from (token, token.rpartition(":")[2])
            yield from described.get("inputProperties", {})
            yield from described.get("properties", {})
    yield from OFFERED
    yield from RUN_SETTINGS
    yield "pulumi:providers:keyswitch"
    yield from (f"keyswitch:{name}" for name in OFFERED)
    for name in inspect.signature(pulumi.ResourceOptions).parameters:
        yield re.sub(r"_(\w)", lambda found: found[1].upper(), name.rstrip("_"))


def test_every_name_is_one() -> None:
    """A name that is renamed or mistyped is found."""
    assert set(CODES) - {*known(), *ELSEWHERE} == set()
    assert set(CODES) >= ELSEWHERE, "what the page no longer shows needs no place here"


def test_all_settings_are_named() -> None:
    """Those that may have a value, in the order of the settings."""
    listed = re.search(r"by their short names:(.*?)They come from", PAGE, re.DOTALL)
    assert listed
    assert re.findall(r"`(\w+)`", listed[1]) == OFFERED


def test_all_functions_and_components_are_named() -> None:
    """None is left out."""
    tokens = [*SCHEMA["functions"], *SCHEMA["resources"]]
    assert [token for token in tokens if not {token, token.rpartition(":")[2]} & CODES] == []


def test_a_look_up_answers_what_is_promised() -> None:
    """Owner, status, age, last use; and the statuses after a change."""
    answers: dict[str, Any] = {
        token.rpartition(":")[2]: function["outputs"]["properties"] for token, function in SCHEMA["functions"].items()
    }
    assert {"owner", "status", "age_days", "last_used_date"} <= set(answers["getAccessKey"])
    assert {"statuses"} <= set(answers["checkAccessKeys"])


def test_every_command_is_run() -> None:
    """By a test of the engine, which takes it from the page."""
    assert [command.split()[:2] for command in re.findall(r"^ *\$ (.*)$", USE, re.MULTILINE)] == [
        ["pulumi", "import"],
        ["keyswitch", "discover"],
        ["pulumi", "import"],
        ["pulumi", "preview"],
    ]
