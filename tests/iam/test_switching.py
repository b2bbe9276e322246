"""Observe, plan, write: decisions and AWS together, against the sandbox."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import (
    AccessDenied,
    AccessKeyNotFound,
    CredentialsRefused,
    GuardRefused,
    IamUnavailable,
    KeyswitchError,
    NotAttempted,
    Unconfirmed,
    UserNotFound,
    WrongAccount,
    WrongOwner,
)
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.notes import REVOKE_SESSIONS
from keyswitch.configuration.stack import parse
from keyswitch.iam.connection import Connection, Role
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Fault, Sandbox
from keyswitch.switching.execution import READ_BACK_SECONDS, execute, execute_all
from keyswitch.switching.plan import plan as make_plan
from keyswitch.switching.planned import Plan
from keyswitch.telling.text import plan_lines

BOBS, BOBS_SECOND = "AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"
ALICES, ALICES_OLD = "AKIAALICEDEVEXAMPLE1", "AKIAALICEOLDEXAMPLE2"
CI = "AKIACIDEPLOYEXAMPLE1"
EXAMPLE: Mapping[str, object] = {
    BOBS: {"userName": "Bob", "status": "Inactive", "reason": "OPS-1234 moved to his second key"},
    BOBS_SECOND: "Active",
    ALICES_OLD: "Inactive",
    ALICES: "Active",
    CI: {},
}
READS = {"GetCallerIdentity", "ListAccessKeys", "GetAccessKeyLastUsed", "ListPolicies"}
SESSIONS = f"note: sessions made with a deactivated key stay valid until they expire; to revoke them: {REVOKE_SESSIONS}"


def planned(gateway: Gateway, keys: Mapping[str, object], account: str | None = None, **more: object) -> Plan:
    """The plan for a `keyswitch:keys` map and more settings of `keyswitch:`."""
    settings = parse({"keyswitch:keys": keys, **{f"keyswitch:{name}": value for name, value in more.items()}})
    return make_plan(gateway, settings.wanted, account, settings.policy)


def apply(gateway: Gateway, keys: Mapping[str, object]) -> dict[str, KeyswitchError | None]:
    """Plan and carry out; what became of each key that was to be written."""
    plan = planned(gateway, keys)
    assert not plan.errors
    return {o.change.access_key_id: o.error for o in execute_all(gateway, plan.writes)}


def change_of(gateway: Gateway, access_key_id: str, user_name: str, status: Status) -> Change:
    """The change that makes a key so, as it is now."""
    key = next(k for k in gateway.access_keys(user_name) or () if k.access_key_id == access_key_id)
    return decide(Desired(access_key_id, status=status), key)


class TestPlan:
    """What would change."""

    def test_the_example_is_told_line_by_line(self, gateway: Gateway) -> None:
        """Whose key, what it is and becomes, its age, its last use and the reason; what else to know; the sums."""
        assert plan_lines(planned(gateway, EXAMPLE)) == [
            f"Bob {BOBS_SECOND}: Inactive → Active, 30 d old, never used",
            f"Bob {BOBS}: Active → Inactive, 400 d old, last used 95 d ago by s3 from us-east-1; "
            "OPS-1234 moved to his second key",
            f"alice {ALICES_OLD}: Active → Inactive, 700 d old, last used 210 d ago by s3 from us-east-1",
            f"ci-deploy {CI}: Active (only observed), 60 d old",
            SESSIONS,
            f"note: 1 key older than 90 days stays Active: alice {ALICES} (120 d)",
            "5 access keys: 1 to activate, 2 to deactivate, 2 unchanged",
        ]

    def test_it_writes_nothing(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Planning only reads."""
        before = sandbox.statuses()
        planned(gateway, EXAMPLE)
        assert sandbox.actions().keys() <= READS
        assert sandbox.statuses() == before

    @pytest.mark.parametrize(
        ("keys", "error", "said"),
        [
            pytest.param({"AKIAUNKNOWNEXAMPLE00": "Inactive"}, AccessKeyNotFound, "AKIAUNKNOWN", id="unknown key"),
            pytest.param(
                {"AKIAUNKNOWNEXAMPLE00": {"userName": "Bob"}}, AccessKeyNotFound, "User Bob of account", id="not Bob's"
            ),
            pytest.param({BOBS: {"userName": "nobody"}}, WrongOwner, "belongs to user Bob", id="no such user"),
            pytest.param(
                {"AKIAUNKNOWNEXAMPLE00": {"userName": "nobody"}}, UserNotFound, "no IAM user nobody", id="neither"
            ),
            pytest.param({BOBS: {"userName": "alice"}}, WrongOwner, "userName: Bob", id="another owner"),
            pytest.param({BOBS: {"root": True}}, WrongOwner, "root", id="root's, they say"),
            pytest.param({CI: "Inactive"}, GuardRefused, "recentlyUsed", id="in use"),
            pytest.param({OPERATOR_KEY: "Inactive"}, GuardRefused, "ownCredentials", id="the run's own key"),
        ],
    )
    def test_what_forbids_it_is_an_error_of_the_plan(
        self, gateway: Gateway, keys: Mapping[str, object], error: type[KeyswitchError], said: str
    ) -> None:
        """Each problem says what was seen and what to write instead."""
        (found,) = planned(gateway, keys).errors
        assert type(found) is error
        assert said in str(found)

    def test_all_problems_are_told_at_once(self, gateway: Gateway) -> None:
        """An unknown key, a wrong owner and a guard come together."""
        keys = {"AKIAUNKNOWNEXAMPLE00": "Active", BOBS: {"userName": "alice"}, CI: "Inactive"}
        assert {type(e) for e in planned(gateway, keys).errors} == {AccessKeyNotFound, WrongOwner, GuardRefused}

    def test_another_account_ends_it_before_anything_is_listed(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Of a wrong account nothing is asked but whose it is."""
        with pytest.raises(WrongAccount, match=r"123456789012.*999999999999"):
            planned(gateway, EXAMPLE, account="999999999999")
        assert sandbox.actions() == {"GetCallerIdentity": 1}

    def test_a_role_of_another_account_is_another_account(self, sandbox: Sandbox) -> None:
        """The declared account is compared with the role's, not with that of the key it started from."""
        gateway = Gateway(connect(Connection(roles=(Role("arn:aws:iam::210987654321:role/x"),))))
        with pytest.raises(WrongAccount, match="210987654321"):
            planned(gateway, EXAMPLE, account="123456789012")

    def test_a_list_that_is_denied_is_a_problem_of_that_users_keys(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """One user who may not be listed does not hide the others' plan."""
        sandbox.faults.append(Fault("ListAccessKeys", "AccessDenied", 403, "no", times=None, about="alice"))
        plan = planned(gateway, {BOBS: "Inactive", ALICES: {"userName": "alice", "status": "Inactive"}})
        assert [type(e) for e in plan.errors] == [AccessDenied]
        assert [c.access_key_id for c in plan.writes] == [BOBS]

    def test_a_last_use_that_is_not_known_blocks(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Without iam:GetAccessKeyLastUsed the key may be in use right now."""
        sandbox.faults.append(Fault("GetAccessKeyLastUsed", "AccessDenied", 403, "no", times=None))
        (error,) = planned(gateway, {BOBS: {"userName": "Bob", "status": "Inactive"}}).errors
        assert "iam:GetAccessKeyLastUsed" in str(error)

    def test_throttling_of_a_last_use_forbids_the_plan(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """What could not be looked up is no permission to go on, and AWS's reason is told."""
        sandbox.faults.append(Fault("GetAccessKeyLastUsed", "Throttling", 400, "Rate exceeded", times=None))
        (error,) = planned(gateway, {BOBS: {"userName": "Bob", "status": "Inactive"}}).errors
        assert "Rate exceeded" in str(error)

    def test_the_key_behind_an_assumed_role_is_guarded(self, sandbox: Sandbox) -> None:
        """Deactivating the key that assumed the role locks out the next run."""
        gateway = Gateway(connect(Connection(roles=(Role("arn:aws:iam::123456789012:role/deployer"),))))
        (error,) = planned(gateway, {OPERATOR_KEY: {"userName": "operator", "status": "Inactive"}}).errors
        assert "ownCredentials" in str(error)


class TestExecution:
    """The writes."""

    def test_the_example_is_switched(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Three keys change, two do not, and each outcome shows the key as AWS has it."""
        before = sandbox.statuses()
        assert apply(gateway, EXAMPLE) == {BOBS: None, BOBS_SECOND: None, ALICES_OLD: None}
        assert sandbox.statuses() == {**before, BOBS: "Inactive", BOBS_SECOND: "Active", ALICES_OLD: "Inactive"}

    def test_a_second_apply_writes_nothing(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Run again with nothing changed, only questions are asked."""
        apply(gateway, EXAMPLE)
        sandbox.journal.clear()
        assert apply(gateway, EXAMPLE) == {}
        assert sandbox.actions().keys() <= READS

    def test_a_switch_behind_our_back_is_put_right(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Drift is a change like any other: the one key is written, the others not."""
        apply(gateway, EXAMPLE)
        sandbox.set_status(BOBS, "Active")
        sandbox.journal.clear()
        assert apply(gateway, EXAMPLE) == {BOBS: None}
        assert sandbox.actions()["UpdateAccessKey"] == 1

    def test_a_whole_life_asks_for_nothing_but_these_actions(self, sandbox: Sandbox) -> None:
        """Plan, apply, drift, apply again, all behind a role: no key is ever created, deleted or read in secret."""
        gateway = Gateway(connect(Connection(roles=(Role("arn:aws:iam::123456789012:role/deployer"),))))
        apply(gateway, EXAMPLE)
        sandbox.set_status(BOBS, "Active")
        apply(gateway, EXAMPLE)
        apply(gateway, {**EXAMPLE, BOBS: "Active"})
        assert set(sandbox.actions()) == READS | {"UpdateAccessKey", "AssumeRole"}

    def test_one_failure_stops_no_other_key(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Two keys of the same user, one refused: the other is switched, and the error names the one."""
        sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, "no", times=None, about=ALICES))
        outcomes = apply(gateway, {ALICES: "Inactive", ALICES_OLD: "Inactive", BOBS: "Inactive"})
        assert [key for key, error in outcomes.items() if error] == [ALICES]
        assert ALICES in str(outcomes[ALICES])
        assert sandbox.statuses()[ALICES_OLD] == sandbox.statuses()[BOBS] == "Inactive"

    def test_an_answer_lost_after_the_write_is_a_success(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """The connection is cut after the work was done, on every try: AWS is asked, and it is so."""
        sandbox.faults.append(Fault("UpdateAccessKey", "", after=True, times=None))
        assert apply(gateway, {BOBS: "Inactive"}) == {BOBS: None}
        assert sandbox.statuses()[BOBS] == "Inactive"

    def test_an_answer_lost_before_the_write_is_a_failure(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """The same cut before anything was done is said to have failed."""
        sandbox.faults.append(Fault("UpdateAccessKey", "", times=None))
        assert type(apply(gateway, {BOBS: "Inactive"})[BOBS]) is IamUnavailable
        assert sandbox.statuses()[BOBS] == "Active"

    def test_a_key_that_vanishes_between_plan_and_write_is_said_to_be_missing(
        self, gateway: Gateway, sandbox: Sandbox
    ) -> None:
        """Deleted meanwhile: one clear error."""
        change = change_of(gateway, BOBS, "Bob", Status.INACTIVE)
        sandbox.faults.append(Fault("UpdateAccessKey", "NoSuchEntity", 404, "gone"))
        with pytest.raises(AccessKeyNotFound, match=BOBS):
            execute(gateway, change)


class Stale(Gateway):
    """A gateway to an IAM whose copies lag: the first looks after a write show the old status."""

    looks_until_seen: int
    looks: int = 0

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """The keys as they are, once enough looks were taken; until then as active."""
        self.looks += 1
        keys = super().access_keys(user_name) or ()
        return keys if self.looks > self.looks_until_seen else tuple(replace(k, status="Active") for k in keys)


class TestReadBack:
    """IAM is eventually consistent: a write is done when it can be seen."""

    @pytest.mark.parametrize("looks", [0, 1, 5])
    def test_it_looks_until_the_write_shows(self, sandbox: Sandbox, looks: int) -> None:
        """However often the old status is still shown, within the bound it is waited for."""
        gateway = Stale(connect(Connection()))
        gateway.looks_until_seen = looks
        slept: list[float] = []
        change = decide(Desired(BOBS, status=Status.INACTIVE), AccessKey(BOBS, "Bob", "Active"))
        assert execute(gateway, change, sleep=slept.append, clock=lambda: sum(slept)).after.status == "Inactive"
        assert len(slept) == looks
        assert sandbox.actions()["UpdateAccessKey"] == 1

    def test_it_gives_up_within_the_bound(self, sandbox: Sandbox) -> None:
        """What never shows is Unconfirmed, not done and not failed; the pauses grow, so that IAM is not pestered."""
        gateway = Stale(connect(Connection()))
        gateway.looks_until_seen = 10_000
        slept: list[float] = []
        change = decide(Desired(BOBS, status=Status.INACTIVE), AccessKey(BOBS, "Bob", "Active"))
        with pytest.raises(Unconfirmed, match=f"{BOBS}, but after (18|19|20) s still shows Active"):
            execute(gateway, change, sleep=slept.append, clock=lambda: sum(slept))
        assert READ_BACK_SECONDS - 2 <= sum(slept) <= READ_BACK_SECONDS
        assert slept == sorted(slept)
        assert len(slept) < 20

    def test_who_switches_off_their_own_key_is_told_at_once(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """That AWS does not accept it any more is how it is seen; the next run needs other credentials."""
        change = change_of(gateway, OPERATOR_KEY, "operator", Status.INACTIVE)
        after = execute(gateway, change, sleep=lambda _: pytest.fail("it waited")).after
        assert (after.access_key_id, after.status) == (OPERATOR_KEY, "Inactive")
        with pytest.raises(CredentialsRefused, match="choose other credentials"):
            Gateway(connect(Connection())).caller()


class TestOwnCredentials:
    """The key that the run signs with goes last."""

    def test_nothing_is_left_undone(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """However early its user comes in the alphabet."""
        sandbox.rename_user("operator", "aaa")
        gateway = Gateway(connect(Connection()))
        changes = [change_of(gateway, OPERATOR_KEY, "aaa", Status.INACTIVE)]
        changes += [change_of(gateway, key, user, Status.INACTIVE) for key, user in ((BOBS, "Bob"), (ALICES, "alice"))]
        outcomes = execute_all(gateway, changes)
        assert [outcome.error for outcome in outcomes] == [None, None, None]
        assert outcomes[-1].change.access_key_id == OPERATOR_KEY
        assert {sandbox.statuses()[key] for key in (BOBS, ALICES)} == {"Inactive"}

    def test_it_stays_where_something_else_failed(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """There are credentials left to repeat the run with."""
        sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, about="Bob"))
        changes = [
            change_of(gateway, OPERATOR_KEY, "operator", Status.INACTIVE),
            change_of(gateway, BOBS, "Bob", Status.INACTIVE),
        ]
        errors = {outcome.change.access_key_id: outcome.error for outcome in execute_all(gateway, changes)}
        assert isinstance(errors[BOBS], AccessDenied)
        assert isinstance(errors[OPERATOR_KEY], NotAttempted)
        assert BOBS in str(errors[OPERATOR_KEY])
        assert gateway.access_keys("operator")[0].status == "Active"
