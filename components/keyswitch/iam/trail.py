"""Reads from CloudTrail who switched access keys: one listing of its event history. Needs no trail to be set up.

CloudTrail answers two requests a second in an account and region
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html).
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

from keyswitch.access_key.trail import Switch, Trail
from keyswitch.iam.errors import translated

DAYS = 90
"""How far back CloudTrail's event history goes, in days."""

MOST_PAGES = 40
"""How many pages of 50 events are read at most. In an ordinary account 90 days are one or two."""

RECORDS_IAM = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-f": "us-isof-south-1",
}
"""The region of each partition in which CloudTrail records the calls of IAM: the one that signs them. Partitions that
are not listed have one region."""

_IN_A_PAGE = 50
_SECONDS = 0.5
"""The time between two requests, at least."""


class Events(Protocol):
    """The one operation of a client for CloudTrail."""

    def lookup_events(self, **given: Any) -> Mapping[str, Any]:  # noqa: ANN401  (botocore's own)
        """Return one page of events, the newest first."""
        ...


def read_trail(
    client: Events, now: datetime, *, sleep: Callable[[float], None] = time.sleep, most_pages: int = MOST_PAGES
) -> Trail:
    """List the switches of the last 90 days.

    Args:
        client: for the region that records the calls of IAM.
        now: the present time (UTC).
        sleep: waits for seconds.
        most_pages: how many pages are read at most; older switches are left out then.

    Raises:
        AccessDenied: `cloudtrail:LookupEvents` is missing.
        KeyswitchError: CloudTrail cannot be reached, or refuses.
    """
    since = now - timedelta(days=DAYS)
    asked: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "UpdateAccessKey"}],
        "StartTime": since,
        "MaxResults": _IN_A_PAGE,
    }
    switches: list[Switch] = []
    oldest = now
    for page in range(most_pages):
        if page:
            sleep(_SECONDS)
        with translated("cloudtrail:LookupEvents", "of the account"):
            answer = client.lookup_events(**asked)
        events = answer.get("Events", ())
        switches += _switches(events)
        if not answer.get("NextToken"):
            return Trail(tuple(switches), since)
        asked["NextToken"] = answer["NextToken"]
        oldest = events[-1]["EventTime"] if events else oldest
    return Trail(tuple(switches), oldest)


def _switches(events: Any) -> Iterator[Switch]:  # noqa: ANN401  (botocore's own)
    for event in events:
        try:
            switch = _switch(json.loads(event["CloudTrailEvent"]))
        except (KeyError, TypeError, ValueError, AttributeError):  # AWS may add kinds of records
            continue
        if switch is not None:
            yield switch


def _switch(record: Mapping[str, Any]) -> Switch | None:
    """A switch from a record; None for a call that AWS refused.

    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html)
    """
    if record.get("errorCode"):
        return None
    asked, who = record["requestParameters"], record["userIdentity"]
    return Switch(
        access_key_id=str(asked["accessKeyId"]),
        status=str(asked["status"]),
        at=datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc),
        by=str(who.get("arn") or who.get("invokedBy") or who.get("principalId") or who.get("type") or "not known"),
        user_name=asked.get("userName"),
        source_ip=record.get("sourceIPAddress"),
        user_agent=record.get("userAgent"),
    )
