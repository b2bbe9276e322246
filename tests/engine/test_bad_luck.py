"""Failures on the real engine: each is one clear line, and the next run completes the work."""

import json
import signal

import pytest
import yaml

from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, OPERATOR_KEY, SeededKey, plant
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.engine import NewProject, Project
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING


def test_everything_unfindable_is_named_at_once(project: Project, sandbox: Sandbox) -> None:
    """An unknown key, a wrong owner and a missing user fail the preview together; the owner is named."""
    project.declare(
        {
            MISSING: "Active",
            BOB: {"userName": "alice", "status": "Inactive"},
            CI: {"userName": "nobody", "status": "Active"},
            ALICES_OLD: "Inactive",
        }
    )
    refused = project.preview()
    assert not refused.succeeded
    assert refused.is_clean
    assert f"There is no access key {MISSING} in account 123456789012" in refused.output
    assert f"{BOB} belongs to user Bob, not to alice" in refused.output
    assert f"{CI} belongs to user ci-deploy, not to nobody" in refused.output
    assert sandbox.actions()["UpdateAccessKey"] == 0
    update = project.up()
    assert not update.succeeded
    assert update.is_clean
    assert set(project.state()) == {ALICES_OLD}, "an update without a preview does what it can"


def test_no_credentials(new_project: NewProject) -> None:
    """Without credentials the preview fails, and says what to do."""
    project = new_project()
    del project.environment["AWS_ACCESS_KEY_ID"], project.environment["AWS_SECRET_ACCESS_KEY"]
    project.declare({BOB: "Inactive"})
    refused = project.preview()
    assert not refused.succeeded
    assert refused.is_clean
    assert "There are no AWS credentials. Set AWS_PROFILE or aws:profile" in refused.output


def test_an_endpoint_that_does_not_answer(new_project: NewProject) -> None:
    """An unreachable endpoint is named."""
    project = new_project(AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")
    project.declare({BOB: "Inactive"})
    refused = project.preview()
    assert not refused.succeeded
    assert refused.is_clean
    assert "AWS could not be reached for sts:GetCallerIdentity" in refused.output
    assert "http://127.0.0.1:9" in refused.output


def test_another_account_than_declared(project: Project) -> None:
    """Credentials of another account than `keyswitch:account` are refused."""
    project.declare({BOB: "Inactive"}, keyswitch__account="210987654321")
    refused = project.preview()
    assert not refused.succeeded
    assert refused.is_clean
    assert "The credentials belong to account 123456789012" in refused.output


@pytest.mark.parametrize("command", ["preview", "up", "refresh"])
def test_a_state_made_in_another_account(project: Project, sandbox: Sandbox, command: str) -> None:
    """A state from another account is never applied, and a refresh drops nothing from it."""
    project.declare({BOB: "Inactive"})
    assert project.up().succeeded
    assert project.imported(project.exported().replace("123456789012", "210987654321")).succeeded
    writes = sandbox.actions()["UpdateAccessKey"]
    project.declare({BOB: "Active"})
    refused = {"preview": project.preview, "up": project.up, "refresh": project.refresh}[command]()
    assert not refused.succeeded
    assert refused.is_clean
    assert "The state of this stack was made in account 210987654321, but the credentials belong to 123456789012" in (
        refused.output
    )
    assert sandbox.actions()["UpdateAccessKey"] == writes
    assert set(project.state()) == {BOB}


def test_one_of_five_fails(new_project: NewProject, sandbox: Sandbox) -> None:
    """The other four are switched; the run fails and names the one. A second run completes it."""
    project = new_project(PULUMI_CONTINUE_ON_ERROR="true")
    sandbox.set_status(CI, "Inactive")
    wanted = {BOB: "Inactive", BOBS_SECOND: "Active", ALICE: "Inactive", ALICES_OLD: "Inactive", CI: "Active"}
    sandbox.faults.append(
        Fault(
            "UpdateAccessKey", "AccessDenied", 403, "User: x is not authorized to perform: it", times=None, about=ALICE
        )
    )
    project.declare(wanted)
    failed = project.up()
    assert not failed.succeeded, failed.output
    assert failed.is_clean
    assert f"error: AccessDenied: iam:UpdateAccessKey for {ALICE} of user alice was denied" in failed.output
    assert "Grant iam:UpdateAccessKey" in failed.output
    assert sandbox.statuses() == {**wanted, ALICE: "Active"}, failed.output
    assert set(project.state()) == set(wanted) - {ALICE}
    sandbox.faults.clear()
    assert project.up().counts == {"created": 1, "unchanged": 6}
    assert sandbox.statuses() == wanted


def test_several_fail(new_project: NewProject, sandbox: Sandbox) -> None:
    """Several failing keys are each named, in one line each."""
    project = new_project(PULUMI_CONTINUE_ON_ERROR="true")
    sandbox.faults.append(Fault("UpdateAccessKey", "ServiceFailure", 500, "Internal error", times=None))
    project.declare({BOB: "Inactive", ALICES_OLD: "Inactive"})
    failed = project.up()
    assert not failed.succeeded, failed.output
    assert failed.is_clean
    for key_id in (BOB, ALICES_OLD):
        assert f"error: IamUnavailable: iam:UpdateAccessKey for {key_id}" in failed.output


def test_interrupted_in_the_middle_of_ninety(new_project: NewProject, sandbox: Sandbox) -> None:
    """After Ctrl-C in an update of 90 keys, more than are prefetched, the next run does the rest."""
    project = new_project()
    keys = {key.access_key_id: "Inactive" for key in NINETY}
    plant(NINETY)
    project.declare(keys)
    sandbox.latency = 0.05
    cut = project.interrupted_up(until=lambda: sandbox.actions()["UpdateAccessKey"] >= 8)
    sandbox.latency = 0.0
    assert not cut.succeeded
    assert cut.is_clean
    done = [key_id for key_id, status in sandbox.statuses().items() if key_id in keys and status == "Inactive"]
    assert 8 <= len(done) < 90
    resources = json.loads(project.exported())["deployment"]
    assert not resources.get("pending_operations"), "nothing has to be repaired by hand"
    completed = project.up()
    assert completed.succeeded, completed.output
    assert {sandbox.statuses()[key_id] for key_id in keys} == {"Inactive"}
    assert set(project.state()) == set(keys)
    assert project.up().changes_nothing


def test_killed_in_the_middle(project: Project, sandbox: Sandbox) -> None:
    """After kill -9 only Pulumi's own lock must be removed; the next run ends in the declared state."""
    plant(NINETY)
    keys = [key.access_key_id for key in NINETY]
    project.declare(dict.fromkeys(keys, "Active"))
    assert project.up().succeeded
    project.declare(dict.fromkeys(keys, "Inactive"))
    sandbox.latency = 0.05
    project.interrupted_up(lambda: sandbox.actions()["UpdateAccessKey"] >= 8, by=signal.SIGKILL)
    sandbox.latency = 0.0
    project.pulumi("cancel", "--yes")
    completed = project.up()
    assert completed.succeeded, completed.output
    assert {sandbox.statuses()[key_id] for key_id in keys} == {"Inactive"}
    assert project.up().changes_nothing


NINETY = [SeededKey(f"AKIANINETY{n:04d}EXAMP", f"ninety-{n:02d}") for n in range(90)]


@pytest.mark.parametrize("arguments", [(), ("--continue-on-error",)], ids=["stop", "continue"])
def test_the_activation_fails_so_the_deactivation_is_not_done(
    project: Project, sandbox: Sandbox, arguments: tuple[str, ...]
) -> None:
    """A user whose new key cannot be activated keeps the old one, also with --continue-on-error."""
    assert EXAMPLE[0].user_name == EXAMPLE[1].user_name == "Bob"
    sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, "no", times=None, about=BOBS_SECOND))
    project.declare({BOB: "Inactive", BOBS_SECOND: "Active", ALICES_OLD: "Inactive"})
    failed = project.up(*arguments)
    assert not failed.succeeded, failed.output
    assert failed.is_clean
    assert sandbox.statuses()[BOB] == "Active"
    assert BOB not in [r.access_key_id for r in sandbox.journal if r.action == "UpdateAccessKey"]
    if arguments:
        assert sandbox.statuses()[ALICES_OLD] == "Inactive"
    sandbox.faults.clear()
    assert project.up(*arguments).succeeded
    order = [r.access_key_id for r in sandbox.journal if r.action == "UpdateAccessKey" and r.outcome == "ok"]
    assert [key_id for key_id in order if key_id != ALICES_OLD] == [BOBS_SECOND, BOB]


def test_the_activation_fails_so_no_removal_deactivates(project: Project, sandbox: Sandbox) -> None:
    """`onRemoval: deactivate` waits for the activation of the user's new key, also with --continue-on-error."""
    project.declare({BOB: {"status": "Active", "onRemoval": "deactivate"}, BOBS_SECOND: "Inactive"})
    assert project.up().succeeded
    sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, "no", times=None, about=BOBS_SECOND))
    project.declare({BOBS_SECOND: "Active"})
    failed = project.up("--continue-on-error")
    assert not failed.succeeded, failed.output
    assert sandbox.statuses()[BOB] == "Active", "Bob is not left without a key"
    sandbox.faults.clear()
    assert project.up().succeeded
    assert (sandbox.statuses()[BOBS_SECOND], sandbox.statuses()[BOB]) == ("Active", "Inactive")


def test_a_recently_used_key_is_guarded(project: Project, sandbox: Sandbox) -> None:
    """Deactivating a key that was used minutes ago fails the preview; the line that it names lets it pass."""
    project.declare({CI: "Inactive"})
    refused = project.preview()
    assert not refused.succeeded
    assert refused.is_clean
    headline, how, *lines = refused.refused_at.splitlines()
    assert headline.startswith(f"ci-deploy {CI}: last used ")
    assert how == "To do it all the same, write among the keys:"
    assert lines[-1] == "      allow: [recentlyUsed]"
    project.declare(yaml.safe_load("\n".join(lines)))
    passed = project.up()
    assert passed.succeeded
    assert "ci-deploy is left without any active access key" in passed.output
    assert sandbox.statuses()[CI] == "Inactive"


def test_the_key_of_the_run_itself_goes_last(project: Project, sandbox: Sandbox) -> None:
    """All other keys are switched first and the run succeeds; the next run says that it needs other credentials."""
    allowed = {"status": "Inactive", "reason": "moved to single sign-on", "allow": ["ownCredentials"]}
    keys = {OPERATOR_KEY: allowed, BOB: "Inactive", ALICES_OLD: "Inactive"}
    project.declare(keys)
    assert project.up().counts == {"created": len(keys) + 2}
    assert [sandbox.statuses()[key] for key in (BOB, ALICES_OLD)] == ["Inactive", "Inactive"]
    writes = [request.parameters["AccessKeyId"] for request in sandbox.journal if request.action == "UpdateAccessKey"]
    assert sorted(writes[:-1]) == sorted([BOB, ALICES_OLD])
    assert writes[-1] == OPERATOR_KEY
    refused = project.preview()
    assert refused.is_clean
    assert "AWS does not accept the credentials" in refused.refused_at
    assert "choose other credentials" in refused.refused_at


def test_one_bad_entry_holds_back_no_other(project: Project, sandbox: Sandbox) -> None:
    """The preview fails and shows it; an update that goes on switches the leaked key off, and fails for the other."""
    project.declare(
        {MISSING: {"userName": "Bob", "status": "Inactive"}, CI: {"status": "Inactive", "reason": "INC-77"}},
        keyswitch__guards={"recentlyUsed": "warn"},
    )
    preview = project.preview()
    assert not preview.succeeded
    assert f"User Bob of account {ACCOUNT} has no access key {MISSING}" in preview.refused_at
    done = project.up("--continue-on-error")
    assert not done.succeeded
    assert done.is_clean
    assert f"has no access key {MISSING}" in done.output
    assert sandbox.statuses()[CI] == "Inactive"
    assert set(project.state()) == {CI}


def test_a_key_that_is_deleted_after_it_was_switched_off(project: Project, sandbox: Sandbox) -> None:
    """Its entry is of no use any more, which is a note: nothing fails, and nothing else is held back."""
    project.declare({BOB: "Inactive", CI: {}})
    assert project.up().succeeded
    sandbox.delete(BOB)
    project.declare({BOB: "Inactive", ALICE: "Inactive", CI: {}})
    preview = project.preview()
    assert preview.succeeded
    assert f"note: declared Inactive, but no longer in AWS: Bob {BOB}; remove the entry" in preview.told
    assert project.up().succeeded
    assert sandbox.statuses()[ALICE] == "Inactive"
    assert set(project.state()) == {BOB, ALICE, CI}
