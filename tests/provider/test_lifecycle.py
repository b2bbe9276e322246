"""From adoption to removal, as tables: each step with the outputs it must give, and what it writes to AWS."""

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.provider_process import Host, Known, Refused, Start, provider
from tests.support.provider_states import ACCOUNT, OTHER_ACCOUNT, OWNERS, SWITCHED, inputs, recorded, seen
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING


class TestAWholeLife:
    """Create, updates, read and delete of one key, each step standing on what the last one left."""

    def test_of_a_key_that_is_switched(self, start: Start, sandbox: Sandbox) -> None:
        """What is declared is live after each step, each step writes at most once, and nothing known is lost.

        Each step is a run of its own, with a process of its own.
        """
        host = start()
        first = inputs(status="Inactive", user_name="Bob", reason="OPS-1", on_removal="restore")
        created = host.create(first)
        assert created == Known(BOB, recorded(first, last_switched_date=SWITCHED))
        assert (sandbox.statuses()[BOB], sandbox.actions()["UpdateAccessKey"]) == ("Inactive", 1)

        outputs = created.outputs
        for news, status, writes in (
            ({**first, "status": "Active"}, "Active", 2),
            ({**first, "status": "Active", "reason": "OPS-2"}, "Active", 2),
            (inputs(on_removal="restore"), "Active", 2),
            (inputs(status="Inactive", on_removal="restore"), "Inactive", 3),
        ):
            host = start()
            assert host.check(news, outputs).failures == []
            assert host.diff(outputs, news).changes
            outputs = host.update(outputs, news)
            assert outputs == recorded(news, status=status, last_switched_date=SWITCHED)
            assert (sandbox.statuses()[BOB], sandbox.actions()["UpdateAccessKey"]) == (status, writes)

        assert host.read(outputs, news) == Known(BOB, outputs, news)

    def test_the_date_of_a_switch_lasts_until_somebody_else_switches_the_key(
        self, start: Start, sandbox: Sandbox
    ) -> None:
        """Updates and reads without a write keep it. What somebody else did has no date in the state."""
        then = {"last_switched_date": "2026-01-02T03:04:05+00:00"}
        given = inputs(status="Active")
        assert start().update(recorded(given, **then), given) == recorded(given, **then)
        assert start().read(recorded(given, **then), given).outputs == recorded(given, **then)
        sandbox.set_status(BOB, "Inactive")
        found = start().read(recorded(given, **then), given).outputs
        assert (found["status"], "last_switched_date" in found) == ("Inactive", False)
        observed = inputs()
        assert "last_switched_date" not in start().update(recorded(observed, **then), observed)

    def test_of_a_key_that_is_only_observed(self, start: Start, sandbox: Sandbox) -> None:
        """It is recorded, followed by the next run and let go, and never written."""
        created = start().create(inputs(CI))
        assert created == Known(CI, recorded(inputs(CI)))
        sandbox.set_status(CI, "Inactive")
        host = start()
        assert host.update(created.outputs, inputs(CI)) == {**created.outputs, "status": "Inactive"}
        host.delete({**created.outputs, "status": "Inactive"})
        assert sandbox.actions()["UpdateAccessKey"] == 0


class TestCreate:
    """A key is adopted, never made."""

    def test_it_writes_only_what_differs(self, host: Host, sandbox: Sandbox) -> None:
        """The status that was found is remembered, and written only if it is not the wanted one."""
        sandbox.set_status(ALICES_OLD, "Inactive")
        for access_key_id, found, wanted in (
            (BOB, "Active", "Inactive"),
            (BOBS_SECOND, "Inactive", "Active"),
            (ALICE, "Active", "Active"),
            (ALICES_OLD, "Inactive", "Inactive"),
        ):
            given = inputs(access_key_id, status=wanted)
            assert host.create(given) == Known(
                access_key_id,
                recorded(given, status_at_adoption=found, last_switched_date=SWITCHED if found != wanted else None),
            )
            assert sandbox.statuses()[access_key_id] == wanted
        written = [request.access_key_id for request in sandbox.journal if request.action == "UpdateAccessKey"]
        assert written == [BOB, BOBS_SECOND]

    def test_it_refuses(self, host: Host, sandbox: Sandbox) -> None:
        """A missing key, another's key and a key in use are refused before anything is written."""
        for given, said in (
            (inputs(MISSING, status="Active"), f"AccessKeyNotFound: There is no access key {MISSING}"),
            (
                inputs(BOB, status="Inactive", user_name="alice"),
                f"WrongOwner: {BOB} belongs to user Bob, not to alice. Write  userName: Bob",
            ),
            (inputs(CI, status="Inactive"), rf"GuardRefused: ci-deploy {CI}: .*allow: \[recentlyUsed\]\Z"),
        ):
            with pytest.raises(Refused, match=rf"(?s)\A{said}"):
                host.create(given)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_it_refuses_another_account(self, start: Start, sandbox: Sandbox) -> None:
        """`keyswitch:account` is compared before a key is even looked up."""
        host = start(keyswitch__account=OTHER_ACCOUNT)
        with pytest.raises(Refused, match=f"^WrongAccount: The credentials belong to account {ACCOUNT} .*, not to"):
            host.create(inputs(status="Inactive"))
        assert sandbox.actions() == {"GetCallerIdentity": 1}

    def test_a_guard_at_block(self, start: Start, sandbox: Sandbox) -> None:
        """The stack's own level counts."""
        host = start(keyswitch__guards='{"lastActiveKey": "block"}')
        with pytest.raises(Refused, match=r"^GuardRefused: .*Bob is left without any active access key"):
            host.create(inputs(status="Inactive"))
        assert sandbox.actions()["UpdateAccessKey"] == 0


class TestUpdate:
    """A key that is adopted already."""

    @pytest.mark.parametrize(
        ("seconds", "signing_key", "checked", "before"),
        [
            (0, OPERATOR_KEY, {}, []),
            (0, "ASIAOFTHEPROGRAM0000", {}, ["GetCallerIdentity"]),
            (60, OPERATOR_KEY, {}, ["GetAccessKeyLastUsed", "ListAccessKeys"]),
            (0, OPERATOR_KEY, {"access_key_id": CI}, ["GetAccessKeyLastUsed", "ListAccessKeys"]),
            (0, OPERATOR_KEY, {"reason": "OPS-1"}, ["GetAccessKeyLastUsed", "ListAccessKeys"]),
        ],
        ids=["fresh", "of another session", "old", "of another key", "of another entry"],
    )
    def test_what_the_program_has_just_seen_is_not_asked_again(
        self, host: Host, sandbox: Sandbox, seconds: int, signing_key: str, checked: dict[str, str], before: list[str]
    ) -> None:
        """Neither the key and its guards, nor who signs with the same key; unless something else was planned."""
        arn = f"arn:aws:iam::{ACCOUNT}:user/operator"
        olds, news = recorded(inputs(status="Active")), inputs(status="Inactive")
        known = json.loads(seen(checked={**news, **checked}))
        known |= {"at": time.time() - seconds, "signer": [signing_key, arn]}
        assert host.check({**news, "observed": json.dumps(known)}, olds).failures == []
        assert host.update(olds, news)["status"] == "Inactive"
        actions = [request.action for request in sandbox.journal]
        assert sorted(actions[: actions.index("UpdateAccessKey")]) == before
        assert actions[actions.index("UpdateAccessKey") :] == ["UpdateAccessKey", "ListAccessKeys"]

    def test_it_writes_nothing_that_is_so_already(self, host: Host, sandbox: Sandbox) -> None:
        """Somebody has switched the key by hand meanwhile: it is recorded, not written."""
        sandbox.set_status(BOB, "Inactive")
        news = inputs(status="Inactive")
        olds = recorded(inputs(status="Active"))
        assert host.update(olds, news) == recorded(news)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_it_keeps_the_status_at_adoption(self, host: Host, sandbox: Sandbox) -> None:
        """However often the key is switched, `restore` knows what was found first."""
        olds = recorded(inputs(status="Inactive"), status_at_adoption="Inactive")
        for status in ("Active", "Inactive"):
            olds = host.update(olds, inputs(status=status))
            assert olds["status_at_adoption"] == "Inactive"

    def test_an_ignored_status_is_not_written(self, host: Host, sandbox: Sandbox) -> None:
        """Only the words are recorded, and what is live."""
        given = inputs(status="Inactive", ignore_status=True)
        news = {**given, "reason": "new words"}
        assert host.update(recorded(given), news)["status"] == "Active"
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_it_refuses_a_state_of_another_account(self, host: Host, sandbox: Sandbox) -> None:
        """A state that was made elsewhere writes nothing here."""
        news = inputs(status="Inactive")
        with pytest.raises(
            Refused, match=f"^WrongAccount: The state of this stack was made in account {OTHER_ACCOUNT}"
        ):
            host.update(recorded(inputs(status="Active"), account_id=OTHER_ACCOUNT), news)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_it_asks_the_guards_again(self, host: Host, sandbox: Sandbox) -> None:
        """The world may have moved since the preview."""
        with pytest.raises(Refused, match=r"^GuardRefused: "):
            host.update(recorded(inputs(CI, status="Active")), inputs(CI, status="Inactive"))
        assert sandbox.actions()["UpdateAccessKey"] == 0


class TestWhatWasAnnounced:
    """Between the look of a preview and the write of the update the world may move, in either direction."""

    def test_use_after_the_preview_stops_the_update(self, host: Host, sandbox: Sandbox) -> None:
        """The program saw a key at rest; when it is to be cut off, something signs with it: refused, not written."""
        news, olds = inputs(status="Inactive"), recorded(inputs(status="Active"))
        host.check({**news, "observed": seen()}, olds)
        assert host.diff(olds, news).changes
        account = sandbox.world.account(ACCOUNT)
        account.used(account.backend.access_keys[BOB], "sqs", "us-east-1")
        sandbox.world.clock.advance(timedelta(minutes=10))  # by then it shows
        with pytest.raises(Refused, match=rf"^GuardRefused: Bob {BOB}: last used just now .* by sqs"):
            host.update(olds, news)
        assert sandbox.statuses()[BOB] == "Active"
        assert sandbox.actions()["UpdateAccessKey"] == 0

    @pytest.mark.parametrize(
        "other",
        [{"reason": "new words"}, {"on_removal": "deactivate"}, {"user_name": "Bob"}, {"allow": ["recentlyUsed"]}],
        ids=lambda other: ",".join(other),
    )
    def test_a_change_of_the_record_alone_asks_nothing(
        self, host: Host, sandbox: Sandbox, other: dict[str, object]
    ) -> None:
        """What the program saw is recorded: not even one request goes to AWS."""
        before = inputs(status="Active", reason="OPS-1")
        news = {**before, **other}
        host.check({**news, "observed": seen()}, recorded(before))
        assert host.diff(recorded(before), news).changes
        assert host.update(recorded(before), news) == recorded(news)
        assert sandbox.journal == []

    def test_what_was_to_be_left_is_left(self, host: Host, sandbox: Sandbox) -> None:
        """A key that was as declared when it was looked at is not written, although it was switched since.

        Nobody has approved that write; the next run announces it.
        """
        for given, live in (
            (inputs(BOB, status="Active"), "Active"),
            (inputs(BOBS_SECOND, status="Inactive"), "Inactive"),
        ):
            olds = recorded({**given, "reason": "old words"})
            host.check({**given, "observed": seen(given["access_key_id"], live)}, olds)
            sandbox.set_status(given["access_key_id"], "Inactive" if live == "Active" else "Active")
            assert host.update(olds, given) == recorded(given)
        given = inputs(ALICE, status="Active")
        host.check({**given, "observed": seen(ALICE)})
        sandbox.set_status(ALICE, "Inactive")
        assert host.create(given) == Known(ALICE, recorded(given))
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_the_next_run_mends_it(self, start: Start, sandbox: Sandbox) -> None:
        """It looks anew, finds the drift, and writes once."""
        given = inputs(status="Active")
        sandbox.set_status(BOB, "Inactive")
        host = start()
        host.check({**given, "observed": seen(status="Inactive")}, recorded(given))
        assert host.diff(recorded(given), given).changes
        assert host.update(recorded(given), given) == recorded(given, last_switched_date=SWITCHED)
        assert sandbox.statuses()[BOB] == "Active"
        assert sandbox.actions()["UpdateAccessKey"] == 1

    def test_what_was_announced_and_is_done_already_is_not_written(self, host: Host, sandbox: Sandbox) -> None:
        """Somebody else was faster: it is recorded."""
        news, olds = inputs(status="Inactive"), recorded(inputs(status="Active"))
        host.check({**news, "observed": seen()}, olds)
        sandbox.set_status(BOB, "Inactive")
        assert host.update(olds, news) == recorded(news)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_a_state_of_another_account_is_refused_there_too(self, host: Host, sandbox: Sandbox) -> None:
        """Also where only words are to be recorded."""
        given = inputs(status="Active")
        host.check({**given, "observed": seen()}, recorded(given))
        with pytest.raises(Refused, match=rf"^WrongAccount: .* was made in account {OTHER_ACCOUNT}"):
            host.update(recorded(given, account_id=OTHER_ACCOUNT), {**given, "reason": "new words"})


class TestRead:
    """What a refresh records."""

    def test_drift_is_in_outputs_and_inputs(self, host: Host, sandbox: Sandbox) -> None:
        """So Pulumi shows it; what was declared is kept beside it."""
        given = inputs(status="Inactive", reason="OPS-1", allow=["lastActiveKey"])
        read = host.read(recorded(given), given)
        assert read.outputs == recorded(given, status="Active", declared_status="Inactive")
        assert read.inputs == {**given, "status": "Active"}

    def test_an_observed_key_gets_no_wish(self, host: Host, sandbox: Sandbox) -> None:
        """Its live status is an output; as an input it would be declared from then on."""
        sandbox.set_status(CI, "Inactive")
        read = host.read(recorded(inputs(CI)), inputs(CI))
        assert read.outputs == recorded(inputs(CI), status="Inactive")
        assert read.inputs == inputs(CI)

    def test_a_deleted_key_is_gone(self, host: Host, sandbox: Sandbox) -> None:
        """AWS lists the user's keys without it: no ID, no outputs."""
        sandbox.delete(ALICES_OLD)
        assert host.read(recorded(inputs(ALICES_OLD))).id == ""
        assert host.read(recorded(inputs(ALICE))).id == ALICE

    def test_a_key_is_gone_with_its_user(self, host: Host, sandbox: Sandbox) -> None:
        """AWS knows neither the user nor the key."""
        sandbox.delete(CI)
        sandbox.rename_user("ci-deploy", "somebody-else")
        assert host.read(recorded(inputs(CI))).id == ""

    def test_a_renamed_user_is_followed(self, host: Host, sandbox: Sandbox) -> None:
        """The key is found under its new owner, who is recorded; what was declared stays."""
        given = inputs(ALICE, user_name="alice", status="Active")
        sandbox.rename_user("alice", "alice.smith")
        read = host.read(recorded(given), given)
        assert read == Known(ALICE, recorded(given, owner="alice.smith"), given)

    def test_what_aws_does_not_say_is_never_gone(self, start: Start, sandbox: Sandbox) -> None:
        """A list that is denied, fails or is throttled is an error; once it is answered, the key is there."""
        host = start({"AWS_MAX_ATTEMPTS": "1"})
        for code, status, name in (
            ("AccessDenied", 403, "AccessDenied"),
            ("ServiceFailure", 500, "IamUnavailable"),
            ("Throttling", 400, "Throttled"),
        ):
            sandbox.faults = [Fault("ListAccessKeys", code, status, "not now", times=None)]
            with pytest.raises(Refused, match=rf"^{name}: iam:ListAccessKeys of user Bob .*not now"):
                host.read(recorded(inputs(status="Active")))
        sandbox.faults = []
        assert host.read(recorded(inputs(status="Active"))).id == BOB

    def test_a_new_owner_that_cannot_be_asked_for_is_never_gone(self, start: Start, sandbox: Sandbox) -> None:
        """The user is not there any more, and where the key went is throttled: an error."""
        sandbox.rename_user("alice", "alice.smith")
        sandbox.faults.append(Fault("GetAccessKeyLastUsed", "Throttling", 400, "not now", times=None))
        host = start({"AWS_MAX_ATTEMPTS": "1"})
        with pytest.raises(Refused, match=r"^Throttled: iam:GetAccessKeyLastUsed"):
            host.read(recorded(inputs(ALICE, status="Active")))

    def test_a_key_of_root_is_not_read_by_another(self, host: Host) -> None:
        """Root's keys are listed for root alone: an error, not gone."""
        given = inputs(root=True, status="Active")
        with pytest.raises(Refused, match=r"^WrongOwner: .* declared as a key of the root user"):
            host.read(recorded(given, owner=None))

    def test_a_state_of_another_account(self, host: Host) -> None:
        """It is refused, so that no key of it is taken for gone."""
        with pytest.raises(Refused, match=r"^WrongAccount: .* but the credentials belong to 123456789012 "):
            host.read(recorded(inputs(MISSING), account_id=OTHER_ACCOUNT))


class TestDelete:
    """What becomes of a key that is no longer declared."""

    def test_leave_asks_nothing(self, tmp_path: Path) -> None:
        """Not even credentials are needed, and the user reads that the key stays."""
        with provider(tmp_path, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}) as nobody:
            nobody.delete(recorded(inputs(ALICES_OLD, status="Inactive")))
            assert f"{ALICES_OLD} is no longer declared; the key itself stays as it is in AWS" in nobody.said()

    def test_leave_asks_nothing_of_aws(self, host: Host, sandbox: Sandbox) -> None:
        """Where AWS could be asked it is not: the journal stays empty."""
        host.delete(recorded(inputs(status="Inactive")))
        assert sandbox.journal == []

    def test_what_is_left(self, host: Host, sandbox: Sandbox) -> None:
        """Each key is left as its `on_removal` says, and the user reads of it."""
        table = (
            (BOB, "restore", "Active", "Inactive", "Active"),
            (BOBS_SECOND, "restore", "Inactive", "Active", "Inactive"),
            (ALICE, "deactivate", "Active", "Active", "Inactive"),
        )
        for access_key_id, _, _, before, _ in table:
            sandbox.set_status(access_key_id, before)
        for access_key_id, on_removal, adopted, before, after in table:
            given = inputs(access_key_id, status=before, on_removal=on_removal)
            host.delete(recorded(given, status_at_adoption=adopted))
            assert sandbox.statuses()[access_key_id] == after
            (told,) = (line for line in host.said().splitlines() if f" {access_key_id}: leaves" in line)
            how = f"leaves the configuration; {before} → {after} ({on_removal})"
            assert told.startswith(f"{OWNERS[access_key_id]} {access_key_id}: {how}")
        assert "last used 3 d ago by ec2" in told, "what was cut off is told as in a preview"

    def test_what_is_so_already_is_not_written(self, host: Host, sandbox: Sandbox) -> None:
        """Nor is a key restored of which nobody knows what it was; the user reads of each key by name."""
        table = (
            (BOB, "restore", "Active", "Active"),
            (BOBS_SECOND, "deactivate", "Active", "Inactive"),
            (ALICE, "restore", None, "Active"),
        )
        for access_key_id, on_removal, adopted, live in table:
            given = inputs(access_key_id, status=live, on_removal=on_removal)
            host.delete(recorded(given, status_at_adoption=adopted))
            (told,) = (line for line in host.said().splitlines() if f" {access_key_id}: leaves the conf" in line)
            assert live in told
            assert "→" not in told
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_guards_apply(self, host: Host, sandbox: Sandbox) -> None:
        """A key in use is not deactivated on its way out, unless its entry allowed that."""
        given = inputs(CI, status="Active", on_removal="deactivate")
        with pytest.raises(Refused, match=f"^GuardRefused: ci-deploy {CI}: last used"):
            host.delete(recorded(given))
        assert sandbox.statuses()[CI] == "Active"
        host.delete(recorded({**given, "allow": ["recentlyUsed"], "reason": "INC-7"}))
        assert sandbox.statuses()[CI] == "Inactive"

    def test_a_renamed_resource_leaves_the_key_alone(self, host: Host, sandbox: Sandbox) -> None:
        """The same run declares the key under another name: the old name's removal does nothing."""
        given = inputs(status="Active", on_removal="deactivate")
        host.check({**given, "observed": seen()})
        host.delete(recorded(given))
        assert sandbox.journal == []

    def test_a_key_that_is_gone_already(self, host: Host, sandbox: Sandbox) -> None:
        """There is nothing to do, and that is said."""
        sandbox.delete(ALICES_OLD)
        host.delete(recorded(inputs(ALICES_OLD, status="Active", on_removal="deactivate")))
        assert f"{ALICES_OLD} is gone from AWS already" in host.said()
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_a_key_of_a_renamed_user(self, host: Host, sandbox: Sandbox) -> None:
        """It is found and deactivated under its new owner."""
        sandbox.rename_user("alice", "alice.smith")
        host.delete(recorded(inputs(ALICES_OLD, user_name="alice", status="Active", on_removal="deactivate")))
        assert sandbox.statuses()[ALICES_OLD] == "Inactive"
