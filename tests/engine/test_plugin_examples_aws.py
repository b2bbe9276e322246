"""The examples beside pulumi-aws and with an ESC environment, whose services are stood in for."""

import re
import shutil
from typing import Any

import boto3
import yaml

from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.engine import STACK
from tests.support.plugin_project import PLUGIN, PluginProject, require_host
from tests.support.seeded import BOB, BOBS_SECOND

EXAMPLES = REPOSITORY / "examples"
STAND_IN = REPOSITORY / "tests" / "support" / "aws_stand_in"


def example(plugged: PluginProject, name: str, *providers: dict[str, str]) -> None:
    """Make the example the project, with the plugins beside it."""
    manifest = yaml.safe_load((EXAMPLES / name / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert manifest.pop("packages") == {"keyswitch": "../../plugin"}
    manifest["plugins"] = {"providers": [*PLUGIN["providers"], *providers]}
    (plugged.folder / "Pulumi.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    for program in (EXAMPLES / name).glob("*.py"):
        shutil.copy(program, plugged.folder)
    assert plugged.pulumi("stack", "init", STACK).succeeded


OF_THE_SAME_UPDATE = f"""
import pulumi
import pulumi_keyswitch as keyswitch

new = pulumi.CustomResource("aws:iam/user:User", "new", {{"name": "bobby"}})
keyswitch.AccessKeyStatus("key", access_key_id="{BOB}", user_name=new.id, status="Inactive")
"""


def test_beside_a_user_of_pulumi_aws(plugged: PluginProject, sandbox: Sandbox) -> None:
    """The example switches a key of a user that it imports. For a user of the same update the key is refused.

    The user's name is not known before the update, so no preview can compare it with the owner of the key.
    """
    plugged.sdk("python")
    shutil.copytree(STAND_IN, plugged.folder.parent / "aws")
    (plugged.folder.parent / "aws" / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)
    example(plugged, "python-aws-user", {"name": "aws", "path": "../aws"})
    before, main = sandbox.statuses(), plugged.folder / "__main__.py"
    shown = main.read_text(encoding="utf-8")
    main.write_text(OF_THE_SAME_UPDATE, encoding="utf-8")
    assert f"error: {BOB} belongs to user Bob, not to bobby" in plugged.up().output
    assert (sandbox.statuses(), sandbox.actions()["CreateUser"]) == (before, 1)

    main.write_text(shown, encoding="utf-8")
    updated = plugged.up()
    assert updated.counts["deleted"] == 1, updated.output
    assert sandbox.statuses() == {**before, BOB: "Inactive"}
    assert plugged.outputs() == {"user": "Bob", "status": "Inactive"}


def opened(value: Any, values: Any) -> Any:
    """A value of an environment without references, as when ESC opens it."""
    if isinstance(value, dict):
        return {name: opened(item, values) for name, item in value.items()}
    reference = re.fullmatch(r"\$\{(.+)\}", value)
    for name in reference[1].split(".") if reference else ():
        values = values[name]
    return values if reference else value


def test_with_an_esc_environment(plugged: PluginProject, sandbox: Sandbox) -> None:
    """The provider signs with the environment's credentials, and has its settings."""
    require_host("yaml")
    stack = yaml.safe_load((EXAMPLES / "esc" / "Pulumi.prod.yaml").read_text(encoding="utf-8"))
    assert stack == {"environment": ["keyswitch/production"]}
    values = yaml.safe_load((EXAMPLES / "esc" / "environment.yaml").read_text(encoding="utf-8"))["values"]
    oidc = values["aws"]["login"]["fn::open::aws-login"]["oidc"]
    assert oidc.keys() == {"roleArn", "sessionName", "duration"}
    issued = boto3.client("sts").assume_role(RoleArn=oidc["roleArn"], RoleSessionName=oidc["sessionName"])
    values["aws"]["login"] = {name[0].lower() + name[1:]: value for name, value in issued["Credentials"].items()}

    example(plugged, "esc")
    settings = opened(values["pulumiConfig"], values)
    config = {**settings, "aws:profile": "nowhere"}  # what is not in its namespace does not reach the provider
    (plugged.folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    plugged.environment |= opened(values["environmentVariables"], values)
    updated = plugged.up()
    assert updated.succeeded, updated.output
    assert plugged.outputs()["statuses"] == {BOB: "Inactive", BOBS_SECOND: "Active"}
    assert {r.signer[:4] for r in sandbox.journal if r.action == "UpdateAccessKey"} == {"ASIA"}
    used = {f"keyswitch:{name}" for name in plugged.provider_inputs()}
    assert used == set(settings)
