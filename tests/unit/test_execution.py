"""Execution: one write each, read back within a bound, activations first, failures that stop nothing else."""

from dataclasses import dataclass, field

import pytest

from keyswitch.access_key.change import unknown
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import (
    AccessDenied,
    CredentialsRefused,
    IamUnavailable,
    NotAttempted,
    Throttled,
    Unconfirmed,
)
from keyswitch.access_key.model import Status
from keyswitch.switching.execution import READ_BACK_SECONDS, execute, execute_all, execute_user
from keyswitch.switching.outcome import Outcome
from tests.support.examples import ALICES, NEW, OLD, ROOTS, SIGNING, UNKNOWN, change, key
from tests.support.fake_gateway import FakeGateway, LittleIam


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 1000.0
    pauses: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """The present."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time go by."""
        self.pauses.append(seconds)
        self.now += seconds


OLD_ON, NEW_OFF, ALICE_ON = key(OLD), key(NEW, status="Inactive"), key(ALICES, "alice")
OFF = change(OLD_ON, "Inactive")
ON = change(NEW_OFF, "Active")
ALICE_OFF = change(ALICE_ON, "Inactive")


@pytest.mark.parametrize("wanted", ["Active", None], ids=["it is so already", "it is only observed"])
def test_nothing_to_do_asks_and_writes_nothing(wanted):
    """The key is returned as it was observed."""
    gateway = FakeGateway(OLD_ON)
    assert execute(gateway, change(OLD_ON, wanted)).after == OLD_ON
    assert gateway.calls == []


def test_a_write_is_one_call_then_one_look():
    """Where AWS shows it at once, nobody waits."""
    gateway, time = FakeGateway(OLD_ON), Time()
    assert execute(gateway, OFF, sleep=time.sleep, clock=time.clock).after == key(status="Inactive")
    assert gateway.calls == [("set_status", OLD), ("access_keys", "bob")]
    assert time.pauses == []


def test_a_key_of_root_is_written_without_a_user():
    """Root's listing and root's write name nobody."""
    gateway = FakeGateway(key(ROOTS, None))
    assert execute(gateway, change(key(ROOTS, None), "Inactive")).after.status == "Inactive"
    assert gateway.calls == [("set_status", ROOTS), ("access_keys", None)]


def test_a_write_that_shows_late_is_waited_for():
    """The pauses grow, and no write is repeated."""
    gateway, time = FakeGateway(OLD_ON, lag=6), Time()
    assert execute(gateway, OFF, sleep=time.sleep, clock=time.clock).after.status == "Inactive"
    assert gateway.count("set_status") == {OLD: 1}
    assert time.pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0]


def test_a_write_that_never_shows_is_unconfirmed_within_the_bound():
    """The wait has an end; the message names the key, how long it took, what is shown, and that repeating is safe."""
    gateway, time = FakeGateway(OLD_ON, lag=None), Time()
    with pytest.raises(Unconfirmed) as caught:
        execute(gateway, OFF, sleep=time.sleep, clock=time.clock)
    assert sum(time.pauses) <= READ_BACK_SECONDS
    assert sum(time.pauses) > READ_BACK_SECONDS - 2.0
    assert gateway.count("set_status") == {OLD: 1}
    waited = f"{sum(time.pauses):.0f} s"
    assert caught.value.what == f"AWS accepted Inactive for {OLD}, but after {waited} still shows Active"
    assert "Repeat" in caught.value.next_step


def test_a_key_that_goes_while_it_is_waited_for_is_unconfirmed():
    """It was deleted by somebody else; that is what is shown."""

    class Vanishing(FakeGateway):
        def set_status(self, access_key_id, status, user_name):
            super().set_status(access_key_id, status, user_name)
            del self.keys[access_key_id]

    time = Time()
    with pytest.raises(Unconfirmed, match="no such key"):
        execute(Vanishing(OLD_ON, NEW_OFF), OFF, sleep=time.sleep, clock=time.clock)


def test_a_user_that_goes_while_a_key_is_waited_for_leaves_it_unconfirmed():
    """No listing, no key; it is said in the same words."""

    class Vanishing(FakeGateway):
        def set_status(self, access_key_id, status, user_name):
            super().set_status(access_key_id, status, user_name)
            self._users.clear()

    time = Time()
    with pytest.raises(Unconfirmed, match="no such key"):
        execute(Vanishing(OLD_ON), OFF, sleep=time.sleep, clock=time.clock)


LOST = [IamUnavailable("the connection broke"), Throttled("slow down")]


@pytest.mark.parametrize("error", LOST, ids=["unavailable", "throttled"])
def test_an_answer_that_is_lost_after_the_write_is_a_success(error):
    """AWS is asked what became of it, and the write is not repeated."""
    gateway = FakeGateway(OLD_ON, lost={OLD: error})
    assert execute(gateway, OFF).after.status == "Inactive"
    assert gateway.count("set_status") == {OLD: 1}


@pytest.mark.parametrize("error", LOST, ids=["unavailable", "throttled"])
def test_a_write_that_was_not_done_fails_as_it_failed(error):
    """The error is AWS's own, not one of looking."""
    gateway = FakeGateway(OLD_ON, failures={("set_status", OLD): error})
    with pytest.raises(type(error)) as caught:
        execute(gateway, OFF)
    assert caught.value is error
    assert gateway.keys[OLD].status == "Active"


@pytest.mark.parametrize("error", LOST, ids=["unavailable", "throttled"])
def test_a_write_whose_fate_cannot_be_learned_fails_as_it_failed(error):
    """An error of looking afterwards does not take the place of the error of writing."""
    denied = AccessDenied("denied", action="iam:ListAccessKeys")
    gateway = FakeGateway(OLD_ON, failures={("set_status", OLD): error, ("access_keys", "bob"): denied})
    with pytest.raises(type(error)) as caught:
        execute(gateway, OFF)
    assert caught.value is error


def test_a_refused_write_is_not_looked_at_again():
    """A no is an answer that was not lost."""
    denied = AccessDenied("denied", action="iam:UpdateAccessKey")
    gateway = FakeGateway(OLD_ON, failures={("set_status", OLD): denied})
    with pytest.raises(AccessDenied):
        execute(gateway, OFF)
    assert gateway.calls == [("set_status", OLD)]


def test_a_broken_read_back_says_that_the_write_was_accepted():
    """A write that AWS accepted is never reported as one that failed."""
    broken = IamUnavailable("iam:ListAccessKeys of user bob failed at AWS")
    gateway, time = FakeGateway(OLD_ON, failures={("access_keys", "bob"): broken}), Time()
    with pytest.raises(Unconfirmed, match=f"accepted Inactive for {OLD}"):
        execute(gateway, OFF, sleep=time.sleep, clock=time.clock)


NEW_ON = key(NEW)
BOTH_OFF = [OFF, change(NEW_ON, "Inactive")]


def test_one_look_is_for_all_changes_of_a_user():
    """Two writes, then one listing that shows both."""
    gateway = FakeGateway(OLD_ON, NEW_ON)
    outcomes = execute_user(gateway, BOTH_OFF)
    assert gateway.calls == [("set_status", OLD), ("set_status", NEW), ("access_keys", "bob")]
    assert [(o.change.access_key_id, o.after.status) for o in outcomes] == [(OLD, "Inactive"), (NEW, "Inactive")]


@pytest.mark.parametrize(
    "error", [AccessDenied("denied", action="iam:UpdateAccessKey"), *LOST], ids=lambda e: type(e).__name__
)
def test_of_several_writes_each_fails_for_itself(error):
    """One is refused or lost, the other is done and confirmed; every change has exactly one outcome."""
    gateway = FakeGateway(OLD_ON, NEW_ON, failures={("set_status", OLD): error})
    outcomes = {o.change.access_key_id: o for o in execute_user(gateway, BOTH_OFF)}
    assert (outcomes[OLD].after, outcomes[OLD].error) == (None, error)
    assert (outcomes[NEW].after, outcomes[NEW].error) == (key(NEW, status="Inactive"), None)
    assert gateway.journal == [(NEW, Status.INACTIVE)]


def test_whoever_gives_up_waits_for_one_more_look_only():
    """An interrupt does not wait out the bound; what was written is said to be accepted, not confirmed."""
    gateway, time = FakeGateway(OLD_ON, lag=None), Time()
    interrupted = lambda: bool(gateway.journal)  # noqa: E731
    other = change(key(NEW), "Inactive")
    (outcome,) = execute_user(gateway, [OFF, other], sleep=time.sleep, clock=time.clock, given_up=interrupted)
    assert isinstance(outcome.error, Unconfirmed)
    assert time.pauses == []
    assert gateway.calls == [("set_status", OLD), ("access_keys", "bob")], "and no other write is begun"


def test_an_unconfirmed_activation_spares_the_users_other_key(monkeypatch):
    """A new key that AWS does not show yet may not work yet, so the old one stays."""
    monkeypatch.setattr("keyswitch.switching.execution.READ_BACK_SECONDS", 0.0)
    gateway = FakeGateway(OLD_ON, NEW_OFF, lag=None)
    outcomes = _outcomes(gateway, OFF, ON)
    assert isinstance(outcomes[NEW].error, Unconfirmed)
    assert isinstance(outcomes[OLD].error, NotAttempted)
    assert gateway.journal == [(NEW, Status.ACTIVE)]


def _outcomes(gateway: FakeGateway, *changes) -> dict[str, Outcome]:
    return {outcome.change.access_key_id: outcome for outcome in execute_all(gateway, changes)}


@pytest.mark.parametrize("changes", [(OFF, ON), (ON, OFF)], ids=["off first", "on first"])
def test_a_user_gets_the_new_key_before_losing_the_old_one(changes):
    """The new key was seen to be Active before the old one is switched off, whatever the order of the entries."""
    gateway = FakeGateway(OLD_ON, NEW_OFF)
    outcomes = _outcomes(gateway, *changes)
    assert gateway.calls == [("set_status", NEW), ("access_keys", "bob"), ("set_status", OLD), ("access_keys", "bob")]
    assert {key_id: outcome.after.status for key_id, outcome in outcomes.items()} == {NEW: "Active", OLD: "Inactive"}
    assert all(outcome.error is None for outcome in outcomes.values())


def test_a_failed_activation_spares_the_users_other_key_and_stops_nobody_else():
    """Bob keeps his old key; alice's change is made."""
    denied = AccessDenied("denied", action="iam:UpdateAccessKey")
    gateway = FakeGateway(OLD_ON, NEW_OFF, ALICE_ON, failures={("set_status", NEW): denied})
    outcomes = _outcomes(gateway, OFF, ON, ALICE_OFF)
    assert outcomes[NEW].error is denied
    assert outcomes[NEW].after is None
    spared = outcomes[OLD].error
    assert isinstance(spared, NotAttempted)
    assert OLD in spared.what
    assert NEW in spared.what
    assert outcomes[ALICES].error is None
    assert {key_id: found.status for key_id, found in gateway.keys.items()} == {
        OLD: "Active",
        NEW: "Inactive",
        ALICES: "Inactive",
    }


def test_a_failed_deactivation_stops_no_other():
    """Two keys of one user are switched off independently of each other."""
    denied = AccessDenied("denied", action="iam:UpdateAccessKey")
    gateway = FakeGateway(OLD_ON, NEW_ON, failures={("set_status", NEW): denied})
    outcomes = _outcomes(gateway, *BOTH_OFF)
    assert outcomes[NEW].error is denied
    assert outcomes[OLD].after == key(status="Inactive")


def test_what_is_no_write_has_no_outcome():
    """An observation and a key that is so already are left out."""
    gateway = FakeGateway(OLD_ON, ALICE_ON)
    assert _outcomes(gateway, change(OLD_ON, None), change(ALICE_ON, "Active")) == {}
    assert gateway.calls == []


def test_many_users_are_changed_each_exactly_once():
    """More users than requests may be under way at once."""
    keys = [key(f"AKIAMANYEXAMPLE{n:05}", f"user{n}") for n in range(50)]
    gateway = FakeGateway(*keys)
    outcomes = _outcomes(gateway, *(change(each, "Inactive") for each in keys))
    assert len(outcomes) == 50
    assert set(gateway.count("set_status").values()) == {1}
    assert {each.status for each in gateway.keys.values()} == {"Inactive"}


def test_what_was_carried_out_is_not_carried_out_again():
    """The second run of the same configuration writes nothing."""
    gateway = FakeGateway(OLD_ON, NEW_OFF)
    _outcomes(gateway, OFF, ON)
    assert _outcomes(gateway, change(gateway.keys[OLD], "Inactive"), change(gateway.keys[NEW], "Active")) == {}


def test_refused_credentials_are_not_taken_for_the_deactivation_of_their_own_key():
    """Only after a write that was not refused do they show that it has come true."""
    error = CredentialsRefused("AWS does not accept the credentials")
    failures = {("set_status", SIGNING): error, ("access_keys", "operator"): error}
    own = key(SIGNING, "operator")
    (outcome,) = execute_user(FakeGateway(own, failures=failures), [change(own, "Inactive")])
    assert outcome.error is error


def test_credentials_that_are_refused_after_the_write_show_that_it_has_come_true():
    """The key that signed is Inactive; nobody waits for a list that will not come."""
    own = key(SIGNING, "operator")
    failures = {("access_keys", "operator"): CredentialsRefused("AWS does not accept the credentials")}
    (outcome,) = execute_user(FakeGateway(own, failures=failures), [change(own, "Inactive")], sleep=pytest.fail)
    assert outcome.after.status == "Inactive"


def test_what_has_to_wait_for_a_failure_is_not_attempted():
    """Bob's new key does not exist, so his old one stays; alice is not held up."""
    iam = LittleIam(key(OLD), key(ALICES, "alice"))
    missing = unknown(Desired(NEW, "bob", Status.ACTIVE), None)
    changes = [change(key(OLD), "Inactive"), change(key(ALICES, "alice"), "Inactive")]
    outcomes = {o.change.access_key_id: o.error for o in execute_all(iam, changes, failures=[missing])}
    assert isinstance(outcomes[OLD], NotAttempted)
    assert NEW in outcomes[OLD].what
    assert outcomes[ALICES] is None
    assert iam.journal == [(ALICES, Status.INACTIVE)]


def test_the_key_that_signs_stays_where_anything_failed():
    """It is needed to repeat the run."""
    iam = LittleIam(key(SIGNING, "operator"), key(OLD))
    missing = unknown(Desired(UNKNOWN, None, Status.INACTIVE), None)
    outcomes = execute_all(iam, [change(key(SIGNING, "operator"), "Inactive")], failures=[missing])
    assert [type(outcome.error) for outcome in outcomes] == [NotAttempted]
    assert iam.journal == []
