"""A gateway without AWS behind it: keys in a dictionary, every call written down, failures on demand."""

from collections import Counter
from dataclasses import replace

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status
from tests.unit.examples import OPERATOR

Call = tuple[str, str | None]


class FakeGateway:
    """Answers as `Gateway` does.

    Args:
        keys: all keys there are; their users exist.
        users: users beside those, without a key.
        caller: who signs.
        uses: by access key ID; without one AWS does not say.
        failures: raised instead of doing anything, by method and first argument.
        lost: raised after a write was done, by access key ID.
        lag: how many times a listing still shows what was before a write; None: for ever.
    """

    def __init__(
        self,
        *keys: AccessKey,
        users: tuple[str, ...] = (),
        caller: Caller = OPERATOR,
        uses: dict[str, LastUsed] | None = None,
        failures: dict[Call, KeyswitchError] | None = None,
        lost: dict[str, KeyswitchError] | None = None,
        lag: int | None = 0,
    ) -> None:
        self.keys = {key.access_key_id: key for key in keys}
        self.calls: list[Call] = []
        self._shown = dict(self.keys)
        self._users = {*users, *(key.user_name for key in keys)}
        self._caller = caller
        self._uses = uses or {}
        self._failures = failures or {}
        self._lost = lost or {}
        self._lag = lag

    def caller(self) -> Caller:
        """Who signs."""
        return self._caller

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """All keys of a user as they are shown by now; None without such a user."""
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

    def set_status(self, access_key_id: str, status: Status, user_name: str | None) -> None:
        """Write the status, and lose the answer if so wanted."""
        self._asked("set_status", access_key_id)
        assert self.keys[access_key_id].user_name == user_name
        self.keys[access_key_id] = replace(self.keys[access_key_id], status=status.value)
        if access_key_id in self._lost:
            raise self._lost[access_key_id]

    def asked(self, method: str) -> list[str | None]:
        """What a method was called with, in order."""
        return [about for name, about in self.calls if name == method]

    def count(self, method: str) -> Counter[str | None]:
        """How many times a method was called with what."""
        return Counter(self.asked(method))

    def _asked(self, method: str, about: str | None) -> None:
        self.calls.append((method, about))
        if (method, about) in self._failures:
            raise self._failures[method, about]
