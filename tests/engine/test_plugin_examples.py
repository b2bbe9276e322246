"""The programs under examples/ do on the real engine what they say, each where the host of its language is on PATH.

`make examples` runs them as users do: `pulumi install` fetches all packages, also those of the plugin, which takes
about half a minute each. `make test` takes the packages of this environment, and skips TypeScript and Go.
"""

import os
import shutil

import pytest

from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.engine import STACK, Run
from tests.support.plugin_project import PluginProject, require_host
from tests.support.seeded import BOB, BOBS_SECOND

EXAMPLES = REPOSITORY / "examples"
MADE = (".venv", "sdks", "node_modules", "go.sum", "Pulumi.*.yaml")
"""What `pulumi install` and `pulumi stack init` make in the folder of an example."""

INSTALLED = os.environ.get("KEYSWITCH_EXAMPLES") == "1"
"""Whether packages are fetched."""


def example(plugged: PluginProject, name: str, language: str) -> None:
    """Make the example the project, as it is in the repository."""
    require_host(language)
    if language in ("nodejs", "go") and not INSTALLED:
        pytest.skip("its packages are fetched only by `make examples`")
    plugged.folder = plugged.folder.parent / "examples" / name
    shutil.copytree(EXAMPLES / name, plugged.folder, ignore=shutil.ignore_patterns(*MADE))
    if INSTALLED:
        repository = plugged.folder.parents[1]
        (repository / "plugin" / ".venv").unlink()
        (repository / "components").symlink_to(REPOSITORY / "components", target_is_directory=True)
        installed = plugged.pulumi_in(plugged.folder, "install")
        assert installed.succeeded, installed.output
    else:
        (plugged.folder / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)
    assert plugged.pulumi("stack", "init", STACK).succeeded


@pytest.mark.parametrize(
    ("name", "language", "switched"),
    [
        ("yaml", "yaml", {BOB: "Inactive", BOBS_SECOND: "Active"}),
        ("python", "python", {BOB: "Inactive"}),
        ("typescript", "nodejs", {BOB: "Inactive"}),
        ("go", "go", {BOB: "Inactive"}),
    ],
    ids=["yaml", "python", "typescript", "go"],
)
def test_an_example(
    plugged: PluginProject, sandbox: Sandbox, name: str, language: str, switched: dict[str, str]
) -> None:
    """It previews, switches what it declares, and then changes nothing."""
    before = sandbox.statuses()
    if not INSTALLED:
        plugged.sdk("python")
    example(plugged, name, language)
    previewed = plugged.preview()
    assert previewed.succeeded, previewed.output
    assert sandbox.statuses() == before
    assert plugged.up().succeeded
    assert sandbox.statuses() == {**before, **switched}
    assert plugged.outputs()["status"] == "Inactive"
    assert plugged.preview().changes_nothing


def test_a_stack_reference(plugged: PluginProject, sandbox: Sandbox) -> None:
    """The key is the one that another stack exports, which is only known when that stack was read."""
    plugged.python(f"import pulumi\npulumi.export('retired', {BOB!r})\n")
    assert plugged.up().succeeded
    example(plugged, "yaml-stack-reference", "yaml")
    config = ("--config", f"keys=organization/keys/{STACK}")
    run: Run = plugged.up(*config)
    assert run.succeeded, run.output
    assert sandbox.statuses()[BOB] == "Inactive"
