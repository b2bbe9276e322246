"""The types for who switched which access key, as CloudTrail recorded it. Looks nothing up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from keyswitch.access_key.model import AccessKey, Status


@dataclass(frozen=True)
class Switch:
    """One call of UpdateAccessKey that AWS carried out.

    Attributes:
        access_key_id: the key.
        status: the status that the call set.
        at: when (UTC).
        by: the ARN of the identity that signed; where AWS names none, whatever it says of who that was.
        user_name: the user that the request named; None: it named none, so the key is the signer's own.
        source_ip: the address that the call came from, or the name of the AWS service that made it.
        user_agent: the program that called, as it calls itself.
    """

    access_key_id: str
    status: str
    at: datetime
    by: str
    user_name: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True)
class Trail:
    """The switches of an account.

    CloudTrail keeps them for 90 days and usually shows them within 15 minutes
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html).

    Attributes:
        switches: the newest first.
        since: how far back they are complete (UTC).
    """

    switches: tuple[Switch, ...]
    since: datetime

    def switched(self, key: AccessKey) -> Switch | None:
        """The switch that gave a key the status it has.

        A call that repeats a status switches nothing, so of the last calls with this status the first one counts.

        Returns:
            None: it is not recorded, because it is too old or too recent.
        """
        found = None
        for switch in self._of(key.access_key_id):
            if switch.status != key.status:
                break
            found = switch
        return found

    @property
    def deactivated(self) -> Mapping[str, datetime]:
        """When each key was deactivated, by access key ID; only keys whose last recorded status is Inactive."""
        key_ids = dict.fromkeys(switch.access_key_id for switch in self.switches)
        keys = (AccessKey(key_id, None, Status.INACTIVE.value) for key_id in key_ids)
        return {key.access_key_id: switch.at for key in keys if (switch := self.switched(key))}

    def _of(self, access_key_id: str) -> Iterator[Switch]:
        return (switch for switch in self.switches if switch.access_key_id == access_key_id)
