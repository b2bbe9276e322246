"""The program in bootstrap/ on the real engine with the real plugin of pulumi-aws, where there is one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY, PulumiCli
from tests.support.engine import Project, Run

Bootstrap = Callable[..., Run]

PLUGINS = Path.home() / ".pulumi" / "plugins"


@pytest.fixture
def bootstrap(tmp_path: Path, cli: PulumiCli, sandbox: Sandbox) -> Bootstrap:
    """A copy of the program with a stack of its own, beside a stack file of keyswitch; runs commands of the CLI."""
    project = Project(tmp_path, cli, sandbox.environment)
    project.declare({"AKIAIOSFODNN7EXAMPLE": "Inactive"})
    home = Path(project.environment["PULUMI_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    if PLUGINS.is_dir():
        (home / "plugins").symlink_to(PLUGINS, target_is_directory=True)
    folder = project.folder / "bootstrap"
    shutil.copytree(REPOSITORY / "bootstrap", folder, ignore=shutil.ignore_patterns("__pycache__"))

    def pulumi(*arguments: str) -> Run:
        return project.pulumi_in(folder, *arguments)

    assert pulumi("stack", "init", "prod").succeeded
    for name, value in {"stackFile": str(project.stack_file), "aws:region": "us-east-1"}.items():
        assert pulumi("config", "set", name, value).succeeded
    return pulumi


def test_the_bootstrap_says_which_setting_is_missing(bootstrap: Bootstrap) -> None:
    """The engine finds the program, its settings and the virtual environment; no plugin is needed for that."""
    done = bootstrap("preview")
    assert not done.succeeded
    assert "keyswitch-bootstrap:repository" in done.output, done.output


@pytest.mark.skipif(not list(PLUGINS.glob("resource-aws-v7*")), reason="no plugin of pulumi-aws 7 on this machine")
def test_the_bootstrap_is_previewed_with_the_real_plugin(bootstrap: Bootstrap) -> None:
    """The plugin checks every input: names of properties, documents, regions. Nothing is made."""
    for name in ("repository", "aws:skipCredentialsValidation", "aws:skipRequestingAccountId"):
        assert bootstrap("config", "set", name, "octo/keys" if name == "repository" else "true").succeeded
    done = bootstrap("preview")
    assert done.succeeded, done.output
    assert done.counts == {"to create": 13}, "the stack itself, the component, and its resources"
