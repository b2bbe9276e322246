"""The pace of the calls, by a clock of its own: it begins low, keeps below its ceiling, and learns from throttling."""

import heapq
import itertools
import random
import threading

import pytest

from keyswitch.iam import pace
from keyswitch.iam.connection import CONCURRENCY
from keyswitch.iam.pace import BURST, CEILING, START, Pace
from keyswitch.sandbox import faults
from keyswitch.sandbox.faults import TokenBucket


class Time:
    """A clock that only sleeping moves, also for many threads: one runs at a time, the next is whose time has come."""

    def __init__(self):
        self.now = 0.0
        self._asleep = []
        self._number = itertools.count()
        self._failures = []
        self._over = threading.Semaphore(0)

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        woken = self._wake_at(self.now + max(0.0, seconds))
        self._next()
        woken.acquire()

    def run(self, *threads):
        """Run them to their ends."""
        for work in threads:
            begun = self._wake_at(self.now)
            threading.Thread(target=self._in_turn, args=(work, begun), daemon=True).start()
        self._next()
        assert self._over.acquire(timeout=60)
        assert not self._failures, self._failures

    def _in_turn(self, work, begun):
        begun.acquire()
        try:
            work()
        except BaseException as error:  # it would leave the others asleep for ever
            self._failures.append(error)
        self._next()

    def _wake_at(self, at):
        woken = threading.Semaphore(0)
        heapq.heappush(self._asleep, (at, next(self._number), woken))
        return woken

    def _next(self):
        if not self._asleep or self._failures:
            self._over.release()
            return
        self.now, _, woken = heapq.heappop(self._asleep)
        woken.release()


class Alone:
    """A pace that one thread takes from, and its clock."""

    def __init__(self, ceiling=CEILING):
        self.now, self.while_asleep = 1000.0, []
        self.pace = Pace(ceiling, lambda: self.now, self._sleep)

    def _sleep(self, seconds):
        self.now += seconds
        for happens in self.while_asleep:
            happens()

    def calls(self, seconds):
        """Call as fast as the pace lets, and have each call answered; when they went out."""
        end, went = self.now + seconds, []
        while self.now < end:
            went.append(self.pace.take())
            self.pace.passed()
        return went


class TestTheBeginning:
    """Nothing is known of the account yet."""

    def test_some_calls_need_not_wait(self):
        """A run of a few keys is not slowed down at all."""
        alone = Alone()
        assert {alone.pace.take() for _ in range(BURST)} == {1000.0}

    def test_the_others_come_at_the_pace_and_the_pace_doubles(self):
        """A second at START, the next one at twice as much: with what the growth within a second adds."""
        alone = Alone()
        assert {alone.pace.take() for _ in range(BURST)} == {1000.0}
        assert alone.pace.rate == START
        for times in (1, 2):
            assert times * START <= len(alone.calls(1)) <= 2 * times * START
            assert alone.pace.rate == pytest.approx(2 * times * START, rel=0.05)

    def test_it_grows_by_use_only(self):
        """Who ponders a question for a minute does not come back at the ceiling; the burst is there again."""
        alone = Alone()
        alone.pace.take()
        alone.now += 60
        went = alone.calls(1)
        assert went[BURST - 1] == went[0]
        assert len(went) <= BURST + 2 * START

    @pytest.mark.parametrize("ceiling", [1.0, 30.0, 75.5, CEILING], ids=["1", "below the start", "above it", "default"])
    def test_the_ceiling_is_never_exceeded(self, ceiling):
        """In no second, however long it goes on, are there more calls than that, but for a burst."""
        alone = Alone(ceiling)
        went = alone.calls(20)[BURST:]
        assert alone.pace.rate == ceiling
        assert all(later - at > 0.99 for at, later in zip(went, went[int(ceiling) + 1 :], strict=False))


class TestThrottled:
    """AWS says how much is too much."""

    def test_it_pauses_and_slows_down(self):
        """No call for a moment, then fewer than before, and hardly growing."""
        alone = Alone()
        alone.calls(4)
        before, at = alone.pace.rate, alone.now
        alone.pace.throttled(alone.now)
        assert alone.pace.rate < 0.8 * before
        assert alone.pace.take() == pytest.approx(at + pace._PAUSE)
        slower = alone.pace.rate
        alone.calls(1)
        assert alone.pace.rate == pytest.approx(slower * pace._PROBE, rel=0.01)

    def test_a_call_that_went_before_the_pace_was_set_says_nothing_new(self):
        """All that were under way are throttled together: that is one piece of news."""
        alone = Alone()
        *_, under_way, last = alone.calls(4)
        alone.pace.throttled(last)
        rate = alone.pace.rate
        alone.now += 0.05
        alone.pace.throttled(under_way)
        alone.pace.throttled(last)
        assert alone.pace.rate == rate
        assert alone.pace.take() == pytest.approx(last + pace._PAUSE, abs=0.05), "nor is the pause any longer"

    def test_what_passed_between_two_is_what_aws_gives(self):
        """The pace is then set to 95 % of it."""
        alone = Alone()
        alone.pace.throttled(alone.calls(4)[-1])
        first, passed = alone.now, len(alone.calls(10))
        alone.pace.throttled(alone.now)
        assert alone.pace.rate == pytest.approx(0.95 * passed / (alone.now - first))

    def test_one_that_comes_at_once_is_no_measure(self):
        """Others may have used up what there was: the pace falls to a quarter at most, and finds its way back."""
        alone = Alone()
        alone.pace.throttled(alone.pace.take())
        assert alone.pace.rate >= START / 4 * 0.95
        alone.calls(10)
        assert alone.pace.rate > START

    def test_it_never_comes_to_a_stand(self):
        """Whatever happens, there is a call a second."""
        alone = Alone()
        for _ in range(50):
            alone.pace.throttled(alone.pace.take())
        assert alone.pace.rate >= 1

    def test_who_waits_takes_a_new_turn(self):
        """A call that waited for its turn while the pace was set anew waits for one at the new pace."""
        alone = Alone()
        alone.calls(1)
        set_at = []

        def throttled():
            if not set_at:
                set_at.append(alone.now)
                alone.pace.throttled(alone.now)

        alone.while_asleep.append(throttled)
        assert alone.pace.take() == pytest.approx(set_at[0] + pace._PAUSE)


class Aws:
    """An account with a bucket of tokens and some latency, and a run against it; nothing in it takes real time."""

    def __init__(self, monkeypatch, rate, latency, in_store=None):
        self.time, self.latency, self.throttled, self.left = Time(), latency, 0, 0
        monkeypatch.setattr(faults, "time", self.time)
        self.bucket = TokenBucket(rate, int(rate if in_store is None else in_store)) if rate else None
        self.pace = Pace(CEILING, self.time.monotonic, self.time.sleep)
        self._chance = random.Random(0)

    def run(self, calls):
        """Make so many calls, CONCURRENCY at once, each repeated until it passes; how long it took."""
        began, self.left = self.time.now, calls
        self.time.run(*[self._calls] * CONCURRENCY)
        return self.time.now - began

    def _calls(self):
        while self.left:
            self.left -= 1
            attempt = 0
            while not self._passes():
                self.throttled += 1
                self.time.sleep(self._chance.random() * min(2**attempt, 20))  # as botocore's standard mode
                attempt += 1

    def _passes(self):
        went = self.pace.take()
        self.time.sleep(self.latency / 2)
        passes = self.bucket is None or self.bucket.take()
        self.time.sleep(self.latency / 2)
        if passes:
            self.pace.passed()
        else:
            self.pace.throttled(went)
        return passes


class TestManyCalls:
    """A bulk change against an account that gives so much and no more."""

    @pytest.mark.parametrize("latency", [0.0, 0.1], ids=["at once", "after 100 ms"])
    @pytest.mark.parametrize("rate", [20, 50, 100, 200])
    def test_3000_calls_are_hardly_throttled_and_hardly_slower_than_can_be(self, monkeypatch, rate, latency):
        """Less than 2 % of the calls are throttled; it takes 1.3 times as long as the bucket allows, at most."""
        aws = Aws(monkeypatch, rate, latency)
        took = aws.run(3000)
        assert aws.throttled < 0.02 * 3000
        assert took <= 1.3 * (3000 - rate) / rate

    @pytest.mark.parametrize("latency", [0.0, 0.1], ids=["at once", "after 100 ms"])
    @pytest.mark.parametrize("rate", [20, 50, 100, 200])
    def test_a_run_of_500_is_throttled_once_at_most(self, monkeypatch, rate, latency):
        """What was under way when nothing was left, and not the same again."""
        aws = Aws(monkeypatch, rate, latency)
        aws.run(500)
        assert aws.throttled <= CONCURRENCY / 2

    def test_who_finds_an_account_in_use_does_not_crawl_for_long(self, monkeypatch):
        """Nothing is left at the beginning, which says little of what there will be."""
        aws = Aws(monkeypatch, 50, 0.1)
        aws.bucket._tokens = 0.0
        assert aws.run(500) < 2 * 500 / 50
        assert aws.throttled <= CONCURRENCY / 2

    def test_a_question_in_between_is_no_measure_of_aws(self, monkeypatch):
        """A few calls, a minute of nothing, then many: the minute does not count into what AWS gives."""
        aws = Aws(monkeypatch, 50, 0.1)
        aws.run(5)
        aws.time.now += 60
        assert aws.run(1000) <= 1.3 * (1000 - 50) / 50

    @pytest.mark.parametrize(("calls", "seconds"), [(500, 4.3), (3000, 10.5)])
    def test_where_aws_gives_all_it_is_fast(self, monkeypatch, calls, seconds):
        """The beginning costs seconds, not minutes."""
        aws = Aws(monkeypatch, None, 0.1)
        assert aws.run(calls) < seconds
        assert aws.throttled == 0
