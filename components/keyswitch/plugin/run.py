"""A run of the real provider: it is asked about ignored properties late, and foresees results in a preview."""

from dataclasses import replace

from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import EntryFailed, Problem
from keyswitch.switching.adapter import Switched
from keyswitch.switching.memory import declared_twice
from keyswitch.switching.run import Run


class ProviderRun(Run):
    """A run whose keys can be claimed, compared and judged one after the other."""

    def claim(self, access_key_id: str, name: str) -> list[Problem]:
        """Note the name under which a key is declared. Looks nothing up.

        Returns:
            The problem of a key that is declared under two names, or an empty list.
        """
        first = self._memory.declare(access_key_id, name)
        return [] if first == name else [declared_twice(access_key_id, first, name)]

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
        return Switched(key, observation.caller.account, adopted)
