"""The access keys of an account that no entry of the configuration names. Looks nothing up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError, UndeclaredKeys
from keyswitch.access_key.inventory import EVERYBODY, Scope
from keyswitch.access_key.model import AccessKey, LastUsed, Status
from keyswitch.access_key.phrases import count, owner, some
from keyswitch.access_key.policy import Level
from keyswitch.access_key.written import entry

_OFFERED = 40
"""The number of keys for which a refusal writes the entries."""


@dataclass(frozen=True)
class Watch:
    """Whether undeclared keys are looked for.

    Attributes:
        level: off does not look for them, warn lists them, block also fails a review.
        under: the part of the account in which they are looked for.
    """

    level: Level = Level.OFF
    under: Scope = EVERYBODY


@dataclass(frozen=True)
class Undeclared:
    """The keys that no entry names.

    Attributes:
        keys: by user.
        level: warn or block.
        last_used: the last uses that were looked up, by access key ID; None where AWS does not say.
        problems: why there may be more such keys.
    """

    keys: tuple[AccessKey, ...]
    level: Level
    last_used: Mapping[str, LastUsed | None] = field(default_factory=dict)
    problems: tuple[KeyswitchError, ...] = ()

    @property
    def errors(self) -> tuple[KeyswitchError, ...]:
        """What fails a review: at level block every key, and every user whose keys cannot be listed."""
        if self.level is not Level.BLOCK:
            return ()
        return (*self.problems, *([_refusal(self.keys)] if self.keys else ()))


def adopted(desired: Desired, key: AccessKey) -> Desired:
    """The entry of a declared key with the status that it has. A reason for the other status no longer holds."""
    live = as_it_is(key)
    user_name = live.user_name if desired.user_name else None
    reason = f"write here why it stays {key.status}" if desired.reason else None
    return replace(desired, user_name=user_name, status=live.status, reason=reason, allow=frozenset())


def as_it_is(key: AccessKey) -> Desired:
    """The entry that declares a key as AWS shows it."""
    statuses = {status.value for status in Status}
    status = Status(key.status) if key.status in statuses else None
    return Desired(key.access_key_id, user_name=key.user_name, status=status, root=key.user_name is None)


def _refusal(keys: tuple[AccessKey, ...]) -> UndeclaredKeys:
    named = some([f"{owner(key.user_name)} {key.access_key_id}" for key in keys])
    are = "is" if len(keys) == 1 else "are"
    lines = [line for key in keys[:_OFFERED] for line in entry(as_it_is(key))]
    more = [f"# … and {count(len(keys) - _OFFERED, 'other')}"] if len(keys) > _OFFERED else []
    return UndeclaredKeys(
        [f"{count(len(keys), 'access key')} of the account {are} declared nowhere: {named} [undeclared]"],
        "To let it pass, set keyswitch:undeclared to warn, or write among the keys",
        [*lines, *more],
    )
