"""Switches keys one at a time, as an engine asks for them, and remembers what the run has seen and announced.

Every adapter that handles one key after the other uses it. It knows no engine.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from keyswitch.access_key.account import require_account
from keyswitch.access_key.bulk import too_many_so_far
from keyswitch.access_key.change import Change, announced, decide, decide_removal
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import AccessKeyNotFound, EntryFailed, KeyswitchError, Problem, UserNotFound
from keyswitch.access_key.guards import broken, refusal
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.policy import Level
from keyswitch.access_key.record import Recorded
from keyswitch.switching.adapter import Connected, Switched, Voice
from keyswitch.switching.connecting import Connecting
from keyswitch.switching.execution import execute, not_attempted
from keyswitch.switching.memory import FRESH_SECONDS, Failed, Memory, Seen, declared_twice
from keyswitch.switching.observation import Observation, observe
from keyswitch.switching.plan import Clock, plan_changes, utc_now
from keyswitch.switching.planned import Plan
from keyswitch.switching.port import Lookups


class Run:
    """One run: the connection, and what has been seen, declared and announced so far. Thread-safe.

    It connects to AWS with `connect` once, when AWS is first asked. `voice` says what is not an error.
    """

    def __init__(self, connect: Callable[[], Connected], voice: Voice, clock: Clock = utc_now) -> None:
        self._connected, self._voice, self._clock = Connecting(connect), voice, clock
        self._memory = Memory()
        self._began: datetime | None = None

    def declare(self, desired: Desired, name: str, seen: Seen | Failed | None, keys: int = 0) -> list[Problem]:
        """Note that a key is declared under a name, and how it was seen.

        A key that was not looked at is looked up here and its guards are asked, so that a preview fails as the update
        would. Keys that were declared this way before count as switched.

        Args:
            desired: what is wanted of the key.
            name: tells two declarations of one key from one that is checked twice.
            seen: how the caller saw the key, or why its entry failed; None: it did not look.
            keys: the number of keys in the state.

        Raises:
            KeyswitchError: the key is not there as declared, or a guard refuses the change.
        """
        key_id, self._began = desired.access_key_id, self._began or self._clock()
        first = self._memory.declare(key_id, name)
        if first != name:
            return [declared_twice(key_id, first, name)]
        if isinstance(seen, Failed):
            self._memory.fail(key_id, seen)
            return []
        if seen is not None:
            self._memory.announce(seen)
            return []
        observation = self._observe(desired, None)
        change = decide(desired, observation.keys[key_id])
        before = self._memory.judge_alone(change)
        self._warn(self._guarded(change, observation.after(before)))
        bulk = too_many_so_far(before.values(), keys, self._connected()[0].policy)
        if bulk is not None and self._memory.warns_first():
            self._voice.warn(bulk)
        return []

    def remember(self, access_key_id: str, status_at_adoption: str | None) -> None:
        """Note what a state remembers of a key, so that a resource that replaces another one remembers it, too."""
        if status_at_adoption is not None:
            self._memory.adopt(access_key_id, status_at_adoption)

    def has_failed(self, access_key_id: str) -> bool:
        """Whether the entry of the key failed before anything was written."""
        return self._memory.failed(access_key_id) is not None

    def first_seen(self, before: Recorded) -> AccessKey:
        """The key as it was first seen in this run, whoever owns it by now.

        Raises:
            WrongAccount: the state was made in another account.
            AccessKeyNotFound: it is gone.
        """
        key_id = before.desired.access_key_id
        seen = self._memory.seen(key_id)
        if seen is None:
            key = self.look_up(before)
            if key is None:
                raise AccessKeyNotFound(
                    f"The access key {key_id} is gone from AWS",
                    "Remove it from the program; a refresh drops it from the state",
                )
            seen = self._memory.see(Seen(key, self._connected()[1].caller().account))
        self._require_account(before.account_id, seen.account_id)
        return seen.key

    def look_up(self, before: Recorded) -> AccessKey | None:
        """The key, also where its user was renamed; None if it is gone.

        One listing a user and run is enough, unless the user's keys are written to.

        Raises:
            WrongAccount: the state was made in another account.
            KeyswitchError: AWS does not let it be seen.
        """
        return self._find(before, self._connected()[1].of_any_age())[0]

    def switch(self, desired: Desired, account_id: str | None) -> Switched:
        """Give a key its wanted status.

        Unless the plan is only seconds old, it looks the key up and asks the guards again, as the world may have moved.
        A key that this run has seen is only written if a write was announced then; else it is said if it was switched.

        Args:
            desired: what is wanted of the key.
            account_id: the account that the state was made in; None: there is none yet.

        Raises:
            EntryFailed: the entry failed when the whole change was looked at.
            KeyswitchError: why it was not switched.
        """
        key_id = desired.access_key_id
        seen = self._memory.seen(key_id)
        try:
            if failed := self._memory.failed(key_id):
                raise EntryFailed(failed.reason)
            if seen is not None:
                wanted = announced(desired, seen.key)
                if wanted is None:
                    self._require_account(account_id, seen.account_id)
                    self._confirm(desired, account_id)
                    return Switched(seen.key, seen.account_id, self._memory.adopt(key_id, seen.key.status))
                connected, prefetch = self._connected()
                if seen.is_fresh(self._clock()):
                    require_account(prefetch.caller(), connected.account, [account_id, seen.account_id])
                    self._memory.announce(replace(seen, at=None))  # a plan is good for one write
                    return self._switched(wanted, seen.account_id)
                prefetch.start_all(wanted, seen.upcoming)
            observation = self._observe(desired, account_id)
            change = decide(desired, observation.keys[key_id])
            self._guarded(change, observation)
            return self._switched(change, observation.caller.account)
        except KeyswitchError:
            owner = seen.key.user_name if seen is not None else desired.user_name
            if desired.status is Status.ACTIVE and (owner is not None or desired.root):
                self._memory.not_activated(owner, key_id)
            raise

    def _switched(self, change: Change, account_id: str) -> Switched:
        adopted = self._memory.adopt(change.access_key_id, change.observed.status)
        became, date = self._execute(change), self._clock() if change.is_write else None
        return Switched(became, account_id, adopted, date)

    def _confirm(self, desired: Desired, account_id: str | None) -> None:
        """Say if a key for which nothing was announced is not as declared. Looks only if the first look is long ago."""
        is_fresh = self._began is None or self._clock() - self._began <= timedelta(seconds=FRESH_SECONDS)
        if desired.status is None or is_fresh:
            return
        live = self._observe(desired, account_id).keys[desired.access_key_id]
        if decide(desired, live).is_write:
            self._voice.switched_meanwhile(live, desired.status)

    def remove(self, before: Recorded) -> None:
        """Do what is to happen to a key that is no longer declared.

        A key that the same run declares under another name was only renamed, and is left alone.

        Raises:
            KeyswitchError: why it was not done.
        """
        key_id, on_removal = before.desired.access_key_id, before.desired.on_removal
        if self._memory.is_declared(key_id):
            return
        if on_removal is OnRemoval.LEAVE:
            self._voice.left_alone(key_id)
            return
        connected, prefetch = self._connected()
        there, observation = self._find(before, prefetch)
        if there is None:
            self._voice.gone(key_id)
            return
        require_account(observation.caller, connected.account)
        change = decide_removal(before, there)
        if change.is_deactivation and (failed := self._memory.failed_activation(there.user_name)):
            raise not_attempted(change, [failed])
        planned = self._guarded(change, observation)
        self._execute(change)
        self._warn(planned)
        self._voice.removed(change, planned)

    def _find(self, before: Recorded, iam: Lookups) -> tuple[AccessKey | None, Observation]:
        """The key whoever owns it by now, None if it is gone; and what was seen on the way."""
        key_id = before.desired.access_key_id
        require_account(iam.caller(), recorded=[before.account_id])
        owners = {key_id: before.owner} if before.owner else {}
        observation = observe(iam, [replace(before.desired, user_name=None)], owners)
        problem = observation.problems.get(key_id)
        if problem is None:
            return observation.keys[key_id], observation
        if isinstance(problem, (AccessKeyNotFound, UserNotFound)):
            return None, observation
        raise problem

    def _observe(self, desired: Desired, account_id: str | None) -> Observation:
        """Look up one key; raise if it is not there as declared."""
        connected, prefetch = self._connected()
        require_account(prefetch.caller(), connected.account, [account_id])
        key_id = desired.access_key_id
        seen = self._memory.seen(key_id)
        owners = {key_id: seen.key.user_name} if seen is not None and seen.key.user_name else {}
        observation = observe(prefetch, [desired], owners)
        if observation.problems:
            raise observation.problems[key_id]
        self._memory.see(Seen(observation.keys[key_id], observation.caller.account))
        return observation

    def _guarded(self, change: Change, observation: Observation) -> Plan:
        """Ask the guards about one change; raise if one refuses it."""
        connected, prefetch = self._connected()
        planned = plan_changes(prefetch, [change], observation, connected.policy, clock=self._clock)
        if refused := refusal(planned.findings, in_program=self._memory.was_judged_alone(change.access_key_id)):
            raise refused
        return planned

    def _execute(self, change: Change) -> AccessKey:
        connected, prefetch = self._connected()
        try:
            outcome = execute(connected.iam, change)
        finally:
            prefetch.invalidate(change.observed.user_name)
        if outcome.keys is not None and (error := broken(change, outcome.keys, connected.policy)):
            raise error
        return outcome.after or change.observed

    def _warn(self, planned: Plan) -> None:
        for finding in planned.findings:
            if finding.level is Level.WARN:
                self._voice.warn(finding)

    def _require_account(self, recorded: str | None, account_id: str) -> None:
        """Connects only where the accounts differ: a run that writes nothing needs no connection."""
        if recorded not in (None, account_id):
            require_account(self._connected()[1].caller(), recorded=[recorded])
