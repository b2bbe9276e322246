"""The decision: what is wanted and what is there, in; what is to be written, out. Nothing to do is a value, too."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.model import AccessKey, Status


@dataclass(frozen=True)
class Change:
    """What reconciling one key comes to.

    Attributes:
        desired: what the configuration wants.
        observed: the key as it is in AWS.
        target: the status to write; None when nothing is to be written.
    """

    desired: Desired
    observed: AccessKey
    target: Status | None

    @property
    def access_key_id(self) -> str:
        """The key it is about."""
        return self.observed.access_key_id

    @property
    def is_write(self) -> bool:
        """Whether something is to be written to AWS."""
        return self.target is not None

    @property
    def is_activation(self) -> bool:
        """Whether it makes a key usable."""
        return self.target is Status.ACTIVE

    @property
    def is_deactivation(self) -> bool:
        """Whether it cuts something off; a key that is not Active already has nobody to cut off."""
        return self.target is Status.INACTIVE and self.observed.is_active

    @property
    def resulting_status(self) -> str:
        """The status the key has afterwards."""
        return self.target.value if self.target is not None else self.observed.status


def decide(desired: Desired, observed: AccessKey) -> Change:
    """Decide what makes the observed key the wanted one."""
    unchanged = desired.status is None or observed.status == desired.status.value
    return Change(desired, observed, None if unchanged else desired.status)


def decide_removal(desired: Desired, observed: AccessKey, status_at_adoption: str | None) -> Change:
    """Decide what happens to a key whose entry has left the configuration.

    Args:
        desired: what the entry wanted last.
        observed: the key as it is now.
        status_at_adoption: the status it had when keyswitch first took it over, if that is known.
    """
    wanted = None
    if desired.on_removal is OnRemoval.DEACTIVATE:
        wanted = Status.INACTIVE
    elif desired.on_removal is OnRemoval.RESTORE and status_at_adoption in {s.value for s in Status}:
        wanted = Status(status_at_adoption)
    return decide(replace(desired, status=wanted), observed)


def prerequisites(changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    """Say for each deactivated key which keys of the same user are to be activated first.

    So a user is never without a working key in between, and stays with the old one when the new one fails.

    Returns:
        The access key IDs of the activations, by the access key ID of the deactivation; root is a user here.
    """
    activations: dict[str | None, list[str]] = defaultdict(list)
    deactivations = []
    for change in changes:
        if change.is_activation:
            activations[change.observed.user_name].append(change.access_key_id)
        elif change.is_deactivation:
            deactivations.append(change)
    return {
        change.access_key_id: tuple(sorted(activations[change.observed.user_name]))
        for change in deactivations
        if change.observed.user_name in activations
    }
