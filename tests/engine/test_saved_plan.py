"""Saved plans do what was reviewed, also when AWS changes between preview and update."""

from keyswitch.sandbox.server import Sandbox
from tests.support.engine import Project
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI
from tests.support.use import use


def test_a_plan_does_what_was_reviewed_and_mends_nothing_else(project: Project, sandbox: Sandbox) -> None:
    """`up --plan` does exactly the plan; a key that drifted since is not switched."""
    declared = {BOB: "Active", BOBS_SECOND: "Inactive", ALICE: "Active", ALICES_OLD: "Active", CI: {}}
    project.declare(declared)
    assert project.up().succeeded
    project.declare({**declared, ALICES_OLD: {"status": "Inactive", "reason": "OPS-7"}})
    plan = str(project.folder / "plan.json")
    reviewed = project.preview("--save-plan", plan)
    assert reviewed.counts == {"to update": 1, "unchanged": 6}
    done = project.up("--plan", plan)
    assert done.succeeded, done.output
    assert done.told == reviewed.told
    assert [r.access_key_id for r in sandbox.journal if r.action == "UpdateAccessKey"] == [ALICES_OLD]

    project.declare(declared)
    assert project.preview("--save-plan", plan).counts == {"to update": 1, "unchanged": 6}
    sandbox.set_status(BOBS_SECOND, "Active")
    refused = project.up("--plan", plan)
    assert not refused.succeeded
    assert refused.is_clean
    assert f"Bob {BOBS_SECOND}: Active → Inactive (drift: it was Inactive after the last update)" in refused.output
    assert "update is not allowed by the plan: this resource is constrained to same" in refused.output
    written = {r.access_key_id for r in sandbox.journal if r.action == "UpdateAccessKey"}
    assert written == {ALICES_OLD}, "Pulumi may have begun what was reviewed; it begins nothing else"
    assert sandbox.statuses()[BOBS_SECOND] == "Active"


def test_the_key_is_used_after_the_review(project: Project, sandbox: Sandbox) -> None:
    """A key that was used since the review is not deactivated, with the plan or without."""
    project.declare({BOB: "Active", ALICES_OLD: "Active"})
    assert project.up().succeeded
    project.declare({BOB: "Inactive", ALICES_OLD: "Inactive"})
    plan = str(project.folder / "plan.json")
    assert project.preview("--save-plan", plan).counts == {"to update": 2, "unchanged": 2}
    use(sandbox, BOB)
    for refused in (project.up("--plan", plan), project.up()):
        assert not refused.succeeded
        assert refused.is_clean
        assert f"Bob {BOB}: last used " in refused.refused_at
        assert "[recentlyUsed]" in refused.refused_at
    assert sandbox.actions()["UpdateAccessKey"] == 0
    assert sandbox.statuses()[ALICES_OLD] == "Active"


def test_what_does_not_matter_may_move_after_the_review(project: Project, sandbox: Sandbox) -> None:
    """A use since the review does not fail the plan if the key is not switched."""
    project.declare({BOB: "Inactive", ALICE: "Active"})
    plan = str(project.folder / "plan.json")
    assert project.preview("--save-plan", plan).succeeded
    use(sandbox, ALICE)
    done = project.up("--plan", plan)
    assert sandbox.statuses()[BOB] == "Inactive"
    assert done.succeeded, done.output
