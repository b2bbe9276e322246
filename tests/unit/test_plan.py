"""The plan: everything that stands against a configuration in one value, and nothing written."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import AccessDenied, AccessKeyNotFound, GuardRefused, Throttled, WrongAccount
from keyswitch.access_key.model import LastUsed, Status
from keyswitch.access_key.notes import NoteKind
from keyswitch.access_key.policy import GuardName, GuardPolicy, Level
from keyswitch.access_key.record import Record
from keyswitch.switching.plan import plan
from keyswitch.switching.planned import Plan
from keyswitch.telling.text import plan_lines
from tests.support.examples import (
    ACCOUNT,
    ALICES,
    NEW,
    OLD,
    OPERATOR,
    ROLE,
    ROOT,
    ROOTS,
    SIGNING,
    UNKNOWN,
    YEARS_AGO,
    key,
    recorded,
    used,
)
from tests.support.fake_gateway import FakeGateway, LittleIam

POLICY = GuardPolicy()
OFF, ON = Status.INACTIVE, Status.ACTIVE


def test_a_plan_writes_nothing_and_says_what_would_change():
    """Changes in the order they are told, uses of the keys to be cut off, no errors."""
    gateway = FakeGateway(key(OLD), key(NEW, status="Inactive"), caller=ROLE, uses={OLD: used(YEARS_AGO)})
    made = plan(gateway, [Desired(OLD, "bob", OFF), Desired(NEW, "bob", ON)], ACCOUNT, POLICY)
    assert [change.access_key_id for change in made.writes] == [NEW, OLD]
    assert made.errors == ()
    assert made.findings == ()
    assert set(made.last_used) == {OLD}
    assert gateway.asked("set_status") == []
    assert plan_lines(made)[-1] == "2 access keys: 1 to activate, 1 to deactivate"


def test_the_same_entries_in_another_order_make_the_same_plan():
    """A reviewer never sees a difference that is none."""
    keys = [key(OLD), key(NEW, status="Inactive"), key(ALICES, "alice"), key(ROOTS, None)]
    wanted = [Desired(OLD, "bob", OFF), Desired(NEW, "bob", ON), Desired(ALICES, "alice"), Desired(ROOTS, root=True)]
    made, again = (plan(FakeGateway(*keys, caller=ROOT), order, ACCOUNT, POLICY) for order in (wanted, wanted[::-1]))
    assert [change.access_key_id for change in made.changes] == [ROOTS, ALICES, NEW, OLD]
    assert (made.changes, made.findings, made.notes) == (again.changes, again.findings, again.notes)


def test_a_use_that_is_recent_by_the_real_clock_refuses_the_plan():
    """The guard looks at the present; what it finds is told together with the keys that are not found."""
    just_now = LastUsed("bob", datetime.now(timezone.utc), "s3", "us-east-1")
    gateway = FakeGateway(key(OLD), key(NEW), caller=ROLE, uses={OLD: just_now})
    made = plan(gateway, [Desired(OLD, "bob", OFF), Desired(UNKNOWN, "bob", OFF)], ACCOUNT, POLICY)
    assert [type(error) for error in made.errors] == [AccessKeyNotFound, GuardRefused]


def test_a_use_that_aws_does_not_tell_refuses_the_plan():
    """Not known is not the same as never."""
    made = plan(FakeGateway(key(OLD), key(NEW), caller=ROLE), [Desired(OLD, "bob", OFF)], ACCOUNT, POLICY)
    (error,) = made.errors
    assert isinstance(error, GuardRefused)
    assert "iam:GetAccessKeyLastUsed" in str(error)


def test_a_look_up_that_failed_is_not_taken_for_a_missing_permission():
    """Throttled is said to be throttled; nobody is sent to grant what is granted."""
    throttled = Throttled("iam:GetAccessKeyLastUsed was throttled")
    gateway = FakeGateway(key(OLD), key(NEW), caller=ROLE, failures={("last_used", OLD): throttled})
    made = plan(gateway, [Desired(OLD, "bob", OFF)], ACCOUNT, POLICY)
    assert any("its last use is not known: iam:GetAccessKeyLastUsed was throttled" in str(e) for e in made.errors)
    assert not any("may not look it up" in str(error) for error in made.errors)


def test_a_failed_look_up_matters_only_to_the_guard_that_asked():
    """With recentlyUsed off, a last use that cannot be had forbids nothing."""
    failures = {("last_used", OLD): Throttled("throttled")}
    gateway = FakeGateway(key(OLD), key(NEW), caller=ROLE, failures=failures)
    policy = GuardPolicy({GuardName.RECENTLY_USED: Level.OFF})
    assert plan(gateway, [Desired(OLD, "bob", OFF)], ACCOUNT, policy).errors == ()


def test_another_account_makes_no_plan():
    """Nothing of another account is shown."""
    with pytest.raises(WrongAccount):
        plan(FakeGateway(key(OLD)), [Desired(OLD, "bob", OFF)], "999999999999", POLICY)


class _Slow(FakeGateway):
    """Learns who signs only after it was asked for the keys of a user; waits for that at most a moment."""

    presumed_account = ACCOUNT

    def __init__(self, *keys, moment: float = 10, **others) -> None:
        super().__init__(*keys, **others)
        self._listed, self._moment = threading.Event(), moment

    def caller(self):
        self.was_listed_first = self._listed.wait(self._moment)
        return super().caller()

    def access_keys(self, user_name):
        self._listed.set()
        return super().access_keys(user_name)


def test_the_right_account_is_asked_at_once():
    """Where the signing key seems to belong to it, nothing waits for the answer who signs."""
    gateway = _Slow(key(OLD))
    assert plan(gateway, [Desired(OLD, "bob", OFF)], ACCOUNT, POLICY).caller == OPERATOR
    assert gateway.was_listed_first


def test_an_account_that_only_seems_right_makes_no_plan():
    """AWS has the last word."""
    gateway = _Slow(key(OLD), caller=replace(OPERATOR, account="999999999999"))
    with pytest.raises(WrongAccount):
        plan(gateway, [Desired(OLD, "bob", OFF)], ACCOUNT, POLICY)


@pytest.mark.parametrize("presumed", [None, "999999999999"])
def test_a_doubtful_account_is_asked_only_whose_it_is(presumed):
    """Until that is known, nothing else."""
    gateway = _Slow(key(OLD), moment=0.05)
    gateway.presumed_account = presumed
    plan(gateway, [Desired(OLD, "bob", OFF)], ACCOUNT, POLICY)
    assert not gateway.was_listed_first


def test_whoever_is_refused_asks_for_little():
    """Where AWS does not say who signs, the users that were not asked for yet are not asked for."""
    gateway = _Slow(failures={("caller", None): Throttled("slow down")})
    many = [Desired(f"AKIA{n:016d}", f"user-{n}") for n in range(20 * gateway.concurrency)]
    with pytest.raises(Throttled):
        plan(gateway, many, ACCOUNT, POLICY)
    assert len(gateway.asked("access_keys")) < len(many) / 2


FORGETFUL = GuardPolicy(dict.fromkeys(GuardName, Level.OFF))
RESTORE, DEACTIVATE, LEAVE = OnRemoval.RESTORE, OnRemoval.DEACTIVATE, OnRemoval.LEAVE


def _wanted(status: Status | None = ON, **fields: object) -> list[Desired]:
    return [Desired(OLD, status=status, **fields)]


def _with(gateway: FakeGateway, wanted: list[Desired], *remembered, policy: GuardPolicy = FORGETFUL) -> Plan:
    """The plan of somebody who has a state."""
    return plan(gateway, wanted, ACCOUNT, policy, {r.desired.access_key_id: r for r in remembered})


def test_without_a_state_nothing_is_said_of_records_or_of_what_leaves():
    """The command line plans what is written to AWS, and no more."""
    made = plan(LittleIam(key()), _wanted(), ACCOUNT, POLICY)
    assert [(c.record, c.recorded) for c in made.changes] == [(Record.UNKNOWN, None)]
    assert (made.gone, made.declared) == ((), made.changes)


def test_with_an_empty_state_every_key_is_adopted():
    """A first update adopts what it finds."""
    made = _with(LittleIam(key(), key(NEW)), [*_wanted(), Desired(NEW)])
    assert [c.record for c in made.changes] == [Record.ADOPTED, Record.ADOPTED]


def test_with_a_state_drift_and_differences_are_told():
    """The status comes from AWS, the memory from the state."""
    made = _with(LittleIam(key(status="Inactive")), _wanted(reason="OPS-1"), recorded(wanted="Active"))
    (change,) = made.changes
    assert (change.record, change.updated, change.is_drift) == (Record.UPDATED, ("reason", "drift"), True)
    assert made.writes == (change,)


def test_the_same_configuration_and_the_same_aws_change_nothing():
    """An update after an update."""
    made = _with(LittleIam(key()), _wanted(), recorded(wanted="Active"))
    assert [c.record for c in made.changes] == [Record.SAME]
    assert (made.writes, made.errors) == ((), ())


@pytest.mark.parametrize(
    ("on_removal", "live", "adopted", "target"),
    [
        (LEAVE, "Active", "Inactive", None),
        (RESTORE, "Active", "Inactive", OFF),
        (RESTORE, "Inactive", "Active", ON),
        (RESTORE, "Active", "Active", None),
        (DEACTIVATE, "Active", "Active", OFF),
        (DEACTIVATE, "Inactive", "Active", None),
    ],
)
def test_what_leaves_is_planned_as_its_removal_says(on_removal, live, adopted, target):
    """A key that is no longer declared is a change like any other, but not a declared one."""
    made = _with(LittleIam(key(status=live)), [], recorded(on_removal=on_removal, adopted=adopted))
    assert [(c.access_key_id, c.target, c.is_removal) for c in made.changes] == [(OLD, target, True)]
    assert (made.declared, made.gone, made.errors) == ((), (), ())


def test_guards_are_asked_about_what_leaves_too():
    """A deactivation at removal cuts off as much as any other."""
    just_now = LastUsed("bob", datetime.now(timezone.utc), "s3", "us-east-1")
    gateway = LittleIam(key(), key(NEW), uses={OLD: just_now}, caller=ROLE)
    made = _with(gateway, [], recorded(on_removal=DEACTIVATE), policy=POLICY)
    assert [type(error) for error in made.errors] == [GuardRefused]


def test_the_last_active_key_is_judged_with_what_leaves():
    """One key is deactivated by its entry, the other by leaving: together they leave bob without any."""
    made = _with(
        LittleIam(key(), key(NEW), caller=ROLE), _wanted(OFF), recorded(NEW, on_removal=DEACTIVATE), policy=POLICY
    )
    assert {f.access_key_id for f in made.findings if f.guard is GuardName.LAST_ACTIVE_KEY} == {OLD, NEW}


def test_what_leaves_is_looked_for_where_it_was_last_seen():
    """One listing of the remembered owner; a userName that is declared no longer plays no part."""
    gateway = LittleIam(key(), caller=ROLE)
    made = _with(gateway, [], recorded(on_removal=LEAVE, user_name="somebody-else"))
    assert [c.access_key_id for c in made.changes] == [OLD]
    assert gateway.calls == [("access_keys", "bob")]


def test_what_leaves_is_found_under_the_users_new_name():
    """A renamed user keeps the key, and it is written to under that name."""
    gateway = LittleIam(key(user_name="robert"), caller=ROLE)
    (change,) = _with(gateway, [], recorded(on_removal=DEACTIVATE)).writes
    assert change.observed.user_name == "robert"


@pytest.mark.parametrize("on_removal", OnRemoval)
@pytest.mark.parametrize("users", [("bob",), ()], ids=["the key is gone", "the user is gone"])
def test_what_leaves_and_is_gone_is_told_as_gone(on_removal, users):
    """There is nothing left to be done, whatever its removal was to do."""
    before = recorded(on_removal=on_removal)
    made = _with(LittleIam(users=users, caller=ROLE), [], before)
    assert (made.changes, made.gone, made.errors) == ((), (before,), ())


DENIED = AccessDenied("iam:ListAccessKeys of user bob was denied", action="iam:ListAccessKeys")


def _unlisted(last_use_known: bool) -> FakeGateway:
    kind = LittleIam if last_use_known else FakeGateway
    return kind(key(), caller=ROLE, failures={("access_keys", "bob"): DENIED})


@pytest.mark.parametrize(
    "last_use_known",
    [
        True,
        pytest.param(
            False,
        ),
    ],
    ids=["the owner is known", "nothing is known"],
)
def test_what_leaves_and_cannot_be_listed_is_no_error_where_nothing_is_asked_of_it(last_use_known):
    """`onRemoval: leave` needs no permission; the key is told as it was last seen."""
    made = _with(_unlisted(last_use_known), [], recorded(on_removal=LEAVE, status="Inactive"))
    assert (made.errors, made.gone) == ((), ())
    assert [(c.is_removal, c.target, c.observed.status) for c in made.changes] == [(True, None, "Inactive")]


@pytest.mark.parametrize(
    "last_use_known",
    [
        True,
        pytest.param(
            False,
        ),
    ],
    ids=["the owner is known", "nothing is known"],
)
@pytest.mark.parametrize("on_removal", [RESTORE, DEACTIVATE])
def test_what_leaves_and_cannot_be_listed_is_an_error_where_it_is_to_be_switched(on_removal, last_use_known):
    """Whoever asked for it to be switched off must not believe that it is."""
    made = _with(_unlisted(last_use_known), [], recorded(on_removal=on_removal))
    assert (made.errors, made.changes, made.gone) == ((DENIED,), (), ())


def test_what_leaves_without_any_memory_of_it_is_told_as_not_known():
    """A state of old, without status or owner."""
    gateway = LittleIam(key(), caller=ROLE, failures={("last_used", OLD): Throttled("slow down")})
    (change,) = _with(gateway, [], recorded(status=None, owner=None)).changes
    assert (change.observed.status, change.target) == ("not known", None)


@pytest.mark.parametrize(("caller", "errors"), [(ROOT, 0), (OPERATOR, 1)], ids=["root signs", "a user signs"])
def test_a_key_of_root_leaves_by_roots_own_hand(caller, errors):
    """Only root can switch it; anybody else is told so before anything is done."""
    before = recorded(ROOTS, owner=None, root=True, on_removal=DEACTIVATE)
    made = _with(LittleIam(key(ROOTS, None), caller=caller), [], before)
    assert len(made.errors) == errors
    assert len(made.writes) == 1 - errors


class Meeting(LittleIam):
    """A fake in which a listing, a last use and the quarantines are asked at the same time, or never answered."""

    together = threading.Barrier(3)

    def _asked(self, method, about):
        super()._asked(method, about)
        self.together.wait(10)


@pytest.mark.parametrize("live", ["Active", "Inactive"], ids=["as recorded", "switched by hand"])
def test_what_the_state_lets_expect_is_looked_up_at_the_same_time(live):
    """A deactivation needs the last use; AWS decides whether it is one."""
    made = _with(Meeting(key(status=live), caller=ROLE), _wanted(OFF), recorded())
    assert len(made.writes) == (live == "Active")
    assert made.refusal is None


def test_of_many_users_last_uses_are_looked_up_after_the_listings():
    """There is one connection for each call."""
    ids = [f"AKIAMANY{n:012}" for n in range(30)]
    gateway = LittleIam(*(key(key_id, f"user-{key_id}") for key_id in ids), caller=ROLE)
    wanted = [Desired(key_id, f"user-{key_id}", Status.INACTIVE) for key_id in ids]
    _with(gateway, wanted, *(replace(recorded(key_id), owner=f"user-{key_id}") for key_id in ids))
    looked_up = [method for method, _ in gateway.calls if method != "quarantined"]
    assert looked_up == ["access_keys"] * 30 + ["last_used"] * 30


def test_a_state_of_another_account_is_no_plan():
    """The same key IDs may mean nothing there; and nobody is told of them."""
    elsewhere = replace(recorded(), account_id="999999999999")
    gateway = LittleIam(key())
    with pytest.raises(WrongAccount, match=f"was made in account 999999999999.*belong to {ACCOUNT}") as caught:
        _with(gateway, _wanted(), elsewhere)
    assert "999999999999" in caught.value.next_step
    assert gateway.calls == []


def test_a_state_that_does_not_say_its_account_is_believed():
    """Older states have none."""
    assert _with(LittleIam(key()), _wanted(), replace(recorded(), account_id=None)).errors == ()


@pytest.mark.parametrize("has_state", [True, False], ids=["with a state", "without"])
def test_nothing_is_asked_twice_and_nothing_in_vain(has_state):
    """One listing a user; one last use for each key that is cut off, or that changes and whose owner is not given."""
    bobs_off, bobs_on = key(), key(NEW, status="Inactive")
    alices_on = key(ALICES, "alice", "Inactive")
    carols, daves = key("AKIACAROLEXAMPLE0001", "carol"), key("AKIADAVEEXAMPLE00001", "dave", "Inactive")
    keys = (bobs_off, bobs_on, alices_on, carols, daves)
    gateway = LittleIam(*keys, caller=ROLE)
    wanted = [
        Desired(OLD, "bob", OFF),
        Desired(NEW, "bob", ON),
        Desired(ALICES, None, ON),
        Desired(carols.access_key_id, None, ON),
        Desired(daves.access_key_id, "dave", None),
    ]
    memory = {k.access_key_id: recorded(k.access_key_id, k.status, k.user_name) for k in keys}
    made = plan(gateway, wanted, ACCOUNT, FORGETFUL, memory if has_state else None)
    assert len(made.writes) == 3
    assert gateway.count("access_keys") == {"bob": 1, "alice": 1, "carol": 1, "dave": 1}
    looked_up = {OLD: 1, ALICES: 1}
    assert gateway.count("last_used") == (looked_up if has_state else {**looked_up, carols.access_key_id: 1})
    assert gateway.count("quarantined") == {None: 1}


def test_with_and_without_a_state_the_same_is_known_of_what_changes():
    """A preview and `keyswitch plan` show the same last uses of the same changes."""
    keys = (key(), key(ALICES, "alice", "Inactive"))
    wanted = [Desired(OLD, None, OFF), Desired(ALICES, None, ON)]
    memory = {k.access_key_id: recorded(k.access_key_id, k.status, k.user_name) for k in keys}
    plans = [plan(LittleIam(*keys, caller=ROLE), wanted, ACCOUNT, FORGETFUL, known) for known in (memory, None)]
    with_state, without = ({c.access_key_id: made.last_used[c.access_key_id] for c in made.writes} for made in plans)
    assert with_state == without


def test_a_quarantine_is_asked_for_only_where_something_is_written():
    """A run without changes costs nothing beyond its listings."""
    gateway = LittleIam(key(), caller=ROLE, quarantines={"bob": "AWSCompromisedKeyQuarantineV3"})
    assert _with(gateway, _wanted(), recorded(wanted="Active")).notes == ()
    assert gateway.asked("quarantined") == []
    noted = {note.kind for note in _with(gateway, _wanted(OFF), recorded(wanted="Active")).notes}
    assert NoteKind.QUARANTINED in noted


def test_the_signers_own_key_is_found_without_a_look_up_and_guarded():
    """No userName, no memory: the signer's own listing is enough."""
    gateway = LittleIam(key(SIGNING, "operator"))
    made = plan(gateway, [Desired(SIGNING, None, OFF)], ACCOUNT, POLICY)
    assert any(f.guard is GuardName.OWN_CREDENTIALS for f in made.findings)
    assert gateway.count("access_keys") == {"operator": 1}


def test_problems_of_what_is_declared_come_before_those_of_what_leaves():
    """And the guards' refusals come last, with what lets them pass."""
    gateway = LittleIam(key(), key(NEW), caller=ROLE, failures={("access_keys", "alice"): DENIED}, users=("alice",))
    gateway.keys[ALICES] = key(ALICES, "alice")
    policy = GuardPolicy({GuardName.LAST_ACTIVE_KEY: Level.BLOCK})
    wanted = [Desired(UNKNOWN, "bob", OFF), Desired(OLD, "bob", OFF), Desired(NEW, "bob", OFF)]
    made = _with(gateway, wanted, recorded(ALICES, owner="alice", on_removal=DEACTIVATE), policy=policy)
    assert [type(error) for error in made.errors] == [AccessKeyNotFound, AccessDenied, GuardRefused]


def test_what_concerns_one_entry_is_a_failure_of_that_entry():
    """All else is planned as ever; the failure knows what the entry wants."""
    wanted = [Desired(UNKNOWN, "bob", Status.ACTIVE), Desired(OLD, "bob", Status.INACTIVE)]
    made = plan(LittleIam(key()), wanted, ACCOUNT, GuardPolicy())
    (failed,) = made.failures
    assert (failed.change.access_key_id, failed.change.observed.user_name) == (UNKNOWN, "bob")
    assert failed.change.is_activation
    assert made.errors == (failed.error,)
    assert made.refusal is None
    assert [change.access_key_id for change in made.permitted] == [OLD]


def test_what_guards_refuse_is_not_permitted_and_all_else_is():
    """Whoever keeps going does that."""
    iam = LittleIam(
        key(), key(ALICES, "alice"), uses={OLD: replace(used(timedelta(0)), date=datetime.now(timezone.utc))}
    )
    made = plan(iam, [Desired(OLD, None, Status.INACTIVE), Desired(ALICES, None, Status.INACTIVE)], None, GuardPolicy())
    assert [change.access_key_id for change in made.refused] == [OLD]
    assert [change.access_key_id for change in made.permitted] == [ALICES]
    assert made.errors == (made.refusal,)


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.ACTIVE, None], ids=str)
@pytest.mark.parametrize("known", [True, False], ids=["in the state", "new"])
def test_a_key_that_is_gone_is_a_note_where_it_was_known_and_is_declared_inactive(status, known):
    """It can be used no more, which is what was wanted. A new ID may be mistyped, so that is an error."""
    iam = LittleIam(key(NEW))
    memory = {OLD: recorded(OLD, "Inactive", wanted="Inactive")} if known else {}
    made = plan(iam, [Desired(OLD, None, status)], ACCOUNT, GuardPolicy(), memory)
    if known and status is Status.INACTIVE:
        assert (made.errors, made.writes) == ((), ())
        assert [note.kind for note in made.notes] == [NoteKind.GONE_KEY]
        assert [change.observed.status for change in made.changes] == ["Inactive"]
    else:
        assert [type(error) for error in made.errors] == [AccessKeyNotFound]
        assert NoteKind.GONE_KEY not in {note.kind for note in made.notes}


def test_a_key_that_cannot_be_looked_up_is_not_gone():
    """However it is declared, and whatever the state remembers."""
    error = AccessDenied("denied", action="iam:ListAccessKeys")
    iam = LittleIam(key(), failures={("access_keys", "bob"): error, ("last_used", OLD): error})
    memory = {OLD: recorded(OLD, "Inactive", wanted="Inactive")}
    made = plan(iam, [Desired(OLD, "bob", Status.INACTIVE)], ACCOUNT, GuardPolicy(), memory)
    assert made.errors == (error,)


def test_a_key_of_a_user_that_is_gone_may_be_somewhere_else():
    """The user may have been renamed, and AWS does not say whose the key is: nothing proves that it is deleted."""
    iam = FakeGateway(key(OLD, "robert"))
    memory = {OLD: recorded(OLD, "Inactive", wanted="Inactive")}
    made = plan(iam, [Desired(OLD, None, Status.INACTIVE)], ACCOUNT, GuardPolicy(), memory)
    assert [type(error) for error in made.errors] == [AccessKeyNotFound]
