"""The main job on the real engine: adopt, repeat, drift, repair, remove, destroy."""

from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Sandbox
from tests.support.engine import Project
from tests.support.persisted import ACCESS_KEY_STATUS, ACCESS_KEYS, PROVIDER
from tests.support.provider_states import SWITCHED
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI


def test_a_whole_life(project: Project, sandbox: Sandbox) -> None:
    """From the first preview to destroy, AWS ends as declared and only announced changes are written."""
    before = sandbox.statuses()
    declared = {
        BOB: {"userName": "Bob", "status": "Inactive", "reason": "OPS-1234"},
        BOBS_SECOND: "Active",
        ALICE: "Active",
        ALICES_OLD: "Inactive",
        CI: {},
    }
    wanted = {**before, BOB: "Inactive", BOBS_SECOND: "Active", ALICES_OLD: "Inactive"}
    project.declare(declared, keyswitch__account="123456789012")

    preview = project.preview()
    assert preview.counts == {"to create": 7}
    assert f"Bob {BOB}: Active → Inactive, 400 d old, last used 95 d ago by s3 from us-east-1; OPS-1234" in preview.told
    assert f"ci-deploy {CI}: Active (only observed), 60 d old" in preview.told
    assert sandbox.statuses() == before
    assert sandbox.actions()["UpdateAccessKey"] == 0

    assert project.up().counts == {"created": 7}
    assert sandbox.statuses() == wanted
    assert sandbox.actions()["UpdateAccessKey"] == 3
    recorded = project.state()
    assert recorded[BOB]["type"] == ACCESS_KEY_STATUS
    assert recorded[BOB]["urn"].endswith(f"{ACCESS_KEYS}${ACCESS_KEY_STATUS}::{BOB}")
    assert recorded[BOB]["inputs"] == {
        "__provider": PROVIDER,
        "access_key_id": BOB,
        "create_date": recorded[BOB]["inputs"]["create_date"],
        "on_removal": "leave",
        "owner": "Bob",
        "reason": "OPS-1234",
        "status": "Inactive",
        "user_name": "Bob",
    }
    assert recorded[BOB]["outputs"] == {
        **recorded[BOB]["inputs"],
        "account_id": "123456789012",
        "declared_status": "Inactive",
        "owner": "Bob",
        "status_at_adoption": "Active",
        "last_switched_date": SWITCHED,
    }
    assert recorded[CI]["outputs"]["status"] == "Active"

    assert project.up().changes_nothing
    assert project.preview().changes_nothing
    assert sandbox.actions()["UpdateAccessKey"] == 3

    sandbox.set_status(BOB, "Active")
    drifted = project.preview()
    assert drifted.counts == {"to update": 1, "unchanged": 6}
    assert f"Bob {BOB}: Active → Inactive" in drifted.output
    natively = project.preview("--refresh", "--diff")
    assert 'status: "Active" => "Inactive"' in " ".join(natively.output.split()).replace(" : ", ": ")
    assert project.up().counts == {"updated": 1, "unchanged": 6}
    assert sandbox.statuses() == wanted

    del declared[ALICES_OLD]
    project.declare(declared, keyswitch__account="123456789012")
    assert 'on_removal : "leave"' in " ".join(project.preview("--diff").output.split())
    removed = project.up()
    assert removed.counts == {"deleted": 1, "unchanged": 6}
    assert f"{ALICES_OLD} is no longer declared; the key itself stays as it is in AWS" in removed.output
    assert sandbox.statuses() == wanted

    asked = len(sandbox.journal)
    assert project.destroy().succeeded
    assert len(sandbox.journal) == asked, "by default, destroy does not even ask AWS"
    assert sandbox.statuses() == wanted
    assert project.state() == {}

    assert set(sandbox.actions()) == {
        "ListAccessKeys",
        "UpdateAccessKey",
        "GetAccessKeyLastUsed",
        "GetCallerIdentity",
        "ListPolicies",
    }
    assert {request.signer for request in sandbox.journal} == {OPERATOR_KEY}


def test_no_secret_is_kept(project: Project, sandbox: Sandbox) -> None:
    """Neither the state nor anything else the CLI keeps holds the secret that the run signed with."""
    project.declare({BOB: "Inactive"})
    assert project.up().succeeded
    secret = project.environment["AWS_SECRET_ACCESS_KEY"]
    kept = [path for path in project.folder.parent.rglob("*") if path.is_file() and ".venv" not in path.parts]
    assert kept
    assert [path for path in kept if secret.encode() in path.read_bytes()] == []


def test_the_stack_file_gets_lines_in_messages(project: Project) -> None:
    """A refused configuration names file and line, all problems at once, and registers nothing."""
    project.declare({BOB: "inactive", CI: {"stauts": "Active"}})
    refused = project.preview()
    assert not refused.succeeded
    assert refused.is_clean
    assert "stacks/Pulumi.test.yaml:" in refused.output
    assert "did you mean Inactive?" in refused.output
    assert "did you mean status?" in refused.output
