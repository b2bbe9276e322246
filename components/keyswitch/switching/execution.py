"""Carries changes out: one idempotent write each, activations first, every write read back."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from threading import Event, Thread

from keyswitch.access_key.change import Change, prerequisites
from keyswitch.access_key.errors import IamUnavailable, KeyswitchError, NotAttempted, Throttled, Unconfirmed
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.summary import by_user
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import CONCURRENCY
from keyswitch.switching.observation import current

READ_BACK_SECONDS = 20.0
"""How long a write may take to show. IAM is eventually consistent, usually within seconds
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency)."""


@dataclass(frozen=True)
class Outcome:
    """What became of one change: the key as it is afterwards, or why it was not changed."""

    change: Change
    after: AccessKey | None
    error: KeyswitchError | None


def execute(
    gateway: Gateway,
    change: Change,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> AccessKey:
    """Write one change and wait until AWS shows it. Writes nothing if there is nothing to write.

    Returns:
        The key as AWS shows it afterwards.

    Raises:
        Unconfirmed: accepted, but not to be seen within READ_BACK_SECONDS.
        KeyswitchError: as `Gateway.set_status` does.
    """
    if change.target is None:
        return change.observed
    try:
        gateway.set_status(change.access_key_id, change.target, change.observed.user_name)
    except (IamUnavailable, Throttled):
        # The answer may have been lost after the write was done: AWS knows.
        after, _ = _seen(gateway, change.observed)
        if after is not None and after.status == change.target.value:
            return after
        raise
    deadline = clock() + READ_BACK_SECONDS
    pause = 0.1
    while True:
        after, shows = _seen(gateway, change.observed)
        if after is not None and after.status == change.target.value:
            return after
        if clock() + pause > deadline:
            raise Unconfirmed(
                f"AWS accepted {change.target} for {change.access_key_id}, but after {READ_BACK_SECONDS:.0f} s {shows}",
                "Repeat the run: it writes again only if that is still so",
            )
        sleep(pause)
        pause = min(pause * 2, 2.0)


def _seen(gateway: Gateway, key: AccessKey) -> tuple[AccessKey | None, str]:
    """The key as it is now, and that in words; a look that fails is no failure of the write."""
    try:
        now = current(gateway, key)
    except KeyswitchError as error:
        return None, f"could not be asked again: {error.what}"
    return now, f"still shows {now.status}" if now else "shows no such key"


def execute_all(
    gateway: Gateway, changes: Iterable[Change], tell: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Carry out many changes, users side by side.

    Within a user activations come first; if one fails, that user's deactivations are not done. A failure
    stops nothing else. An interrupt lets the writes under way end, and begins no others.

    Args:
        gateway: whom to tell.
        changes: those that write nothing are left out.
        tell: is told each outcome as soon as it is known, from several threads.
    """
    writes = [change for change in by_user(changes) if change.is_write]
    groups = [list(group) for _, group in groupby(writes, key=lambda c: c.observed.user_name)]
    outcomes: list[Outcome] = []
    bugs: list[BaseException] = []
    stop, finished = Event(), Event()

    def known(outcome: Outcome) -> None:
        outcomes.append(outcome)
        tell(outcome)

    def carry_out() -> None:
        try:
            begin()
        finally:
            finished.set()

    def begin() -> None:
        with ThreadPoolExecutor(max_workers=CONCURRENCY, thread_name_prefix="keyswitch") as pool:
            for done in as_completed([pool.submit(_execute_user, gateway, group, known, stop) for group in groups]):
                if error := done.exception():
                    bugs.append(error)

    # An interrupt reaches the main thread only. It must not hit the pool's own book-keeping, or writes that
    # are under way would be forgotten; so the pool lives in a thread of its own, and is always waited for.
    # (Not by join: before Python 3.13 an interrupted join takes the thread for ended.)
    worker = Thread(target=carry_out, name="keyswitch")
    try:
        worker.start()
        finished.wait()
    finally:
        stop.set()
        if worker.ident is not None:
            finished.wait()
    if bugs:
        raise bugs[0]
    return outcomes


def _execute_user(gateway: Gateway, changes: list[Change], known: Callable[[Outcome], None], stop: Event) -> None:
    needs = prerequisites(changes)
    failed: set[str] = set()
    for change in sorted(changes, key=lambda c: not c.is_activation):
        if stop.is_set():
            return
        missing = failed.intersection(needs.get(change.access_key_id, ()))
        if missing:
            error = NotAttempted(
                f"{change.access_key_id} was not deactivated, since {', '.join(sorted(missing))} "
                "of the same user could not be activated",
                "Mend that, then repeat the run",
            )
            known(Outcome(change, None, error))
            continue
        try:
            known(Outcome(change, execute(gateway, change), None))
        except KeyswitchError as failure:
            failed.add(change.access_key_id)
            known(Outcome(change, None, failure))
