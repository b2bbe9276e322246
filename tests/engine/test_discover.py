"""From an account to a stack that Pulumi manages, and a rehearsal on a copy of the account."""

import json

import pytest

from keyswitch.sandbox.seed import EXAMPLE, SeededAccount
from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import PulumiCli
from tests.support.engine import Project
from tests.support.seeded import BOB

ACCOUNT = "210987654321"


@pytest.fixture
def iam() -> Sandbox:
    """The example's keys in an account of one's own."""
    return Sandbox([SeededAccount(ACCOUNT), *EXAMPLE])


def test_from_an_account_to_a_rehearsal(project: Project, sandbox: Sandbox, cli: PulumiCli) -> None:
    """The first preview only records; a change is first seen on a copy of the account, and nothing is written to it."""
    made = project.stack_file.read_text(encoding="utf-8")
    project.stack_file.write_text(f'{made}config:\n  keyswitch:account: "{ACCOUNT}"\n', encoding="utf-8")
    assert project.keyswitch("discover").succeeded
    discovered = project.stack_file.read_text(encoding="utf-8")
    assert discovered.startswith(f'{made}config:\n  keyswitch:account: "{ACCOUNT}"\n  keyswitch:keys:\n')
    assert project.keyswitch("plan").succeeded
    preview = project.preview()
    assert preview.succeeded, preview.output
    assert preview.told[-1] == "6 access keys: 6 state only"
    assert all("no change in AWS" in line for line in preview.told[:6])
    printed = project.keyswitch("discover", "--json", "--no-comments")
    document, _, _ = printed.output.partition("\nnote: ")
    (project.folder / "account.json").write_text(document, encoding="utf-8")
    assert json.loads(document)["account"] == ACCOUNT
    entry = discovered.index(BOB)
    switched = discovered[:entry] + discovered[entry:].replace("status: Active", "status: Inactive", 1)
    project.stack_file.write_text(switched, encoding="utf-8")
    sandbox.journal.clear()
    command = (str(cli.path), "preview", "--non-interactive", "--color", "never")  # --stack follows
    rehearsed = project.keyswitch("sandbox", "--inventory", "account.json", "exec", "--", *command)
    assert rehearsed.succeeded, rehearsed.output
    assert f"Bob {BOB}: Active → Inactive, 400 d old, last used 95 d ago by s3 from us-east-1" in rehearsed.told
    assert rehearsed.told[-1] == "6 access keys: 1 to deactivate, 5 state only"
    assert sandbox.journal == []
