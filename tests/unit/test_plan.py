"""The plan: everything that stands against a configuration in one value, and nothing written."""

from datetime import datetime, timedelta, timezone

import pytest

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import AccessKeyNotFound, GuardRefused, Throttled, WrongAccount
from keyswitch.access_key.model import LastUsed, Status
from keyswitch.access_key.policy import GuardName, GuardPolicy, Level
from keyswitch.switching.plan import plan
from tests.unit.examples import ACCOUNT, ALICES, NEW, OLD, ROLE, UNKNOWN, key, used
from tests.unit.fake_gateway import FakeGateway

POLICY = GuardPolicy()
OFF, ON = Status.INACTIVE, Status.ACTIVE


def test_a_plan_writes_nothing_and_says_what_would_change():
    """Changes in the order they are told, uses of the keys to be cut off, no errors."""
    gateway = FakeGateway(key(OLD), key(NEW, status="Inactive"), caller=ROLE, uses={OLD: used(timedelta(days=400))})
    made = plan(gateway, [Desired(OLD, "bob", OFF), Desired(NEW, "bob", ON)], ACCOUNT, POLICY)
    assert [change.access_key_id for change in made.writes] == [NEW, OLD]
    assert made.errors == ()
    assert made.findings == ()
    assert set(made.last_used) == {OLD}
    assert gateway.asked("set_status") == []
    assert made.lines()[-1] == "2 access keys: 1 to activate, 1 to deactivate"


def test_the_last_use_is_asked_only_of_keys_to_be_cut_off_and_only_once():
    """A key whose owner was looked up has its last use already."""
    gateway = FakeGateway(key(OLD), key(NEW), key(ALICES, "alice"), caller=ROLE, uses={OLD: used(timedelta(days=400))})
    wanted = [Desired(OLD, None, OFF), Desired(NEW, "bob", ON), Desired(ALICES, "alice")]
    plan(gateway, wanted, ACCOUNT, POLICY)
    assert gateway.count("last_used") == {OLD: 1}


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
