"""Asks the same question about many things at once, within a bound, and reports progress."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from keyswitch.access_key.errors import KeyswitchError

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

Progress = Callable[[str, int, int], None]
"""Receives what is being done, how much of it is done, and how much there is to do."""


def unreported(_what: str, _done: int, _of: int) -> None:
    """Report no progress."""


@contextmanager
def beside(ask: Callable[[], _V]) -> Iterator[Future[_V]]:
    """Ask a question in a thread of its own while the block runs.

    Yields:
        The answer to come. Leaving the block does not wait for it.
    """
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keyswitch-beside")
    try:
        yield pool.submit(ask)
    finally:
        pool.shutdown(wait=False)


def concurrently(
    ask: Callable[[_K], _V], about: Iterable[_K], at_most: int, progress: Progress = unreported, what: str = ""
) -> dict[_K, _V | KeyswitchError]:
    """Ask the same question about many things. A KeyswitchError becomes an answer.

    An interrupt does not wait for calls that are still running.

    Args:
        ask: the question; called in several threads.
        about: what to ask about; duplicates once.
        at_most: how many calls may run at once.
        progress: receives how many answers are there.
        what: names the work to `progress`.

    Returns:
        The answers in the order of `about`.
    """

    def answer(item: _K) -> _V | KeyswitchError:
        try:
            return ask(item)
        except KeyswitchError as error:
            return error

    items = list(dict.fromkeys(about))
    if len(items) <= 1:
        return {item: answer(item) for item in items}
    answers: dict[_K, _V | KeyswitchError] = {}
    pool = ThreadPoolExecutor(max_workers=min(at_most, len(items)), thread_name_prefix="keyswitch")
    try:
        for item, found in zip(items, pool.map(answer, items), strict=True):
            answers[item] = found
            progress(what, len(answers), len(items))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return answers
