"""What the last update left, and how a preview tells of it: leaving entries, drift, what changes in the state only."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from keyswitch.resources import sdk
from keyswitch.resources.component import AccessKeys
from keyswitch.sandbox.server import Sandbox
from tests.support.left_state import declaring, left, urn
from tests.support.mocked_engine import MockedEngine, known
from tests.support.persisted import ACCESS_KEYS
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI

pytestmark = pytest.mark.usefixtures("project")

GONE = "AKIAGONEMEANWHILE001"


def about(engine: MockedEngine, access_key_id: str) -> str:
    """The one line that tells of a key."""
    (line,) = (line for line in engine.lines() if line.partition(":")[0].endswith(f" {access_key_id}"))
    return line


class TestLeaving:
    """Keys that were declared in the last update, and are no longer."""

    def test_the_key_itself_stays(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Removing a line never switches a key, and that is said before it is done; nothing is registered for it."""
        engine.recorded = {**left(BOB, "Active"), **left(CI, "Active")}
        engine.run(AccessKeys, declaring({BOB: "Active"}), preview=True)
        assert about(engine, CI) == f"ci-deploy {CI}: leaves the configuration; the key itself stays Active, 60 d old"
        assert engine.said[-1] == ("INFO", "2 access keys: 1 leaving, 1 unchanged")
        assert set(engine.access_keys) == {BOB}

    def test_one_that_is_deactivated_on_removal(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """What the removal writes is announced like any other change."""
        engine.recorded = left(ALICES_OLD, "Active", on_removal="deactivate")
        engine.run(AccessKeys, declaring({}))
        assert about(engine, ALICES_OLD) == (
            f"alice {ALICES_OLD}: leaves the configuration; Active → Inactive (deactivate), "
            "700 d old, last used 210 d ago by s3 from us-east-1"
        )
        assert engine.said[-1] == ("INFO", "1 access key: 1 to deactivate")

    def test_one_that_is_restored(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """It gets back what it had when it was adopted."""
        sandbox.set_status(BOB, "Inactive")
        engine.recorded = left(BOB, "Inactive", on_removal="restore")
        engine.run(AccessKeys, declaring({}))
        assert about(engine, BOB).startswith(f"Bob {BOB}: leaves the configuration; Inactive → Active (restore)")

    def test_one_that_is_gone_from_aws(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """There is nothing left to leave alone; it is no error either."""
        engine.recorded = left(GONE, "Active")
        engine.run(AccessKeys, declaring({}))
        assert about(engine, GONE) == (f"alice {GONE}: leaves the configuration; the key is gone from AWS already")

    def test_a_guard_stops_it_in_the_preview(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """A key in use is not deactivated on its way out; else its deletion would fail in the middle of the update."""
        engine.recorded = left(CI, "Active", on_removal="deactivate")
        with pytest.raises(pulumi.RunError, match=f"ci-deploy {CI}: last used 40 min ago"):
            engine.run(AccessKeys, declaring({BOB: "Active"}), preview=True)
        assert engine.registered == {}

    def test_a_user_that_is_left_without_a_key_by_it(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """What leaves and what stays are judged together."""
        engine.recorded = {**left(ALICE, "Active", on_removal="deactivate"), **left(ALICES_OLD, "Active")}
        engine.run(AccessKeys, declaring({ALICES_OLD: "Inactive"}))
        assert sum("alice is left without any active access key" in line for line in engine.lines()) == 2

    def test_a_state_of_another_account(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Credentials of another account would not find a single key: refused before anything is looked at."""
        engine.recorded = left(BOB, "Active", account_id="210987654321")
        with pytest.raises(pulumi.RunError, match="The state of this stack was made in account 210987654321"):
            engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert sandbox.actions() == {"GetCallerIdentity": 1}


class TestWhatIsRecorded:
    """Keys that are declared, and were before."""

    def test_the_same_is_told_by_the_sums_alone(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """A run that changes nothing says one line."""
        engine.recorded = {**left(BOB, "Active", user_name="Bob"), **left(CI, "Active")}
        engine.run(AccessKeys, declaring({BOB: {"userName": "Bob", "status": "Active"}, CI: "Active"}))
        told = [line for line in engine.lines() if not line.startswith("note: ")]
        assert told == ["2 access keys: 2 unchanged"]

    def test_drift_is_called_so(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Somebody has switched it on by hand: what it is, what it becomes, and what it was."""
        engine.recorded = left(BOB, "Inactive", reason="OPS-1")
        engine.run(AccessKeys, declaring({BOB: {"status": "Inactive", "reason": "OPS-1"}}))
        assert about(engine, BOB) == (
            f"Bob {BOB}: Active → Inactive (drift: it was Inactive after the last update), 400 d old, "
            "last used 95 d ago by s3 from us-east-1; OPS-1"
        )

    def test_drift_of_a_key_that_is_only_observed(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """It is told, and nothing is done about it."""
        sandbox.set_status(BOB, "Inactive")
        engine.recorded = left(BOB, None, "Active")
        engine.run(AccessKeys, declaring({BOB: {}}))
        told = f"Bob {BOB}: Inactive (only observed; it was Active after the last update), 400 d old"
        assert about(engine, BOB) == told

    def test_a_change_is_no_drift(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The key is as the last update left it; it is the configuration that changed."""
        engine.recorded = left(BOB, "Active")
        engine.run(AccessKeys, declaring({BOB: "Inactive"}))
        assert about(engine, BOB).startswith(f"Bob {BOB}: Active → Inactive, 400 d old")

    @pytest.mark.parametrize(
        ("entry", "told"),
        [
            ({"status": "Active", "reason": "OPS-2"}, "reason"),
            ({"status": "Active", "userName": "Bob"}, "userName, reason"),
            ({"status": "Active", "reason": "OPS-1", "onRemoval": "restore"}, "onRemoval"),
            ({"status": "Active", "reason": "OPS-1", "allow": ["recentlyUsed"]}, "allow"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_only_the_record_changes(
        self, engine: MockedEngine, sandbox: Sandbox, entry: dict[str, Any], told: str
    ) -> None:
        """Pulumi shows an update; this says that AWS is not touched, and which words change."""
        engine.recorded = left(BOB, "Active", reason="OPS-1")
        engine.run(AccessKeys, declaring({BOB: entry}))
        assert f"Bob {BOB}: stays Active; no change in AWS, state only ({told}), 400 d old" in about(engine, BOB)
        assert "ListPolicies" not in sandbox.actions(), "nothing is to be written"

    def test_a_key_that_is_taken_over(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """New to the stack, and as declared already."""
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert about(engine, BOB) == f"Bob {BOB}: stays Active; no change in AWS, state only (adopted), 400 d old"

    def test_a_remembered_owner_who_was_renamed(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Then it is looked up, and the record follows."""
        sandbox.rename_user("alice", "alice.smith")
        engine.recorded = left(ALICE, "Active")
        engine.run(AccessKeys, declaring({ALICE: "Active"}))
        assert about(engine, ALICE).startswith(
            f"alice.smith {ALICE}: stays Active; no change in AWS, state only (owner)"
        )


class TestTheState:
    """How it is read."""

    def test_it_is_that_of_the_running_stack(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Asked for once, by the full name."""
        engine.run(AccessKeys, declaring({BOB: "Active"}), project="my-keys", stack="prod")
        (name,) = engine.asked_for
        assert name.endswith("/my-keys/prod")

    @pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
    def test_one_that_cannot_be_read_is_told_once(self, engine: MockedEngine, sandbox: Sandbox, preview: bool) -> None:
        """Only the outlook on what leaves is missing; the switching of keys does not depend on it."""
        engine.recorded = None
        engine.run(AccessKeys, declaring({BOB: "Inactive", BOBS_SECOND: "Active"}), preview=preview)
        (warning,) = engine.lines("WARNING")
        assert "could not be read; keys that leave it are not shown: " in warning
        assert warning.endswith("the backend is away")
        assert set(engine.access_keys) == {BOB, BOBS_SECOND}
        assert engine.said[-1] == ("INFO", "2 access keys: 1 to activate, 1 to deactivate")

    def test_a_state_that_reads_torn_is_read_again(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another process may be writing it; nothing is said, and what leaves the configuration is shown."""
        engine.recorded = left(CI, "Active")
        answers = [json.JSONDecodeError("unexpected end", "{", 1)]
        read = sdk.stack_resources

        def torn(stack: str) -> Any:
            if answers:
                raise answers.pop()
            return read(stack)

        monkeypatch.setattr(sdk, "stack_resources", torn)
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert engine.lines("WARNING") == []
        assert "leaves the configuration" in about(engine, CI)

    def test_without_it_nothing_is_taken_for_new(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """What is not known of the record is not said of it."""
        engine.recorded = None
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert engine.said[-1] == ("INFO", "1 access key: 1 unchanged")

    def test_resources_of_others_are_passed_over(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """A key that the program declares by itself is no entry of the configuration; nor is a bucket."""
        alone = urn(ALICE).replace(f"{ACCESS_KEYS}$", "")
        engine.recorded = {
            alone: left(ALICE, "Active")[urn(ALICE)],
            "urn:pulumi:test::keyswitch::aws:s3/bucket:Bucket::logs": {"bucket": "logs"},
            "urn:pulumi:test::keyswitch::pulumi:pulumi:Stack::keyswitch-test": {},
            **left(BOB, "Active"),
        }
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert engine.said[-1] == ("INFO", "1 access key: 1 unchanged")

    def test_inside_another_component(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The keys of a program that wraps `AccessKeys` are known, too."""
        engine.recorded = {urn(CI, f"acme:index:Platform${ACCESS_KEYS}"): left(CI, "Active")[urn(CI)]}
        engine.run(AccessKeys, declaring({}))
        assert about(engine, CI).startswith(f"ci-deploy {CI}: leaves the configuration; the key itself stays Active")


class TestSummary:
    """What this run changes, as an output of the stack: for whoever reads it by script."""

    def made(self, engine: MockedEngine, keys: Mapping[str, Any]) -> dict[str, Any]:
        components: list[AccessKeys] = []
        engine.run(lambda: components.append(AccessKeys()), declaring(keys))
        return dict(known(components[0].summary))

    def test_of_changes(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Each change with what is known of it; warnings and notes by their kinds; what stays is counted alone."""
        engine.recorded = {**left(BOB, "Inactive"), **left(CI, "Active"), **left(ALICE, "Active")}
        summary = self.made(engine, {BOB: {"status": "Inactive", "reason": "OPS-1"}, ALICE: "Active"})
        assert summary["counts"] == {"to deactivate": 1, "leaving": 1, "unchanged": 1}
        assert summary["changes"].keys() == {BOB, CI}
        dated = {name: summary["changes"][BOB].pop(name) for name in ("createDate", "lastUsed")}
        assert dated["createDate"].endswith("+00:00")
        assert dated["lastUsed"].keys() == {"date", "serviceName", "region"}
        assert summary["changes"][BOB] == {
            "userName": "Bob",
            "status": "Active",
            "wanted": "Inactive",
            "action": "deactivate",
            "record": "updated",
            "drift": True,
            "reason": "OPS-1",
        }
        assert (summary["changes"][CI]["action"], summary["changes"][CI]["record"]) == ("none", "removed")
        assert summary["warnings"] == [f"{BOB} lastActiveKey"]
        assert "sessionsOutlive" in summary["notes"]
        json.dumps(summary)

    @pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
    def test_it_stays_until_something_changes(self, engine: MockedEngine, sandbox: Sandbox, preview: bool) -> None:
        """A run that changes nothing has the same output as the one before, so that a preview of it stays empty."""
        before = {"counts": {"to activate": 1}, "changes": {BOB: {"reason": "OPS-1"}}, "warnings": [], "notes": []}
        component = f"urn:pulumi:test::keyswitch::{ACCESS_KEYS}::access-keys"
        engine.recorded = {**left(CI, "Active"), component: {"statuses": {CI: "Active"}, "summary": before}}
        engine.run(AccessKeys, declaring({CI: "Active"}), preview=preview)
        assert engine.outputs["access-keys"]["summary"] == before

    def test_a_preview_of_a_change_leaves_it_open(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """What it will tell of AWS may move until the update, and a saved plan would be held to it."""
        engine.recorded = left(BOB, "Active")
        engine.run(AccessKeys, declaring({BOB: "Inactive"}), preview=True)
        assert isinstance(engine.outputs["access-keys"]["summary"], Unknown)
        assert engine.outputs["access-keys"]["statuses"].keys() == {BOB}

    def test_of_nothing(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The first run that changes nothing says that it changes nothing."""
        engine.recorded = left(CI, "Active")
        assert self.made(engine, {CI: "Active"}) == {
            "counts": {"unchanged": 1},
            "changes": {},
            "warnings": [],
            "notes": [],
        }


class TestOrder:
    """What leaves is no resource, so nothing can wait for it; what stays waits as before."""

    def test_deactivations_wait_for_activations(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Also where the state knows both, and one more key leaves."""
        engine.recorded = {**left(BOB, "Active"), **left(BOBS_SECOND, "Inactive"), **left(CI, "Active")}
        engine.run(AccessKeys, declaring({BOB: "Inactive", BOBS_SECOND: "Active"}))
        assert {name: key.depends_on for name, key in engine.access_keys.items()} == {
            BOB: (BOBS_SECOND,),
            BOBS_SECOND: (),
        }
        assert {key.parent for key in engine.access_keys.values()} == {"access-keys"}

    def test_a_leaving_key_that_is_restored_is_waited_for_by_nobody(
        self, engine: MockedEngine, sandbox: Sandbox
    ) -> None:
        """Its write comes with the deletions, which the engine does after all updates."""
        sandbox.set_status(ALICES_OLD, "Inactive")
        engine.recorded = {**left(ALICE, "Active"), **left(ALICES_OLD, "Inactive", on_removal="restore")}
        engine.run(AccessKeys, declaring({ALICE: "Inactive"}))
        assert engine.access_keys[ALICE].depends_on == ()
