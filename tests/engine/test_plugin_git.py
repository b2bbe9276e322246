"""`pulumi package add` with an address in Git: all that its users have. The server is on loopback."""

import os
import sys
from pathlib import Path

from keyswitch.plugin.schema import VERSION
from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.git_host import HOST, GitHost, require_tools
from tests.support.locked import packages_of
from tests.support.plugin_project import PluginProject, require_host
from tests.support.seeded import BOB, BOBS_SECOND

ADDRESS = f"{HOST}/security/keyswitch.git/plugin@v{VERSION}"


def test_from_git(plugged: PluginProject, sandbox: Sandbox, tmp_path: Path) -> None:
    """The address is recorded; the plugin runs from the clone, with the packages of its lock alone.

    Programs import the package by the same names as with the plugin in a folder, whatever the organization's name.
    """
    require_host("yaml")
    require_tools()
    packages_of(REPOSITORY / "plugin" / "requirements.txt", tmp_path / "packages")
    with GitHost(tmp_path / "git") as host:
        host.publish("security/keyswitch", REPOSITORY, ("plugin", "components"), f"v{VERSION}")
        plugged.environment |= host.environment | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{plugged.environment['PATH']}",
            "PIP_NO_INDEX": "true",
            "PYTHONPATH": str(tmp_path / "packages"),
        }
        text = (REPOSITORY / "examples" / "yaml" / "Pulumi.yaml").read_text(encoding="utf-8")
        manifest = plugged.folder / "Pulumi.yaml"
        manifest.write_text(text.replace("packages:\n  keyswitch: ../../plugin\n", ""), encoding="utf-8")
        forgotten = plugged.pulumi_in(plugged.folder, "package", "add", ADDRESS.replace("/plugin", ""))
        assert "or a PulumiPlugin file" in forgotten.output, "docs/provider.md says what to do"
        added = plugged.pulumi_in(plugged.folder, "package", "add", ADDRESS)
        assert added.succeeded, added.output
        assert f"packages:\n  keyswitch: {ADDRESS}\n" in manifest.read_text(encoding="utf-8")
        assert plugged.pulumi("stack", "init", "test").succeeded
        switched = plugged.up()
        assert switched.succeeded, switched.output
        assert (sandbox.statuses()[BOB], sandbox.statuses()[BOBS_SECOND]) == ("Inactive", "Active")
        made = plugged.pulumi_in(tmp_path, "package", "gen-sdk", ADDRESS, "--language", "python", "--out", "sdk")
        assert made.succeeded, made.output
        assert (tmp_path / "sdk" / "python" / "pulumi_keyswitch").is_dir(), "not security_keyswitch"
