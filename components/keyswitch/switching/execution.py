"""Carries out changes: one idempotent write each, activations first, a read-back after each write."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import groupby
from threading import Event, Thread

from keyswitch.access_key.change import Change, by_user, prerequisites
from keyswitch.access_key.errors import (
    CredentialsRefused,
    IamUnavailable,
    KeyswitchError,
    NotAttempted,
    Throttled,
    Unconfirmed,
)
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.phrases import some
from keyswitch.switching.outcome import Outcome, SecondLook
from keyswitch.switching.port import Iam

READ_BACK_SECONDS = 20.0
"""How long a write may take to show. IAM is eventually consistent, usually within seconds
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency)."""

LAST_SECONDS = 1.5
"""How long an interrupt waits for the writes under way."""


def execute(
    iam: Iam,
    change: Change,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Write one change and wait until AWS shows it. Writes nothing if there is nothing to write.

    Raises:
        Unconfirmed: AWS accepted the write, but does not show it within READ_BACK_SECONDS.
        KeyswitchError: as `Iam.set_status` does.
    """
    if change.target is None:
        return Outcome(change, change.observed)
    (outcome,) = execute_user(iam, [change], sleep=sleep, clock=clock)
    if isinstance(outcome.became, KeyswitchError):
        raise outcome.became
    return outcome


def execute_user(
    iam: Iam,
    changes: Collection[Change],
    *,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    given_up: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """Write changes of one user, then wait until AWS shows them. One listing reads all of them back.

    Args:
        iam: is written to and read back from.
        changes: those to write.
        sleep: waits for seconds.
        clock: seconds, monotonic.
        given_up: whether to start no further write and to stop waiting after the next listing.
    """
    lost: dict[str, KeyswitchError] = {}
    refused: list[Outcome] = []
    waiting: dict[str, Change] = {}
    for change in changes:
        if given_up():
            break
        try:
            iam.set_status(change.access_key_id, Status(change.resulting_status), change.observed.user_name)
        except CredentialsRefused as error:
            refused.append(Outcome(change, error))  # a subclass of IamUnavailable, but AWS wrote nothing
            continue
        except (IamUnavailable, Throttled) as error:
            lost[change.access_key_id] = error  # AWS may have done the write before the answer was lost
        except KeyswitchError as error:
            refused.append(Outcome(change, error))
            continue
        waiting[change.access_key_id] = change
    written_at = clock()
    deadline = written_at + READ_BACK_SECONDS
    pause = 0.1
    seen: list[Outcome] = []
    while waiting:
        now, shows = _seen(iam, list(waiting.values()))
        for key_id, change in list(waiting.items()):
            key = now.get(key_id)
            if key is not None and key.status == change.resulting_status:
                seen.append(Outcome(change, key, tuple(now.values())))
            elif key_id in lost:
                seen.append(Outcome(change, lost[key_id]))
            elif given_up() or clock() + pause > deadline:
                seen.append(Outcome(change, _unconfirmed(change, clock() - written_at, shows or _shown(key))))
            else:
                continue
            del waiting[key_id]
        if waiting:
            sleep(pause)
            pause = min(pause * 2, 2.0)
    return [*refused, *seen]


def _unconfirmed(change: Change, waited: float, shows: str) -> Unconfirmed:
    return Unconfirmed(
        f"AWS accepted {change.target} for {change.access_key_id}, but after {waited:.0f} s {shows}",
        "Repeat the run: it writes again only if that is still so",
    )


def _seen(iam: Iam, changes: Sequence[Change]) -> tuple[dict[str, AccessKey], str]:
    """A user's keys now, or why they cannot be listed. A failed listing is not a failed write."""
    try:
        keys = iam.access_keys(changes[0].observed.user_name) or ()
    except CredentialsRefused as error:
        signing = iam.caller().access_key_id  # refused credentials show that the signing key is off
        off = [replace(c.observed, status=c.resulting_status) for c in changes if c.access_key_id == signing]
        return {key.access_key_id: key for key in off}, f"could not be asked again: {error.what}"
    except KeyswitchError as error:
        return {}, f"could not be asked again: {error.what}"
    return {key.access_key_id: key for key in keys}, ""


def _shown(key: AccessKey | None) -> str:
    return f"still shows {key.status}" if key else "shows no such key"


def execute_all(
    iam: Iam,
    changes: Iterable[Change],
    report: Callable[[Outcome], None] = lambda _: None,
    *,
    failures: Iterable[Change] = (),
    second_look: SecondLook | None = None,
) -> list[Outcome]:
    """Carry out many changes, users side by side.

    Within a user activations come first; if one fails, that user's deactivations are not done. A key that the run
    depends on is deactivated after all others, and not if one of them failed. A failure stops nothing else.
    After an interrupt no further write starts, and the running ones get LAST_SECONDS to end.

    Args:
        iam: is written to and read back from.
        changes: those that write nothing are left out.
        report: receives each outcome as soon as it is known, from several threads.
        failures: changes that are not carried out; nor are changes that have to wait for one of them.
        second_look: asks the guards again around the writes of a user; None: nobody does.
    """
    writes = [change for change in by_user(changes) if change.is_write]
    depended_on = iam.caller().depends_on if writes else ()
    failing = [*failures]
    needs = prerequisites([*writes, *failing], depended_on)
    own = [change for change in writes if change.is_deactivation and change.access_key_id in depended_on]
    others = [change for change in writes if change not in own]
    groups = [list(group) for _, group in groupby(others, key=lambda c: c.observed.user_name)]
    outcomes: list[Outcome] = []
    failed = {change.access_key_id for change in failing}
    bugs: list[BaseException] = []
    stop, finished = Event(), Event()

    def known(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if outcome.error is not None:
            failed.add(outcome.change.access_key_id)
        report(outcome)

    def carry_out() -> None:
        try:
            begin()
        finally:
            finished.set()

    def begin() -> None:
        with ThreadPoolExecutor(max_workers=iam.concurrency, thread_name_prefix="keyswitch") as pool:
            for done in as_completed([pool.submit(execute_group, group) for group in groups]):
                if error := done.exception():
                    bugs.append(error)
        for change in sorted(own, key=lambda c: len(needs.get(c.access_key_id, ()))):
            if not bugs:
                execute_group([change])

    def execute_group(group: Sequence[Change]) -> None:
        for is_activation in (True, False):
            ready = []
            for change in group:
                if change.is_activation is not is_activation:
                    continue
                if missing := failed.intersection(needs.get(change.access_key_id, ())):
                    known(Outcome(change, not_attempted(change, missing)))
                else:
                    ready.append(change)
            if stop.is_set():
                return
            refused = second_look.refused(group) if second_look is not None and ready and not is_activation else {}
            for change in ready:
                if change.access_key_id in refused:
                    known(Outcome(change, refused[change.access_key_id]))
            ready = [change for change in ready if change.access_key_id not in refused]
            for outcome in execute_user(iam, ready, sleep=stop.wait, given_up=stop.is_set):
                known(second_look.confirmed(outcome) if second_look is not None else outcome)

    # An interrupt reaches only the main thread. It must not hit the pool's own bookkeeping, which would lose running
    # writes. So the pool runs in a thread of its own.
    # (Not waited for with join: before Python 3.13 an interrupted join regards the thread as ended.)
    worker = Thread(target=carry_out, name="keyswitch")
    try:
        worker.start()
        while not finished.wait(0.2):
            pass  # an endless wait would not notice a signal that comes just before it
    finally:
        stop.set()
        if worker.ident is not None:
            finished.wait(LAST_SECONDS)
    if bugs:
        raise bugs[0]
    return outcomes


def not_attempted(change: Change, missing: Collection[str]) -> NotAttempted:
    """The error of a deactivation that is not carried out, because an earlier change failed."""
    first = some(sorted(missing))
    return NotAttempted(
        f"{change.access_key_id} is not deactivated, because {first} must be switched first and cannot be",
        "Mend that, then repeat the run",
    )
