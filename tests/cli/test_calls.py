"""What a command asks of AWS about quarantines, and what `apply` writes where an activation fails."""

import boto3
import pytest

from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import EXAMPLE, LoadedRun, StackFile
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI

NAMED = f"""
config:
  keyswitch:keys:
    {BOB}: {{userName: Bob, status: Inactive}}
    {BOBS_SECOND}: {{userName: Bob, status: Active}}
    {ALICE}: {{userName: alice, status: Active}}
    {ALICES_OLD}: {{userName: alice, status: Inactive}}
    {CI}: {{userName: ci-deploy}}
"""


def written(sandbox: Sandbox) -> list[str | None]:
    """The keys that were written, in order."""
    return [r.access_key_id for r in sandbox.journal if r.action == "UpdateAccessKey"]


class TestQuarantine:
    """That AWS takes a user's key for leaked is told where one of the user's keys changes."""

    @pytest.mark.parametrize("version", ["V2", "V3"])
    def test_it_is_noted(self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile, version: str) -> None:
        """Whose, and by which policy; it stops nothing, and costs two requests."""
        policy = f"AWSCompromisedKeyQuarantine{version}"
        iam = boto3.client("iam", region_name="us-east-1")
        for user_name in ("alice", "ci-deploy"):
            iam.attach_user_policy(UserName=user_name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
        sandbox.journal.clear()
        done = loaded("plan", "--file", stack_file(EXAMPLE))
        assert done.returncode == 2
        told = f"AWS takes a key of these users for leaked and has quarantined them: alice ({policy})"
        assert f"note: {told}" in done.stdout.splitlines(), "and not ci-deploy, whose key does not change"
        assert (sandbox.actions()["ListPolicies"], sandbox.actions()["ListEntitiesForPolicy"]) == (1, 1)

    def test_who_may_not_ask_has_a_plan_all_the_same(
        self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile
    ) -> None:
        """Without iam:ListPolicies nothing is said of it, and it is not asked again."""
        sandbox.faults.append(Fault("ListPolicies", "AccessDenied", 403, "no", times=None))
        done = loaded("plan", "--file", stack_file(EXAMPLE))
        assert (done.returncode, done.stderr) == (2, "")
        assert "quarantine" not in done.stdout
        assert sandbox.actions()["ListPolicies"] == 1


class TestApply:
    """A user is never without a working key in between."""

    def test_after_a_failed_activation_nothing_is_deactivated(
        self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile
    ) -> None:
        """Bob keeps the key that works, and reads why; alice is not held up. Exit code 1."""
        sandbox.faults.append(Fault("UpdateAccessKey", "LimitExceeded", 409, "no", times=None, about=BOBS_SECOND))
        done = loaded("apply", "--yes", "--file", stack_file(NAMED))
        assert done.returncode == 1
        assert BOB not in written(sandbox)
        assert (sandbox.statuses()[BOB], sandbox.statuses()[ALICES_OLD]) == ("Active", "Inactive")
        failed, given_up = done.stderr.splitlines()
        assert failed.startswith(f"error: iam:UpdateAccessKey for {BOBS_SECOND}")
        assert given_up.startswith(f"error: {BOB} is not deactivated, because {BOBS_SECOND} must be switched first")


def test_no_undeclared_key_holds_up_a_containment(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """The plan is refused for the operator's key, which no entry names; `apply` does not even look for such keys."""
    path = stack_file(f"{NAMED}  keyswitch:undeclared: block\n")
    refused = loaded("plan", "--file", path)
    assert refused.returncode == 1
    assert "1 access key of the account is declared nowhere: operator" in refused.stderr
    sandbox.journal.clear()
    done = loaded("apply", "--yes", "--file", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.statuses()[BOB] == "Inactive"
    assert sandbox.actions()["ListUsers"] == 0
