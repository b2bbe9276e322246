"""Guards around the writes of `apply`: asked again once the plan is old, and judged by what AWS shows afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import GuardBroken, GuardRefused, NotAttempted, Throttled
from keyswitch.access_key.guards import broken
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName, GuardPolicy, Level
from keyswitch.switching.execution import execute_all
from keyswitch.switching.guarding import Guarding
from keyswitch.switching.memory import FRESH_SECONDS
from keyswitch.switching.plan import plan
from keyswitch.switching.prefetch import Prefetch
from tests.support.examples import NEW, NOW, OLD, ROLE, change, key, used
from tests.support.fake_gateway import LittleIam

STRICT = GuardPolicy({GuardName.LAST_ACTIVE_KEY: Level.BLOCK})
OFF = Desired(OLD, "bob", Status.INACTIVE)


def later(seconds: float) -> Callable[[], datetime]:
    """A clock that says the present of the plan at first, and later times from then on."""
    times = iter([NOW])
    return lambda: next(times, NOW + timedelta(seconds=seconds))


def applied(iam: LittleIam, after: float, policy: GuardPolicy = STRICT, between: Callable[[], None] = lambda: None):
    """What becomes of bob's old key where so many seconds go by between the plan and its write."""
    clock = later(after)
    made = plan(iam, [OFF], None, policy, clock=clock)
    assert made.errors == ()
    between()
    (outcome,) = execute_all(iam, made.permitted, second_look=Guarding(iam, made, policy, clock))
    return outcome


@pytest.fixture
def iam():
    return LittleIam(key(OLD), key(NEW), caller=ROLE)


def test_a_use_since_the_plan_stops_the_write(iam):
    """The engine asks again before each write, and so does apply."""

    def use():
        iam._uses[OLD] = replace(used(timedelta(0)), date=NOW + timedelta(seconds=20))

    assert isinstance(applied(iam, 30, between=use).error, GuardRefused)
    assert iam.journal == []


def test_the_other_key_that_is_off_since_the_plan_stops_the_write(iam):
    """Guards see all keys of the user as they are now."""
    outcome = applied(iam, 30, between=lambda: iam.switched_outside(NEW, "Inactive"))
    assert "without any active access key" in str(outcome.error)
    assert iam.journal == []


@pytest.mark.parametrize(("seconds", "listings"), [(FRESH_SECONDS, 2), (FRESH_SECONDS + 0.1, 3)], ids=["fresh", "old"])
def test_what_the_plan_knows_counts_while_it_is_fresh(iam, seconds, listings):
    """One listing for the plan, one read-back; between them one more where the plan is old."""
    assert applied(iam, seconds).error is None
    assert iam.count("access_keys") == {"bob": listings}


@pytest.mark.parametrize(("age", "again"), [(FRESH_SECONDS - 0.1, 0), (FRESH_SECONDS, 1)], ids=["fresh", "old"])
def test_each_answer_of_a_plan_counts_while_it_is_fresh(iam, age, again):
    """A long plan is old as a whole, but its last answers are not."""
    now = 0.0
    prefetch = Prefetch(iam, lambda: now)
    made = plan(prefetch, [OFF], None, STRICT, clock=lambda: NOW)
    looked_up = iam.count("access_keys")["bob"], iam.count("last_used")[OLD]
    now = age
    assert Guarding(prefetch, made, STRICT, lambda: NOW + timedelta(seconds=30)).refused(made.writes) == {}
    now_looked_up = iam.count("access_keys")["bob"], iam.count("last_used")[OLD]
    assert now_looked_up == (looked_up[0] + again, looked_up[1] + again)


def test_what_cannot_be_looked_up_again_is_not_written(iam):
    """Nobody deactivates a key blindly."""
    error = Throttled("slow")
    outcome = applied(iam, 30, between=lambda: iam.failures.update({("access_keys", "bob"): error}))
    assert outcome.error is error
    assert iam.journal == []


def test_a_refused_key_holds_back_the_key_that_signs():
    """It counts as failed."""
    iam = LittleIam(key(OLD), key(NEW), key(ROLE.source_access_key_id, "operator"), caller=ROLE)
    lenient = GuardPolicy({GuardName.OWN_CREDENTIALS: Level.OFF})
    own = Desired(ROLE.source_access_key_id, "operator", Status.INACTIVE)
    clock = later(30)
    made = plan(iam, [OFF, own], None, lenient, clock=clock)
    iam._uses[OLD] = replace(used(timedelta(0)), date=NOW + timedelta(seconds=20))
    outcomes = execute_all(iam, made.permitted, second_look=Guarding(iam, made, lenient, clock))
    assert {o.change.access_key_id: type(o.error) for o in outcomes} == {
        OLD: GuardRefused,
        ROLE.source_access_key_id: NotAttempted,
    }


def test_two_runs_that_together_take_the_last_key_are_found_out(iam):
    """The read-back lists the user's keys anyway: the error names the way back."""
    write = iam.set_status

    def race(access_key_id, status, user_name):
        write(access_key_id, status, user_name)
        iam.switched_outside(NEW, "Inactive")

    iam.set_status = race
    error = applied(iam, 0).error
    assert isinstance(error, GuardBroken)
    assert f"write status: Active for {OLD}" in error.next_step


@pytest.mark.parametrize(
    ("policy", "allow", "status", "others"),
    [
        pytest.param(GuardPolicy(), frozenset(), "Inactive", (), id="it only warns"),
        pytest.param(STRICT, frozenset({GuardName.LAST_ACTIVE_KEY}), "Inactive", (), id="it is allowed"),
        pytest.param(STRICT, frozenset(), "Inactive", (key(NEW),), id="another key is active"),
        pytest.param(STRICT, frozenset(), "Active", (), id="an activation"),
    ],
)
def test_nothing_is_broken(policy, allow, status, others):
    """Only what would have been refused."""
    before = key(OLD, status="Inactive" if status == "Active" else "Active")
    made = change(before, status, allow=allow)
    assert broken(made, (replace(before, status=status), *others), policy) is None
