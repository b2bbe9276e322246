"""What is asked of AWS ahead of time: asked once, believed for seconds, never after a write."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from keyswitch.access_key.errors import Throttled
from keyswitch.switching.memory import FRESH_SECONDS
from keyswitch.switching.prefetch import Prefetch
from tests.support.examples import ALICES, NEW, OLD, OPERATOR, key, used
from tests.support.fake_gateway import FakeGateway

PATIENCE = 10.0


class SlowGateway(FakeGateway):
    """Answers only when it is let."""

    def __init__(self, *keys):
        super().__init__(*keys, uses={OLD: used(None)})
        self.asked_first, self.may_answer = threading.Event(), threading.Event()

    def _asked(self, method, about):
        super()._asked(method, about)
        self.asked_first.set()
        assert self.may_answer.wait(PATIENCE)


class Seconds:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def gateway():
    return FakeGateway(key(OLD), key(NEW), key(ALICES, "alice"), uses={OLD: used(None)})


@pytest.fixture
def clock():
    return Seconds()


@pytest.fixture
def prefetch(gateway, clock):
    return Prefetch(gateway, clock)


def test_it_answers_as_the_gateway_does(prefetch, gateway):
    """Also that there is no such user, and that AWS does not say."""
    assert prefetch.caller() == OPERATOR
    assert prefetch.access_keys("bob") == gateway.access_keys("bob")
    assert prefetch.access_keys("nobody") is None
    assert prefetch.last_used(OLD) == used(None)
    assert prefetch.last_used(NEW) is None


def test_what_is_asked_ahead_is_asked_once(prefetch, gateway):
    """Begun, begun again, then wanted: one call for the keys, one for the use."""
    prefetch.start("bob", OLD)
    prefetch.start("bob", OLD)
    prefetch.access_keys("bob")
    prefetch.last_used(OLD)
    assert sorted(gateway.calls) == [("access_keys", "bob"), ("last_used", OLD)]


def test_many_who_want_the_same_share_one_answer():
    """However many threads ask while the answer is under way."""
    gateway = SlowGateway(key(OLD))
    prefetch = Prefetch(gateway)
    with ThreadPoolExecutor(20) as pool:
        asking = [pool.submit(prefetch.access_keys, "bob") for _ in range(20)]
        assert gateway.asked_first.wait(PATIENCE)
        gateway.may_answer.set()
        assert {answer.result(PATIENCE) for answer in asking} == {(key(OLD),)}
    assert gateway.calls == [("access_keys", "bob")]


def test_start_waits_for_nothing():
    """It returns while AWS has not answered, and nothing is lost: who wants the answer gets it."""
    gateway = SlowGateway(key(OLD))
    prefetch = Prefetch(gateway)
    prefetch.start("bob", OLD)
    assert gateway.asked_first.wait(PATIENCE), "and asks all the same"
    gateway.may_answer.set()
    assert prefetch.last_used(OLD) == used(None)
    assert prefetch.access_keys("bob") == (key(OLD),)
    assert gateway.count("access_keys") == {"bob": 1}


@pytest.mark.parametrize("key_id", [OLD, None], ids=["a deactivation", "an activation"])
def test_a_last_use_is_asked_for_only_where_one_is_named(prefetch, gateway, key_id):
    """Nothing is asked that nobody will want."""
    prefetch.start("bob", key_id)
    prefetch.access_keys("bob")
    prefetch._pool.shutdown()
    assert gateway.asked("last_used") == ([key_id] if key_id else [])


@pytest.mark.parametrize(
    ("age", "calls"), [(0.0, 1), (FRESH_SECONDS - 0.1, 1), (FRESH_SECONDS, 2)], ids=["at once", "fresh", "stale"]
)
def test_an_answer_is_believed_while_it_is_fresh(prefetch, gateway, clock, age, calls):
    """What is older is asked again."""
    prefetch.access_keys("bob")
    prefetch.last_used(OLD)
    clock.now += age
    prefetch.access_keys("bob")
    prefetch.last_used(OLD)
    assert gateway.count("access_keys") == {"bob": calls}
    assert gateway.count("last_used") == {OLD: calls}


def test_the_age_counts_from_the_question(clock):
    """An answer that was long under way is as old as its question."""
    gateway = SlowGateway(key(OLD))
    prefetch = Prefetch(gateway, clock)
    prefetch.start("bob", None)
    assert gateway.asked_first.wait(PATIENCE)
    clock.now += FRESH_SECONDS
    gateway.may_answer.set()
    prefetch.access_keys("bob")
    assert gateway.count("access_keys") == {"bob": 2}


def test_what_is_written_to_is_forgotten(prefetch, gateway):
    """That user's keys are asked for again, nobody else's, and no last use: a write does not change that."""
    for user_name in ("bob", "alice"):
        prefetch.access_keys(user_name)
    prefetch.last_used(OLD)
    gateway.keys[OLD] = key(OLD, status="Inactive")
    prefetch.invalidate("bob")
    assert prefetch.access_keys("bob") == (key(OLD, status="Inactive"), key(NEW))
    prefetch.access_keys("alice")
    prefetch.last_used(OLD)
    assert gateway.count("access_keys") == {"bob": 2, "alice": 1}
    assert gateway.count("last_used") == {OLD: 1}


def test_nothing_known_can_be_forgotten(prefetch):
    """A user whose keys nobody has asked for."""
    prefetch.invalidate("bob")
    assert prefetch.access_keys("bob") == (key(OLD), key(NEW))


def test_a_failure_is_told_and_not_kept(prefetch, gateway):
    """Whoever wants the answer learns why there is none; who asks next asks AWS."""
    gateway.failures = {("access_keys", "bob"): Throttled("AWS throttles")}
    prefetch.start("bob", None)
    with pytest.raises(Throttled):
        prefetch.access_keys("bob")
    gateway.failures = {}
    assert prefetch.access_keys("bob") == (key(OLD), key(NEW))
