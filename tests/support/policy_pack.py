"""Finds the policy pack and its environment; a test that finds none is skipped by name."""

import os
from pathlib import Path

import pytest

from scripts.pulumi_cli import REPOSITORY

PACK = REPOSITORY / "policy"


def python_of_the_pack() -> Path:
    """The Python of the pack's environment. `make test` makes it, so with KEYSWITCH_REQUIRE_ENGINE=1 it is required."""
    python = PACK / ".venv" / "bin" / "python"
    if not python.exists():
        reason = "no environment of the policy pack: make policy/.venv/installed"
        if os.environ.get("KEYSWITCH_REQUIRE_ENGINE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return python
