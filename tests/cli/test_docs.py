"""What the documentation shows is what is printed: its commands are run, their output is compared."""

import os
import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import pytest
import yaml
from botocore.config import Config
from typer.main import get_command

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.findings import Rule
from keyswitch.access_key.model import Status
from keyswitch.access_key.record import Recorded
from keyswitch.cli.main import app
from keyswitch.configuration.stack import parse
from keyswitch.iam.gateway import Gateway
from keyswitch.sandbox.seed import ACCOUNT
from keyswitch.sandbox.server import Sandbox
from keyswitch.switching.plan import plan
from keyswitch.telling.drift_markdown import DRIFT_MARKER
from keyswitch.telling.markdown import MARKER
from keyswitch.telling.text import plan_lines
from scripts.pulumi_cli import REPOSITORY
from tests.support.command import Run
from tests.support.shown import blocks, difference

PAGES = sorted(path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "docs").rglob("*.md"))
SCENES = [page for page in PAGES if page.startswith(("docs/guards/", "docs/emergency"))]
COMMANDS = [
    line.removeprefix("$ ")
    for page in ("README.md", *PAGES)
    for block in blocks(page, "console")
    for line in block.splitlines()
    if line.startswith("$ keyswitch ")
]


@pytest.mark.parametrize("page", SCENES)
def test_a_page_with_a_scene_shows_what_is_printed(page: str, sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    """Its configuration, on the sandbox's example, gives the output beside it, to the last line."""
    (declared,), (shown,) = blocks(page, "yaml"), blocks(page, "console")
    config = {"config": yaml.safe_load(declared)}
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command, _, output = shown.partition("\n")
    done = run(*shlex.split(command.removeprefix("$ keyswitch ")), cwd=tmp_path)
    assert not (wrong := difference(output, done.stdout + done.stderr)), wrong


def test_the_page_about_reports_shows_what_is_printed(sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    """Its configuration, on the sandbox's example; its table names the findings that there are."""
    declared, shown = blocks("docs/report.md", "yaml")[0], blocks("docs/report.md", "console")[0]
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": yaml.safe_load(declared)}), encoding="utf-8")
    command, _, output = shown.partition("\n")
    done = run(*shlex.split(command.removeprefix("$ keyswitch ")), cwd=tmp_path)
    assert not (wrong := difference(output, done.stdout + done.stderr)), wrong
    page = (REPOSITORY / "docs" / "report.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| (?:high|medium|low)", page, re.MULTILINE) == [rule.value for rule in Rule]


def test_the_page_about_previews_shows_what_is_printed(sandbox: Sandbox, gateway: Gateway) -> None:
    """Drift, a new reason and two keys that are new to the stack, beside a key that is only observed."""
    bobs, bobs_second, alices, alices_old, ci = (
        "AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "AKIAALICEDEVEXAMPLE1", "AKIAALICEOLDEXAMPLE2",
        "AKIACIDEPLOYEXAMPLE1",
    )  # fmt: skip
    recorded = {
        alices: Recorded(Desired(alices, status=Status.ACTIVE), "Active", "alice", ACCOUNT),
        alices_old: Recorded(Desired(alices_old, status=Status.INACTIVE), "Inactive", "alice", ACCOUNT),
        ci: Recorded(Desired(ci), "Active", "ci-deploy", ACCOUNT),
    }
    keys = {
        bobs: {"status": "Inactive", "reason": "OPS-1234 Bob's jobs use his second key"},
        bobs_second: "Active",
        alices: {"status": "Active", "reason": "OPS-77 needed until March"},
        alices_old: "Inactive",
        ci: {},
    }
    settings = parse({"keyswitch:keys": keys})
    planned = plan(gateway, settings.wanted, settings.account, settings.policy, recorded)
    (shown,) = blocks("docs/preview.md", "text")
    assert not (wrong := difference(shown, "\n".join(plan_lines(planned)))), wrong


def test_the_page_about_drift_shows_what_is_printed(sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    """Alice has activated Bob's key by hand, three hours ago."""
    declared, _, _ = blocks("docs/drift.md", "yaml")
    (shown,) = blocks("docs/drift.md", "console")
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": yaml.safe_load(declared)}), encoding="utf-8")
    alice = {"aws_access_key_id": "AKIAALICEDEVEXAMPLE1", "aws_secret_access_key": "made-up"}
    by_hand = boto3.client("iam", **alice, config=Config(user_agent="aws-cli/2.31.0"))
    by_hand.update_access_key(UserName="Bob", AccessKeyId="AKIAIOSFODNN7EXAMPLE", Status="Active")
    at = datetime.now(timezone.utc) - timedelta(hours=3)
    sandbox.world.account(ACCOUNT).history.records[-1]["eventTime"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    command, _, output = shown.partition("\n")
    done = run(*shlex.split(command.removeprefix("$ keyswitch ")), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    assert not (wrong := difference(output, done.stdout)), wrong


def test_the_step_that_looks_for_drift_passes(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It notes the exit code for the next step, which keeps an issue with what it has written."""
    looks, keeps = yaml.safe_load(blocks("docs/drift.md", "yaml")[2])
    config = {"config": {"keyswitch:keys": {"AKIAIOSFODNN7EXAMPLE": "Inactive"}}}
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    assert subprocess.run(["bash", "-e", "-c", looks["run"]], cwd=tmp_path, timeout=30, check=False).returncode == 0
    assert (tmp_path / "outputs").read_text(encoding="utf-8") == "code=2\n"
    assert (tmp_path / "drift.md").read_text(encoding="utf-8").startswith(DRIFT_MARKER)
    assert "--body-file drift.md" in keeps["run"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_shown_command_is_one(command: str) -> None:
    """It exists, and so does every option it is given."""
    _, name, *words = shlex.split(command.partition(" > ")[0], comments=True)
    get_command(app).commands[name].make_context(name, words)


@pytest.mark.parametrize(
    ("declared", "code"), [("Bob", 0), ("alice", 1)], ids=["something would change", "it is refused"]
)
def test_the_workflow_makes_a_comment(
    declared: str, code: int, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step passes where something would change and fails where it is refused; the comment is there in any case."""
    (workflow,) = blocks("docs/preview.md", "yaml")
    keys = {"AKIAIOSFODNN7EXAMPLE": {"userName": declared, "status": "Inactive"}}
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": {"keyswitch:keys": keys}}), encoding="utf-8")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    step, comment = yaml.safe_load(workflow)
    assert subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, timeout=30, check=False).returncode == code
    assert (tmp_path / "plan.md").read_text(encoding="utf-8").startswith(MARKER)
    assert "plan.md" in comment["run"]
