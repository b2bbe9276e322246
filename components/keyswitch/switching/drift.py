"""Compares the declared keys with AWS as it is: what somebody else switched, deleted or created. Writes nothing."""

from dataclasses import dataclass

from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import AccessKeyNotFound, KeyswitchError, UserNotFound
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.trail import Switch, Trail
from keyswitch.access_key.undeclared import adopted, as_it_is
from keyswitch.access_key.written import entry
from keyswitch.switching.planned import Failure, Plan
from keyswitch.switching.port import Account


@dataclass(frozen=True)
class Switched:
    """A key that does not have its declared status.

    Attributes:
        change: the change that would give it the declared status.
        switch: who gave it the status that it has; None: not known.
    """

    change: Change
    switch: Switch | None = None


@dataclass(frozen=True)
class Drift:
    """The differences between a configuration and an account.

    Attributes:
        plan: what applying the configuration would change.
        switched: the keys that do not have their declared status, by user.
        gone: the declared keys that AWS does not have.
        new: the keys that no entry names; empty if they are not looked for.
        errors: what could not be compared.
        trail: what CloudTrail recorded; None: it was not asked, or did not answer.
        no_trail: why CloudTrail did not answer.
    """

    plan: Plan
    switched: tuple[Switched, ...]
    gone: tuple[Failure, ...]
    new: tuple[AccessKey, ...]
    errors: tuple[KeyswitchError, ...]
    trail: Trail | None = None
    no_trail: KeyswitchError | None = None

    @property
    def count(self) -> int:
        """The number of keys that differ."""
        return len(self.switched) + len(self.gone) + len(self.new)

    @property
    def adoption(self) -> tuple[str, ...]:
        """The lines of configuration that declare every switched and every new key as it is."""
        switched = (adopted(found.change.desired, found.change.observed) for found in self.switched)
        return tuple(line for wanted in (*switched, *map(as_it_is, self.new)) for line in entry(wanted))


def drift(plan: Plan, account: Account) -> Drift:
    """Find the drift in a plan that was made without a state, and who caused it.

    Args:
        plan: the plan.
        account: is asked for its trail, but only if a key was switched.
    """
    trail, no_trail = None, None
    if plan.writes:
        try:
            trail = account.trail(plan.at)
        except KeyswitchError as error:
            no_trail = error
    found = plan.undeclared
    return Drift(
        plan=plan,
        switched=tuple(Switched(c, trail.switched(c.observed) if trail else None) for c in plan.writes),
        gone=tuple(failure for failure in plan.failures if _is_gone(failure)),
        new=found.keys if found else (),
        errors=(
            *(failure.error for failure in plan.failures if not _is_gone(failure)),
            *(found.problems if found else ()),
        ),
        trail=trail,
        no_trail=no_trail,
    )


def _is_gone(failure: Failure) -> bool:
    return isinstance(failure.error, (AccessKeyNotFound, UserNotFound))
