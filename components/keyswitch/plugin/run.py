"""A run of the real provider: it is asked about ignored properties late, and foresees results in a preview."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from keyswitch.access_key.account import require_account
from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import EntryFailed, Problem
from keyswitch.access_key.guards import refusal
from keyswitch.access_key.model import AccessKey, LastUsed
from keyswitch.access_key.record import Recorded
from keyswitch.switching.adapter import Connected, Switched, Voice
from keyswitch.switching.memory import Failed, Seen, declared_twice
from keyswitch.switching.observation import observe
from keyswitch.switching.plan import Clock, plan, utc_now
from keyswitch.switching.planned import Plan
from keyswitch.switching.review import held_to, reviewed_digest
from keyswitch.switching.run import Run


class ProviderRun(Run):
    """A run whose keys can be claimed, compared and judged one after the other, or judged together first."""

    _together: Mapping[str, tuple[Desired, Seen | Failed]] = MappingProxyType({})
    """The keys that were judged together: as they are wanted, and as they were seen. Replaced, never changed."""

    def __init__(self, connect: Callable[[], Connected], voice: Voice, clock: Clock = utc_now) -> None:
        super().__init__(connect, voice, clock)
        self._owners: dict[str, str] = {}

    def look_up(self, before: Recorded) -> AccessKey | None:
        """As `Run.look_up`; remembers whose key it is, which need not be looked up for a plan."""
        key = super().look_up(before)
        if key is not None and key.user_name is not None:
            self._owners[key.access_key_id] = key.user_name
        return key

    def plan_together(self, wanted: Collection[Desired]) -> Plan:
        """Plan the change of all these keys, and hold it to the reviewed one.

        Raises:
            InvalidConfiguration: the digest of the reviewed change is none.
        """
        reviewed = reviewed_digest()
        connected, prefetch = self._connected()  # the engine has just read the keys that the stack knows
        planned = plan(
            prefetch, wanted, connected.account, connected.policy, owners=dict(self._owners), clock=self._clock
        )
        return held_to(replace(planned, refusal=refusal(planned.findings, in_program=True)), reviewed)

    def judged_together(self, planned: Plan, failed: Mapping[str, Sequence[str]]) -> None:
        """Note that the keys of a plan are not judged one by one any more.

        Args:
            planned: the plan.
            failed: the lines of the errors of entries that fail, by access key ID. They fail when they are written.
        """
        seen = {
            change.access_key_id: (change.desired, Seen(change.observed, planned.caller.account, planned.at))
            for change in planned.declared
        }
        not_found = (failure.change for failure in planned.failures)
        wanted = {change.access_key_id: change.desired for change in (*planned.declared, *not_found)}
        fails = {key_id: (wanted[key_id], Failed(tuple(lines))) for key_id, lines in failed.items()}
        self._together = MappingProxyType({**self._together, **seen, **fails})

    def judge(self, desired: Desired, name: str) -> list[Problem]:
        """Declare a key; look it up and ask its guards, unless it was judged together with others just so.

        Raises:
            KeyswitchError: the key is not there as declared, or a guard refuses the change.
        """
        known, seen = self._together.get(desired.access_key_id, (None, None))
        return self.declare(desired, name, seen if known == desired else None)

    def find(self, access_key_id: str) -> tuple[AccessKey, LastUsed | None, str]:
        """Look up a key that need not be declared; returns its last use and its account, too.

        Raises:
            KeyswitchError: there is no such key, or it may not be looked up.
        """
        connected, prefetch = self._connected()
        require_account(prefetch.caller(), connected.account)
        observation = observe(prefetch, [Desired(access_key_id)])
        if problem := observation.problems.get(access_key_id):
            raise problem
        return observation.keys[access_key_id], prefetch.last_used(access_key_id), observation.caller.account

    def keys_of(self, user_name: str) -> tuple[list[tuple[AccessKey, LastUsed | None]] | None, str]:
        """Look up the keys of a user with their last uses, None if there is no such user; and the account."""
        connected, prefetch = self._connected()
        require_account(prefetch.caller(), connected.account)
        keys = prefetch.access_keys(user_name)
        found = None if keys is None else [(key, prefetch.last_used(key.access_key_id)) for key in keys]
        return found, prefetch.caller().account

    def claim(self, desired: Desired, name: str) -> list[Problem]:
        """Note the name under which a key is declared. Looks nothing up.

        Returns:
            The problem of a key that is declared under two names, or an empty list.
        """
        if isinstance(self._together.get(desired.access_key_id, (None, None))[1], Failed):
            return self.judge(desired, name)
        first = self._memory.declare(desired.access_key_id, name)
        return [] if first == name else [declared_twice(desired.access_key_id, first, name)]

    def first_seen(self, before: Recorded) -> AccessKey:
        """As `Run.first_seen`, but also of a key that nobody has checked: only in the declared account."""
        connected, prefetch = self._connected()
        require_account(prefetch.caller(), connected.account)
        return super().first_seen(before)

    def expect(self, change: Change) -> None:
        """Note a change that will be judged later, so that it counts when other keys of the user are judged."""
        self._memory.judge_alone(change)

    def is_declared(self, access_key_id: str) -> bool:
        """Return whether the program has declared the key in this run."""
        return self._memory.is_declared(access_key_id)

    def foresee(self, desired: Desired, account_id: str | None) -> Switched:
        """Return what `switch` would give. Writes nothing and asks no guard.

        Args:
            desired: what is wanted of the key.
            account_id: the account that the state was made in; None: there is none yet.

        Raises:
            EntryFailed: the entry failed when the whole change was looked at.
            KeyswitchError: the key is not there as declared.
        """
        if failed := self._memory.failed(desired.access_key_id):
            raise EntryFailed(failed.reason)
        observation = self._observe(desired, account_id)
        change = decide(desired, observation.keys[desired.access_key_id])
        adopted = self._memory.adopt(change.access_key_id, change.observed.status)
        key = replace(change.observed, status=change.resulting_status)
        return Switched(key, observation.caller.account, adopted, self._clock() if change.is_write else None)
