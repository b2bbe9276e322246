"""The event history of an account, as CloudTrail has it: every UpdateAccessKey, also those that were refused."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from keyswitch.sandbox.clock import Clock
from keyswitch.sandbox.faults import TokenBucket
from keyswitch.sandbox.incoming import Incoming
from keyswitch.sandbox.wire import Refusal, timestamp

KEPT = timedelta(days=90)
"""How long events are kept (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html)."""

REQUESTS_A_SECOND = 2

_IN_A_PAGE = 50


class EventHistory:
    """The recorded events of one account.

    Args:
        account_id: 12 digits.
        clock: the sandbox's time.
    """

    def __init__(self, account_id: str, clock: Clock) -> None:
        self._account_id, self._clock = account_id, clock
        self.records: list[dict[str, Any]] = []
        self.throttle = TokenBucket(REQUESTS_A_SECOND, REQUESTS_A_SECOND)

    def record(self, request: Incoming, identity: Mapping[str, object], refusal: Refusal | None) -> None:
        """Take down a call.

        Args:
            request: the call.
            identity: who signed it, as CloudTrail describes it.
            refusal: the error that answered it.
        """
        given = {
            name[0].lower() + name[1:]: value
            for name, value in request.parameters.items()
            if name not in ("Action", "Version")
        }
        failed = {"errorCode": refusal.code, "errorMessage": refusal.message} if refusal else {}
        self.records.append(
            {
                "eventVersion": "1.11",
                "userIdentity": {**identity, "accountId": self._account_id, "accessKeyId": request.access_key_id},
                "eventTime": timestamp(self._clock.now()),
                "eventSource": "iam.amazonaws.com",
                "eventName": request.action,
                "awsRegion": "us-east-1",
                "sourceIPAddress": request.source_ip,
                "userAgent": request.user_agent,
                **failed,
                "requestParameters": given,
                "responseElements": None,
                "eventID": str(uuid4()),
                "readOnly": False,
                "eventType": "AwsApiCall",
                "managementEvent": True,
                "recipientAccountId": self._account_id,
                "eventCategory": "Management",
            }
        )

    def look_up(self, body: bytes) -> dict[str, object]:
        """Answer LookupEvents: the newest events first, in pages.

        Raises:
            Refusal: more than two requests a second, or parameters that are not accepted.
        """
        if not self.throttle.take():
            raise Refusal("ThrottlingException", 400, "Rate exceeded")
        asked = json.loads(body or b"{}")
        size = asked.get("MaxResults", _IN_A_PAGE)
        if not 1 <= size <= _IN_A_PAGE:
            raise Refusal("InvalidMaxResultsException", 400, "A limit between 1 and 50 must be specified.")
        first = asked.get("NextToken", "0")
        if not first.isdecimal():
            raise Refusal("InvalidNextTokenException", 400, "Invalid token.")
        found = [record for record in reversed(self.records) if self._fits(record, asked)]
        page = found[int(first) : int(first) + size]
        more = int(first) + size < len(found)
        return {
            "Events": [_event(record) for record in page],
            **({"NextToken": str(int(first) + size)} if more else {}),
        }

    def _fits(self, record: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
        now = self._clock.now()
        from_, to = (_date(asked[name]) if name in asked else None for name in ("StartTime", "EndTime"))
        at = _time(record)
        attributes = asked.get("LookupAttributes", [])
        if len(attributes) > 1:
            raise Refusal("InvalidLookupAttributesException", 400, "Multiple lookup attributes are not supported.")
        return (
            max(now - KEPT, from_ or now - KEPT) <= at <= (to or now)
            and all(_attribute(record, each["AttributeKey"]) == each["AttributeValue"] for each in attributes)
        )  # fmt: skip


def _attribute(record: Mapping[str, Any], name: str) -> str:
    """The attribute of a record by which it is looked up.

    Raises:
        Refusal: the sandbox does not know the attribute.
    """
    known = {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "EventSource": record["eventSource"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": record["userIdentity"]["accessKeyId"],
        "Username": record["userIdentity"].get("userName", ""),
    }
    if name not in known:
        raise Refusal("InvalidLookupAttributesException", 400, f"The sandbox looks no event up by {name}.")
    return str(known[name])


def _event(record: Mapping[str, Any]) -> dict[str, object]:
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": _attribute(record, "ReadOnly"),
        "AccessKeyId": record["userIdentity"]["accessKeyId"],
        "EventTime": _time(record).timestamp(),
        "EventSource": record["eventSource"],
        "Username": _attribute(record, "Username"),
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def _time(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
