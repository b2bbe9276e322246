"""One question about many things: asked at once within a bound, answered in order, reported as it goes."""

import threading

import pytest

from keyswitch.access_key.errors import IamUnavailable
from keyswitch.switching.concurrently import concurrently


@pytest.mark.parametrize("count", [0, 1, 100])
def test_many_questions_are_asked_once_each_and_answered_in_order(count):
    """Duplicates are one question; a failure is an answer."""
    failure = IamUnavailable("no")

    def ask(number: int) -> int:
        if number % 10 == 7:
            raise failure
        return -number

    answers = concurrently(ask, [*range(count), *range(count)], 48)
    assert answers == {n: failure if n % 10 == 7 else -n for n in range(count)}
    assert list(answers) == list(range(count))


def test_what_is_no_failure_of_aws_is_a_bug_and_passes_through():
    """Only errors that a user can do something about become answers."""
    with pytest.raises(ZeroDivisionError):
        concurrently(lambda n: 1 // n, [1, 0, 2], 48)


def test_whoever_waits_is_told_how_far_it_is():
    """After each answer: what is being done, how much of it is done, and of how much."""
    heard = []
    concurrently(lambda n: n, range(3), 48, lambda *said: heard.append(said), "counting")
    assert heard == [("counting", 1, 3), ("counting", 2, 3), ("counting", 3, 3)]


def test_no_more_are_asked_at_once_than_the_bound():
    """The bound is reached and never passed."""
    under_way, most = 0, 0
    lock, full = threading.Lock(), threading.Event()

    def ask(_: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
            if under_way == 3:
                full.set()
        assert full.wait(10)
        with lock:
            under_way -= 1

    concurrently(ask, range(12), 3)
    assert most == 3
