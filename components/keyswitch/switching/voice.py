"""What a run says to its user beside errors, as data: how it is worded and where it appears is the adapter's."""

from typing import Protocol

from keyswitch.access_key.change import Change
from keyswitch.access_key.guards import Finding
from keyswitch.switching.plan import Plan


class Voice(Protocol):
    """Says to the user what is not an error."""

    def warn(self, finding: Finding) -> None:
        """A guard fired at level warn."""
        ...

    def left_alone(self, access_key_id: str) -> None:
        """A key is no longer declared, and stays as it is in AWS."""
        ...

    def gone(self, access_key_id: str) -> None:
        """A key is no longer declared, and no longer in AWS."""
        ...

    def removed(self, change: Change, plan: Plan) -> None:
        """A key is no longer declared, and this was done about it."""
        ...
