"""What providers say to the user, as a `Voice` of a run: lines on standard error. Raises and decides nothing."""

from keyswitch.access_key.change import Change
from keyswitch.access_key.guards import Finding
from keyswitch.resources import diagnostics
from keyswitch.switching.plan import Plan
from keyswitch.telling.text import change_line, warning_line


class Voice:
    """Prints messages to standard error. The engine shows them beside the resource."""

    def warn(self, finding: Finding) -> None:
        """Print a warning."""
        diagnostics.say(warning_line(finding))

    def left_alone(self, access_key_id: str) -> None:
        """Print that a key stays as it is."""
        diagnostics.say(f"{access_key_id} is no longer declared; the key itself stays as it is in AWS")

    def gone(self, access_key_id: str) -> None:
        """Print that a key is gone."""
        diagnostics.say(f"{access_key_id} is gone from AWS already")

    def removed(self, change: Change, plan: Plan) -> None:
        """Print the change of a key that is no longer declared."""
        diagnostics.say(change_line(change, plan))
