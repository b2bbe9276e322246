"""From adoption to removal, each step with the outputs it must give, and what it writes to AWS."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.plugin_process import Lines, Plugin
from tests.support.provider_process import UNKNOWN, Known, Refused
from tests.support.provider_states import OWNERS, SWITCHED, recorded
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING

Start = Callable[..., Plugin]


def inputs(access_key_id: str = BOB, **given: object) -> dict[str, object]:
    """The inputs of a key, as a program gives them."""
    return {"access_key_id": access_key_id, **given}


class TestAWholeLife:
    """Every call of the engine for one key, each step standing on what the last one left."""

    def test_of_a_key_that_is_switched(self, start: Start, sandbox: Sandbox) -> None:
        """What is declared is live after each step, a preview writes nothing, and nothing known is lost."""
        host = start()
        first = inputs(status="Inactive", user_name="Bob", reason="OPS-1", on_removal="restore")
        assert host.check(first).inputs == first
        foreseen = host.create(first, preview=True)
        assert sandbox.actions()["UpdateAccessKey"] == 0
        created = host.create(first)
        assert created == Known(BOB, recorded(first, last_switched_date=SWITCHED))
        assert foreseen == Known(BOB, {**created.outputs, "last_switched_date": UNKNOWN})
        assert (sandbox.statuses()[BOB], sandbox.actions()["UpdateAccessKey"]) == ("Inactive", 1)

        outputs = created.outputs
        for news, status, writes, lines in (
            ({**first, "status": "Active"}, "Active", 2, {"status": "UPDATE"}),
            ({**first, "status": "Active", "reason": "OPS-2"}, "Active", 2, {"reason": "UPDATE"}),
            (
                inputs(on_removal="restore"),
                "Active",
                2,
                {"reason": "DELETE", "status": "DELETE", "user_name": "DELETE"},
            ),
            (
                inputs(status="Inactive", on_removal="leave"),
                "Inactive",
                3,
                {"status": "UPDATE", "on_removal": "UPDATE"},
            ),
        ):
            preview, host = start(), start()
            for process in (preview, host):
                assert process.check(news, outputs).failures == []
                assert process.diff(outputs, news) == Lines(True, lines)
            foreseen = preview.update(outputs, news, preview=True)
            outputs = host.update(outputs, news)
            assert outputs == recorded(news, status=status, last_switched_date=SWITCHED)
            assert foreseen == {**outputs, "last_switched_date": foreseen["last_switched_date"]}
            assert (sandbox.statuses()[BOB], sandbox.actions()["UpdateAccessKey"]) == (status, writes)

        assert host.read(outputs, news) == Known(BOB, outputs, news)
        host.delete(outputs)
        assert sandbox.actions()["UpdateAccessKey"] == 3

    def test_another_way_to_write_the_same(self, start: Start) -> None:
        """A reason of several lines, and guards in any order, are stored in one form and compare as equal."""
        given = inputs(status="Active", reason="two\n  words", allow=["recentlyUsed", "lastActiveKey"])
        stored = inputs(status="Active", reason="two words", allow=["lastActiveKey", "recentlyUsed"])
        host = start()
        assert host.check(given).inputs == stored
        outputs = host.create(stored).outputs
        assert host.check(given, outputs).inputs == stored
        assert host.diff(outputs, stored) == Lines(False, {})

    def test_drift(self, start: Start, sandbox: Sandbox) -> None:
        """It is a line of its own: as a difference to the state, and after the read that comes before an update."""
        news = inputs(status="Inactive")
        outputs = start().create(news).outputs
        sandbox.set_status(BOB, "Active")
        assert start().diff(outputs, news) == Lines(True, {"status": "ADD"})
        host = start()
        read = host.read(outputs, news)
        left = {name: value for name, value in outputs.items() if name != "last_switched_date"}
        assert read == Known(BOB, {**left, "status": "Active"}, {**news, "status": "Active"})
        assert host.check(news, read.inputs).failures == []
        assert host.diff(read.outputs, news) == Lines(True, {"status": "UPDATE"})
        assert host.update(read.outputs, news) == {**outputs, "last_switched_date": SWITCHED}
        assert sandbox.statuses()[BOB] == "Inactive"

    def test_ignored_drift(self, start: Start, sandbox: Sandbox) -> None:
        """With `ignoreChanges: [status]` no guard is asked, nothing differs, and an update writes nothing."""
        news = inputs(CI, status="Inactive", reason="OPS-1", allow=["recentlyUsed"])
        outputs = start().create(news).outputs
        sandbox.set_status(CI, "Active")
        host = start()
        ignoring = {**news, "reason": "OPS-2", "allow": []}
        del ignoring["allow"]
        assert host.check(ignoring, news).failures == []
        assert host.diff(outputs, news, ("status",)) == Lines(False)
        assert host.diff(outputs, ignoring, ("status",)) == Lines(True, {"allow": "DELETE", "reason": "UPDATE"})
        for preview in (True, False):
            updated = host.update(outputs, ignoring, ("status",), preview=preview)
            assert (updated["status"], updated["declared_status"]) == ("Active", "Inactive")
        assert sandbox.statuses()[CI] == "Active"

    def test_of_a_key_that_is_only_observed(self, start: Start, sandbox: Sandbox) -> None:
        """It is recorded, followed by the next run and let go, and never written."""
        created = start().create(inputs(CI))
        assert created == Known(CI, recorded(inputs(CI)))
        sandbox.set_status(CI, "Inactive")
        host = start()
        assert host.diff(created.outputs, inputs(CI)).changes
        assert host.update(created.outputs, inputs(CI)) == {**created.outputs, "status": "Inactive"}
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_removal(self, start: Start, sandbox: Sandbox) -> None:
        """A key is left, restored or deactivated, as `on_removal` declares."""
        for key, on_removal, left_as in ((BOB, "leave", "Inactive"), (ALICE, "restore", "Active")):
            allow = {"allow": ["recentlyUsed"], "reason": "OPS-1"}
            outputs = start().create(inputs(key, status="Inactive", on_removal=on_removal, **allow)).outputs
            start().delete(outputs)
            assert sandbox.statuses()[key] == left_as
        assert "stays as it is in AWS" not in start().said()


class TestARefusal:
    """An error is its text alone, and comes before anything is written."""

    def test_of_a_preview(self, host: Plugin, sandbox: Sandbox) -> None:
        """A missing key, another's key and a key in use fail the check of a new resource."""
        for given, said in (
            (inputs(MISSING, status="Active"), f"There is no access key {MISSING} in account 123456789012"),
            (inputs(BOB, user_name="alice"), f"{BOB} belongs to user Bob, not to alice. Write  userName: Bob"),
            (inputs(CI, status="Inactive"), f"ci-deploy {CI}: last used 40 min ago"),
        ):
            with pytest.raises(Refused) as refused:
                host.check(given)
            assert str(refused.value).startswith(said)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_of_a_known_key(self, start: Start, sandbox: Sandbox) -> None:
        """The guards judge a known key in the preview of its update, and again in the update."""
        news = inputs(CI, status="Active")
        outputs = start().create(news).outputs
        host = start()
        off = inputs(CI, status="Inactive")
        assert host.check(off, news).failures == []
        assert host.diff(outputs, off) == Lines(True, {"status": "UPDATE"})
        for preview in (True, False):
            with pytest.raises(Refused, match=f"ci-deploy {CI}: last used 40 min ago"):
                host.update(outputs, off, preview=preview)
        assert sandbox.statuses()[ALICE] == "Active"

    def test_of_two_declarations(self, host: Plugin) -> None:
        """A key under two names is refused, whether the stack knows the resources or not."""
        assert host.check(inputs(BOB, status="Active"), {"access_key_id": BOB}, name="one").failures == []
        ((_, said),) = host.check(inputs(BOB, status="Active"), name="two").failures
        assert f"{BOB} is declared twice, as urn:" in said

    def test_of_a_value(self, offline: Plugin) -> None:
        """A wrong value, an unknown name and a missing reason are failures of the check, all at once, without AWS."""
        failures = offline.check({"access_key_id": "short", "status": "inactive", "stauts": "Active", "allow": ["x"]})
        said = "\n".join(text for _, text in failures.failures)
        assert {name for name, _ in failures.failures} == {""}, "Pulumi would print the value of a named property"
        for part in ("access_key_id: ", "did you mean Inactive?", "did you mean status?", "allow: "):
            assert part in said

    def test_without_credentials(self, offline: Plugin) -> None:
        """The text says what is missing and what to do."""
        with pytest.raises(Refused, match=r"^There are no AWS credentials\. Set AWS_PROFILE"):
            offline.check(inputs(status="Active"))


class TestUnknownInputs:
    """What is not known yet is only checked as far as it is known."""

    def test_in_a_preview(self, offline: Plugin) -> None:
        """The rest is checked; results are unknown; what may change is shown."""
        news = inputs(UNKNOWN, status="Inactive")
        assert offline.check(news).failures == []
        assert offline.check({**news, "status": "off"}).failures != []
        created = offline.create(news, preview=True)
        assert (created.outputs["status"], created.outputs["owner"]) == ("Inactive", UNKNOWN)
        olds = recorded(inputs(BOB, status="Active"))
        assert offline.diff(olds, inputs(BOB, status=UNKNOWN)) == Lines(True, {"status": "UPDATE"})
        assert offline.update(olds, inputs(BOB, status=UNKNOWN), preview=True)["status"] == UNKNOWN
        assert offline.diff(olds, inputs(UNKNOWN, status="Active")).replaces == ["access_key_id"]


class TestImport:
    """`pulumi import` and the option `import`."""

    def test_it_declares_the_key_as_it_is(self, host: Plugin, sandbox: Sandbox) -> None:
        """The inputs say whose key it is and which status it has; then nothing differs."""
        for key, status in ((BOB, "Active"), (BOBS_SECOND, "Inactive")):
            found = host.imported(key)
            assert found.inputs == {"access_key_id": key, "user_name": OWNERS[key], "status": status}
            assert found == Known(key, recorded(found.inputs, status_at_adoption=status), found.inputs)
            assert host.check(found.inputs, found.inputs).failures == []
            assert host.diff(found.outputs, found.inputs) == Lines(False)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_it_is_never_empty(self, start: Start, sandbox: Sandbox) -> None:
        """A missing key, another account and a missing permission are errors."""
        with pytest.raises(Refused, match=f"^There is no access key {MISSING}"):
            start().imported(MISSING)
        with pytest.raises(Refused, match=r"^The credentials belong to account 123456789012 .*, not to 210987654321"):
            start(account="210987654321").imported(BOB)
        sandbox.faults = [Fault("ListAccessKeys", "AccessDenied", 403, "not now", times=None)]
        with pytest.raises(Refused, match="iam:ListAccessKeys of user Bob"):
            start().imported(BOB)


class TestARefresh:
    """Reading what the stack knows."""

    def test_of_a_key_that_is_gone(self, host: Plugin, sandbox: Sandbox) -> None:
        """It leaves the state only if AWS says so, never because a look-up is denied."""
        outputs = recorded(inputs(ALICES_OLD, status="Active"))
        sandbox.faults = [Fault("ListAccessKeys", "AccessDenied", 403, "not now", times=1)]
        with pytest.raises(Refused, match="iam:ListAccessKeys of user alice"):
            host.read(outputs)
        sandbox.delete(ALICES_OLD)
        assert host.read(outputs) == Known("", {})


def test_a_slow_answer_holds_nothing_up(host: Plugin, sandbox: Sandbox) -> None:
    """Calls wait for AWS in threads, not in the event loop: while one waits, another is answered."""
    sandbox.latency = 1.0
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(host.imported, BOB)
        assert host.check({"access_key_id": "short"}).failures
        assert not waiting.done()
        assert waiting.result().id == BOB
