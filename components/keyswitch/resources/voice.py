"""What providers say to the user, as a `Voice` of a run: lines on standard error. Raises and decides nothing."""

from keyswitch.access_key.change import Change
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.phrases import owner
from keyswitch.resources import diagnostics
from keyswitch.switching.planned import Plan
from keyswitch.telling.text import change_line, warning_line


class Voice:
    """Prints messages to standard error. The engine shows them beside the resource."""

    def warn(self, finding: Finding) -> None:
        """Print a warning."""
        diagnostics.say(warning_line(finding))

    def switched_meanwhile(self, live: AccessKey, declared: Status) -> None:
        """Print a warning that a key is not as declared."""
        what = f"{owner(live.user_name)} {live.access_key_id} is {live.status}, not {declared}"
        diagnostics.say(f"warning: {what}: somebody switched it during this run, which announced no change; run again")

    def left_alone(self, access_key_id: str) -> None:
        """Print that a key stays as it is."""
        diagnostics.say(f"{access_key_id} is no longer declared; the key itself stays as it is in AWS")

    def gone(self, access_key_id: str) -> None:
        """Print that a key is gone."""
        diagnostics.say(f"{access_key_id} is gone from AWS already")

    def removed(self, change: Change, plan: Plan) -> None:
        """Print the change of a key that is no longer declared."""
        diagnostics.say(change_line(change, plan))
