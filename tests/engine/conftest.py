"""Finds the real Pulumi CLI; without one these tests are skipped by name."""

import os
from pathlib import Path

import pytest

from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import PulumiCli, find
from tests.support.engine import NewProject, Project
from tests.support.plugin_project import PluginProject


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as one that needs the engine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def cli() -> PulumiCli:
    """The CLI. Without one the test is skipped, or fails with KEYSWITCH_REQUIRE_ENGINE=1."""
    said: list[str] = []
    found = find(said.append)
    if found is None:
        reason = " ".join(["no Pulumi CLI:", *said])
        if os.environ.get("KEYSWITCH_REQUIRE_ENGINE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def new_project(tmp_path: Path, cli: PulumiCli, sandbox: Sandbox) -> NewProject:
    """Make a project that reaches nothing but the sandbox."""

    def new(program: str | None = None, **aws: str) -> Project:
        return Project(tmp_path / f"{len(list(tmp_path.iterdir()))}", cli, {**sandbox.environment, **aws}, program)

    return new


@pytest.fixture
def project(new_project: NewProject) -> Project:
    """A project with this repository's own program."""
    return new_project()


@pytest.fixture
def plugged(tmp_path: Path, cli: PulumiCli, sandbox: Sandbox) -> PluginProject:
    """A project with the real provider, in YAML until it gets another program."""
    return PluginProject(tmp_path, cli, sandbox.environment)
