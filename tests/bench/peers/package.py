"""keyswitch as a package of Pulumi: a Python program with the component of the real provider, with its own state."""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from keyswitch.sandbox.seed import ACCOUNT
from scripts.pulumi_cli import PulumiCli
from tests.bench.peers.pulumi import AS_INSTALLED, KeptState, Pulumi
from tests.support.plugin_project import PluginProject

_PROGRAM = """
import json
from pathlib import Path

import pulumi_keyswitch as keyswitch

keyswitch.AccessKeys("access-keys", access_keys=json.loads(Path("keys.json").read_text()))
"""

_OF_THE_SDK = ("parver", "semver")
"""The packages that a generated SDK needs beside Pulumi's own. The repository's environment has them for its tests."""


class Package(Pulumi):
    """`pulumi preview`, and `pulumi up --skip-preview`, with the real provider."""

    name, title = "package", "keyswitch (package)"

    def _new_project(self, folder: Path, aws: Mapping[str, str]) -> "KeptState":
        return _Project(folder, self._cli, aws)


class _Project(KeptState, PluginProject):
    def __init__(self, folder: Path, cli: PulumiCli, aws: Mapping[str, str]) -> None:
        super().__init__(folder, cli, aws)
        self.environment = {**cli.environment(folder / "home", aws), "PYTHONPATH": str(folder / "sdk" / "python")}
        for place in (self.folder, folder / "plugin"):
            (place / ".venv").unlink()
            (place / ".venv").symlink_to(AS_INSTALLED, target_is_directory=True)
        sdk = self.sdk("python")
        for name in _OF_THE_SDK:
            found = find_spec(name)
            assert found is not None
            assert found.origin is not None
            (sdk / name).symlink_to(Path(found.origin).parent, target_is_directory=True)
        self.python(_PROGRAM)
        assert self.pulumi("config", "set", "keyswitch:account", ACCOUNT).succeeded

    def declare_statuses(self, statuses: Mapping[str, str], owners: Mapping[str, str]) -> None:
        keys = [{"access_key_id": k, "user_name": owners[k], "status": status} for k, status in statuses.items()]
        (self.folder / "keys.json").write_text(json.dumps(keys), encoding="utf-8")
