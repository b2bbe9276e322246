"""A gateway without AWS: it keeps keys in memory, records every call, and fails where a test says so."""

from collections import Counter
from dataclasses import replace
from typing import Any

from keyswitch.access_key.errors import AccessKeyNotFound, KeyswitchError, UserNotFound
from keyswitch.access_key.inventory import CredentialReport, User
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status
from tests.support.examples import OPERATOR

Call = tuple[str, str | None]


class FakeGateway:
    """Answers as `Gateway` does, from memory.

    Args:
        keys: all keys of the account; their users exist.
        users: more users, without a key.
        caller: who signs.
        uses: last uses by access key ID; for a key without one AWS does not say.
        quarantines: the policy of the quarantine, by user name.
        failures: what a call raises instead of doing anything, by method and first argument.
        lost: what a write raises after it was done, by access key ID.
        lag: how many listings still show the status before a write; None: all of them.

    Attributes:
        keys: all keys as they are now.
        calls: every call, in order.
        journal: every write that was done, in order: the key and its new status.
        failures: as given; may be changed.
    """

    def __init__(
        self,
        *keys: AccessKey,
        users: tuple[str, ...] = (),
        caller: Caller = OPERATOR,
        uses: dict[str, LastUsed] | None = None,
        quarantines: dict[str, str] | None = None,
        failures: dict[Call, KeyswitchError] | None = None,
        lost: dict[str, KeyswitchError] | None = None,
        lag: int | None = 0,
    ) -> None:
        self.keys = {key.access_key_id: key for key in keys}
        self.calls: list[Call] = []
        self.journal: list[tuple[str, Status]] = []
        self.failures = failures or {}
        self._shown = dict(self.keys)
        self._users = {*users, *(key.user_name for key in keys)}
        self._caller = caller
        self._uses = uses or {}
        self._quarantines = quarantines or {}
        self._lost = lost or {}
        self._lag = lag

    concurrency = 48
    presumed_account: str | None = None

    def caller(self) -> Caller:
        """Who signs. It is not among the recorded calls."""
        if ("caller", None) in self.failures:
            raise self.failures["caller", None]
        return self._caller

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """All keys of a user, as AWS shows them by now; None if there is no such user."""
        self._asked("access_keys", user_name)
        if self._lag == 0:
            self._shown = dict(self.keys)
        elif self._lag is not None:
            self._lag -= 1
        if user_name not in self._users:
            return None
        return tuple(key for key in self._shown.values() if key.user_name == user_name)

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """The use as it was given."""
        self._asked("last_used", access_key_id)
        return self._uses.get(access_key_id)

    def quarantined(self) -> dict[str, str]:
        """The quarantines as they were given."""
        self._asked("quarantined", None)
        return self._quarantines

    def set_status(self, access_key_id: str, status: Status, user_name: str | None) -> None:
        """Write the status; then raise if the answer is to be lost."""
        self._asked("set_status", access_key_id)
        if user_name not in self._users:
            raise UserNotFound(f"there is no user {user_name}")
        found = self.keys.get(access_key_id)
        if found is None or found.user_name != user_name:
            raise AccessKeyNotFound(f"{user_name} has no access key {access_key_id}")
        self.keys[access_key_id] = replace(found, status=status.value)
        self.journal.append((access_key_id, status))
        if access_key_id in self._lost:
            raise self._lost[access_key_id]

    def asked(self, method: str) -> list[str | None]:
        """The first arguments of all calls of a method, in order."""
        return [about for name, about in self.calls if name == method]

    def count(self, method: str) -> Counter[str | None]:
        """How often a method was called, by first argument."""
        return Counter(self.asked(method))

    def _asked(self, method: str, about: str | None) -> None:
        self.calls.append((method, about))
        if (method, about) in self.failures:
            raise self.failures[method, about]


class LittleIam(FakeGateway):
    """A fake that knows owner and last use of every key, and in which a test can act as somebody else."""

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """The use as it was given; without one the key was never used. None if there is no such key."""
        super().last_used(access_key_id)
        found = self.keys.get(access_key_id)
        if found is None:
            return None
        return replace(self._uses.get(access_key_id) or LastUsed(None, None), user_name=found.user_name)

    def switched_outside(self, access_key_id: str, status: str) -> None:
        """Somebody switches a key by hand."""
        if access_key_id in self.keys:
            self.keys[access_key_id] = replace(self.keys[access_key_id], status=status)

    def deleted_outside(self, access_key_id: str) -> None:
        """Somebody deletes a key."""
        self.keys.pop(access_key_id, None)

    def renamed_outside(self, user_name: str, now: str) -> None:
        """Somebody renames a user."""
        if user_name not in self._users or now in self._users:
            return
        self._users = {*self._users, now} - {user_name}
        for found in [k for k in self.keys.values() if k.user_name == user_name]:
            self.keys[found.access_key_id] = replace(found, user_name=now)


class FakeAccount(LittleIam):
    """A fake of a whole account.

    Args:
        keys: all keys of the account; their users exist.
        people: more users, or the same with path, date or tags.
        root_has_keys: what the account summary says.
        report: the credential report; None: it may not be had.
        others: as for `FakeGateway`.
    """

    def __init__(
        self,
        *keys: AccessKey,
        people: tuple[User, ...] = (),
        root_has_keys: bool | None = False,
        report: CredentialReport | None = None,
        **others: Any,
    ) -> None:
        super().__init__(*keys, users=tuple(user.user_name for user in people), **others)
        named = {user.user_name: user for user in people}
        self.people = {n: named.get(n, User(n, tags={})) for n in sorted(self._users, key=str) if n is not None}
        self._root_has_keys, self._report = root_has_keys, report

    def users(self, path_prefix: str) -> tuple[User, ...]:
        """All users under a path, without their tags."""
        self._asked("users", path_prefix)
        return tuple(replace(u, tags=None) for u in self.people.values() if u.path.startswith(path_prefix))

    def user(self, user_name: str) -> User | None:
        """One user; None if there is no such user."""
        self._asked("user", user_name)
        return self.people.get(user_name)

    def tags(self, user_name: str) -> dict[str, str] | None:
        """The tags of a user; None if there is no such user."""
        self._asked("tags", user_name)
        found = self.people.get(user_name)
        return None if found is None else dict(found.tags or {})

    def root_has_keys(self) -> bool | None:
        """What was given."""
        self._asked("root_has_keys", None)
        return self._root_has_keys

    def credential_report(self) -> CredentialReport | None:
        """What was given."""
        self._asked("credential_report", None)
        return self._report
