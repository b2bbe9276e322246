"""On the real engine: a preview lists or refuses the keys that no entry names, and no update waits for them."""

from keyswitch.sandbox.server import Sandbox
from tests.support.engine import Project
from tests.support.seeded import ALICE, BOB, BOBS_SECOND


def test_a_preview_knows_them_and_an_update_does_not(project: Project, sandbox: Sandbox) -> None:
    """The lines and the refusal are those of `keyswitch plan`; Bob's key is switched off all the same."""
    keys = {BOB: {"userName": "Bob", "status": "Inactive"}, BOBS_SECOND: "Active"}
    project.declare(keys, keyswitch__undeclared="warn")
    preview, plan = project.preview(), project.keyswitch("plan")
    assert preview.succeeded, preview.output
    listed = [line for line in plan.output.splitlines() if "no entry names it" in line]
    assert len(listed) == 4
    assert [line for line in preview.told if "no entry names it" in line] == listed
    project.declare(keys, keyswitch__undeclared="block")
    preview, plan = project.preview(), project.keyswitch("plan")
    assert not preview.succeeded
    assert plan.code == 1
    _, _, refusal = plan.output.partition("error: ")
    assert refusal.splitlines()[0].startswith("4 access keys of the account are declared nowhere: ")
    assert preview.refused_at.strip() == refusal.strip()
    assert f"{ALICE}:" in refusal
    update = project.up()
    assert update.succeeded, update.output
    assert sandbox.statuses()[BOB] == "Inactive"
