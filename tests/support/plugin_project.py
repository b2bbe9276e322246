"""Projects that use the real provider, in any language, on the real Pulumi CLI."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from keyswitch.plugin.schema import VERSION, package_text
from scripts.pulumi_cli import REPOSITORY, PulumiCli
from tests.support.engine import REMEMBERED, Project

PLUGIN = {"providers": [{"name": "keyswitch", "path": "../plugin"}]}


def key(access_key_id: str, **properties: Any) -> dict[str, Any]:
    """A resource of a YAML program; `options` are its options."""
    options = properties.pop("options", {})
    return {
        "type": "keyswitch:AccessKeyStatus",
        "properties": {"access_key_id": access_key_id, **properties},
        **({"options": options} if options else {}),
    }


def require_host(language: str) -> None:
    """Skip the test, by name, if the CLI cannot run programs in this language."""
    if shutil.which(f"pulumi-language-{language}") is None:
        pytest.skip(f"no pulumi-language-{language} on PATH")


class PluginProject(Project):
    """A project beside a copy of the plugin, with a state of its own. Its SDKs are generated, not installed."""

    def __init__(self, folder: Path, cli: PulumiCli, aws: Mapping[str, str]) -> None:
        self.folder = folder / "project"
        self.folder.mkdir(parents=True)
        found = os.pathsep.join((str(REMEMBERED), str(folder / "sdk" / "python")))
        self.environment = {**cli.environment(folder / "home", aws), "PYTHONPATH": found}
        self._cli = cli
        shutil.copytree(REPOSITORY / "plugin", folder / "plugin", ignore=shutil.ignore_patterns(".venv"))
        (folder / "plugin" / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)
        (self.folder / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)
        self.python("")
        self.make_stack()

    def yaml(self, resources: Mapping[str, Any], **more: Any) -> None:
        """Write a YAML program; other sections are named as in `outputs` or `config`. Skips without YAML's host."""
        require_host("yaml")
        self._manifest("yaml", resources=resources, **more)

    def python(self, program: str, **more: Any) -> None:
        """Write a Python program."""
        options = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
        self._manifest(options, **more)
        (self.folder / "__main__.py").write_text(program, encoding="utf-8")

    def _manifest(self, runtime: object, **sections: Any) -> None:
        manifest = {"name": "keys", "runtime": runtime, "plugins": PLUGIN, **sections}
        (self.folder / "Pulumi.yaml").write_text(json.dumps(manifest, indent=2), encoding="utf-8")  # JSON is YAML

    def sdk(self, language: str) -> Path:
        """Generate the SDK of a language beside the project; returns its folder."""
        folder = self.folder.parent
        schema = folder / "schema.json"
        schema.write_text(package_text(), encoding="utf-8")
        made = self.pulumi_in(folder, "package", "gen-sdk", str(schema), "--language", language, "--out", "sdk")
        assert made.succeeded, made.output
        if language == "python":  # its code asks for the version of the installed package
            metadata = folder / "sdk" / "python" / f"pulumi_keyswitch-{VERSION}.dist-info" / "METADATA"
            metadata.parent.mkdir(exist_ok=True)
            metadata.write_text(
                f"Metadata-Version: 2.1\nName: pulumi_keyswitch\nVersion: {VERSION}\n", encoding="utf-8"
            )
        return folder / "sdk" / language

    def provider_inputs(self) -> dict[str, Any]:
        """The settings of the default provider in the state."""
        resources = json.loads(self.exported())["deployment"]["resources"]
        return next(r.get("inputs", {}) for r in resources if r["type"] == "pulumi:providers:keyswitch")
