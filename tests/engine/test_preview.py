"""What a preview tells, and which calls to AWS it makes."""

from collections.abc import Iterable
from datetime import timedelta

import yaml

from keyswitch.access_key.digest import digest
from keyswitch.sandbox.seed import ACCOUNT, SeededKey, plant
from keyswitch.sandbox.server import Request, Sandbox
from tests.support.engine import Project
from tests.support.examples import change, key
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI
from tests.support.use import use


def asked(requests: Iterable[Request], action: str) -> list[str]:
    """The users of all lists, or the keys of another action, sorted."""
    return sorted(str(r.access_key_id or r.parameters.get("UserName")) for r in requests if r.action == action)


def test_a_change_is_told_alike_everywhere(project: Project) -> None:
    """`preview`, `preview --diff`, `keyswitch plan` and `up` tell writes, warnings, notes and digest alike."""
    project.declare(
        {
            BOB: {"userName": "Bob", "status": "Inactive", "reason": "OPS-1234: his jobs moved"},
            BOBS_SECOND: "Active",
            ALICE: {"status": "Inactive", "allow": ["recentlyUsed"], "reason": "she has left"},
            ALICES_OLD: "Inactive",
        }
    )
    writes = [change(key(BOBS_SECOND, status="Inactive"), "Active")]
    writes += [change(key(key_id), "Inactive") for key_id in (BOB, ALICE, ALICES_OLD)]
    told = [run.told for run in (project.preview(), project.preview("--diff"), project.keyswitch("plan"), project.up())]
    assert told[0] == [
        f"Bob {BOBS_SECOND}: Inactive → Active, 30 d old, never used",
        f"Bob {BOB}: Active → Inactive, 400 d old, last used 95 d ago by s3 from us-east-1; OPS-1234: his jobs moved",
        f"alice {ALICE}: Active → Inactive, 120 d old, last used 3 d ago by ec2 from us-east-1; she has left",
        f"alice {ALICES_OLD}: Active → Inactive, 700 d old, last used 210 d ago by s3 from us-east-1",
        f"warning: alice {ALICE}: alice is left without any active access key; "
        "whatever signs as this user loses access [lastActiveKey]",
        f"warning: alice {ALICES_OLD}: alice is left without any active access key; "
        "whatever signs as this user loses access [lastActiveKey]",
        told[0][-3],
        f"digest of this change: {digest(ACCOUNT, writes)[:16]}",
        "4 access keys: 1 to activate, 3 to deactivate",
    ]
    assert told[0][-3].startswith("note: sessions made with a deactivated key stay valid until they expire")
    assert told[1:] == [told[0]] * 3


def test_from_adoption_to_drift(project: Project, sandbox: Sandbox) -> None:
    """Adoption, a run without changes and drift are each told as such, and make only the calls they need."""
    declared = {BOB: "Inactive", BOBS_SECOND: {"userName": "Bob", "status": "Inactive"}, ALICE: "Active", CI: {}}
    project.declare(declared)
    adoption = project.preview()
    assert adoption.told == [
        f"Bob {BOBS_SECOND}: stays Inactive; no change in AWS, state only (adopted), 30 d old",
        f"Bob {BOB}: Active → Inactive, 400 d old, last used 95 d ago by s3 from us-east-1",
        f"alice {ALICE}: stays Active; no change in AWS, state only (adopted), 120 d old",
        f"ci-deploy {CI}: Active (only observed), 60 d old",
        f"warning: Bob {BOB}: Bob is left without any active access key; "
        "whatever signs as this user loses access [lastActiveKey]",
        *adoption.told[5:-1],
        "4 access keys: 1 to deactivate, 3 state only",
    ]
    lists = asked(sandbox.journal, "ListAccessKeys")
    assert lists == ["Bob", "None", "alice", "ci-deploy"], "one of each user, and one of who signs"
    assert asked(sandbox.journal, "GetAccessKeyLastUsed") == sorted([BOB, ALICE, CI]), "owners, and what is cut off"
    assert project.up().succeeded
    outputs = project.outputs()
    assert outputs["statuses"] == {BOB: "Inactive", BOBS_SECOND: "Inactive", ALICE: "Active", CI: "Active"}
    assert outputs["summary"]["counts"] == {"to deactivate": 1, "only in the record": 3}
    assert {key_id: change["action"] for key_id, change in outputs["summary"]["changes"].items()} == {
        BOB: "deactivate", BOBS_SECOND: "none", ALICE: "none",
    }  # fmt: skip
    assert outputs["summary"]["warnings"] == [f"{BOB} lastActiveKey"]

    before = len(sandbox.journal)
    again = project.preview("--expect-no-changes")
    assert again.changes_nothing, again.output
    assert again.told[0] == f"ci-deploy {CI}: Active (only observed), 60 d old"
    assert again.told[-1] == "4 access keys: 4 unchanged"
    assert asked(sandbox.journal[before:], "ListAccessKeys") == ["Bob", "alice", "ci-deploy"]
    assert {r.action for r in sandbox.journal[before:]} == {"GetCallerIdentity", "ListAccessKeys"}

    sandbox.set_status(BOB, "Active")
    sandbox.set_status(CI, "Inactive")
    before = len(sandbox.journal)
    drifted = project.preview()
    assert drifted.counts == {"to update": 2, "unchanged": 4}
    assert drifted.told[:2] == [
        f"Bob {BOB}: Active → Inactive (drift: it was Inactive after the last update), 400 d old, "
        "last used 95 d ago by s3 from us-east-1",
        f"ci-deploy {CI}: Inactive (only observed; it was Active after the last update), 60 d old",
    ]
    assert asked(sandbox.journal[before:], "ListAccessKeys") == ["Bob", "alice", "ci-deploy"]
    assert asked(sandbox.journal[before:], "GetAccessKeyLastUsed") == [BOB]


def test_entries_that_leave(project: Project, sandbox: Sandbox) -> None:
    """The preview tells what becomes of each key that leaves, given its live status; `up` does exactly that."""
    project.declare(
        {
            BOB: {"status": "Inactive", "onRemoval": "restore"},
            BOBS_SECOND: "Active",
            ALICE: {"status": "Active", "onRemoval": "deactivate", "allow": ["recentlyUsed"], "reason": "it is old"},
            ALICES_OLD: "Inactive",
            CI: {},
        }
    )
    assert project.up().succeeded
    sandbox.set_status(BOBS_SECOND, "Inactive")
    sandbox.delete(ALICES_OLD)
    project.declare({})
    outlook = project.preview()
    assert outlook.counts == {"to delete": 5, "unchanged": 2}
    told = [
        f"Bob {BOBS_SECOND}: leaves the configuration; the key itself stays Inactive, 30 d old",
        f"Bob {BOB}: leaves the configuration; Inactive → Active (restore), 400 d old, last use not looked up",
        f"alice {ALICE}: leaves the configuration; Active → Inactive (deactivate), 120 d old, "
        "last used 3 d ago by ec2 from us-east-1",
        f"ci-deploy {CI}: leaves the configuration; the key itself stays Active, 60 d old",
        f"alice {ALICES_OLD}: leaves the configuration; the key is gone from AWS already",
        f"warning: alice {ALICE}: alice is left without any active access key; "
        "whatever signs as this user loses access [lastActiveKey]",
    ]
    assert outlook.told[: len(told)] == told
    assert outlook.told[-1] == "5 access keys: 1 to activate, 1 to deactivate, 3 leaving"
    before = len(sandbox.journal)
    removed = project.up()
    assert removed.counts == {"deleted": 5, "unchanged": 2}
    assert removed.told == outlook.told
    assert asked(sandbox.journal[before:], "UpdateAccessKey") == sorted([BOB, ALICE])
    assert sandbox.statuses() == {BOB: "Active", BOBS_SECOND: "Inactive", ALICE: "Inactive", CI: "Active"}


def test_the_guards_of_a_removal_fire_in_the_preview(project: Project, sandbox: Sandbox) -> None:
    """A removal that would deactivate a key in use is refused in the preview; the lines that it names let it pass."""
    project.declare({CI: {"status": "Active", "onRemoval": "deactivate"}})
    assert project.up().succeeded
    use(sandbox, CI)
    project.declare({})
    refused = project.preview()
    assert not refused.succeeded
    assert refused.is_clean
    headline, how, *lines = refused.refused_at.splitlines()
    assert headline.startswith(f"ci-deploy {CI}: last used ")
    assert headline.endswith("a use within 24h means that something still signs with it [recentlyUsed]")
    assert how == "To do it all the same, write among the keys:"
    project.declare(yaml.safe_load("\n".join(lines)))
    allowed = project.up()
    assert allowed.succeeded, allowed.output
    assert sandbox.statuses()[CI] == "Inactive"
    project.declare({})
    assert f"ci-deploy {CI}: leaves the configuration; the key is Inactive already, 60 d old" in project.up().told
    assert project.state() == {}


def test_sixty_changes_stay_readable(project: Project, sandbox: Sandbox) -> None:
    """The changes are told in groups, with the riskiest keys by name, in at most forty lines; the total is last."""
    many = [
        SeededKey(
            f"AKIAMANY{n:04d}EXAMPLE0", f"many-{n:02d}", last_used=timedelta(days=2 + n, hours=1) if n % 3 else None
        )
        for n in range(60)
    ]
    plant(many)
    reasons = ("OPS-1 nobody uses them", "OPS-2 moved to OIDC")
    declared = {
        key.access_key_id: {"userName": key.user_name, "status": "Inactive", "reason": reasons[n % 2]}
        for n, key in enumerate(many)
    }
    project.declare({**declared, BOBS_SECOND: "Active"})
    preview = project.preview()
    assert preview.counts == {"to create": 63}
    assert len(preview.told) <= 40
    assert preview.told[-1] == "61 access keys: 1 to activate, 60 to deactivate"
    for reason, riskiest, days, uses in (
        (reasons[0], "02", 4, "2 within 7 d, 18 within 90 d, 10 never"),
        (reasons[1], "01", 3, "1 within 7 d, 19 within 90 d, 10 never"),
    ):
        group = preview.told.index(f"30 keys of 30 users: Active → Inactive; {reason}")
        assert preview.told[group + 1 : group + 3] == [
            f"last used: {uses}",
            f"many-{riskiest} AKIAMANY00{riskiest}EXAMPLE0: Active → Inactive, 120 d old, "
            f"last used {days} d ago by s3 from us-east-1; {reason}",
        ]
        assert preview.told[group + 7] == "… and 25 others"
    assert f"Bob {BOBS_SECOND}: Inactive → Active, 30 d old, never used" in preview.told
