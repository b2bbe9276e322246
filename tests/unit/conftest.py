"""The unit tests never see the developer's own login of Pulumi, and draw the same examples on every machine."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unit", database=None, deadline=None, derandomize=True)
settings.load_profile("unit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that CI can run it once, where its coverage is measured."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.unit)


@pytest.fixture(autouse=True)
def _logged_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is logged in to Pulumi."""
    monkeypatch.setenv("PULUMI_HOME", os.devnull)


@pytest.fixture
def pulumi_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of Pulumi in which a test can log in."""
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    return tmp_path
