"""Who switched keys, read from CloudTrail: against the sandbox, and from records that it does not make."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.loaders import create_loader

from keyswitch.access_key.errors import AccessDenied, IamUnavailable, KeyswitchError
from keyswitch.access_key.model import Status
from keyswitch.access_key.trail import Switch
from keyswitch.iam.connection import Connection, Role
from keyswitch.iam.directory import Directory
from keyswitch.iam.session import connect
from keyswitch.iam.trail import RECORDS_IAM, read_trail
from keyswitch.sandbox.faults import TokenBucket
from keyswitch.sandbox.seed import ACCOUNT
from keyswitch.sandbox.server import Fault, Sandbox
from keyswitch.sandbox.trail import REQUESTS_A_SECOND
from tests.support.examples import NOW
from tests.support.seeded import ALICE, BOB

WAITED: list[float] = []


@pytest.fixture
def directory(sandbox: Sandbox) -> Directory:
    """A directory that notes how long it waits; meanwhile the sandbox lets the next request pass."""
    WAITED.clear()

    def wait(seconds: float) -> None:
        WAITED.append(seconds)
        sandbox.world.account(ACCOUNT).history.throttle = TokenBucket(REQUESTS_A_SECOND * seconds, 1)

    return Directory(connect(Connection()), wait)


def now() -> datetime:
    return datetime.now(timezone.utc)


class TestOfAnAccount:
    """One listing of the switches that the sandbox has seen."""

    def test_a_switch_is_told_with_who_and_from_where(self, directory: Directory) -> None:
        """All that CloudTrail knows of a call, and the user that it named."""
        directory.set_status(BOB, Status.INACTIVE, "Bob")
        (switch,) = directory.trail(now()).switches
        assert (switch.access_key_id, switch.status, switch.user_name) == (BOB, "Inactive", "Bob")
        assert switch.by == "arn:aws:iam::123456789012:user/operator"
        assert switch.source_ip == "127.0.0.1"
        assert "keyswitch" in (switch.user_agent or "")
        assert timedelta() <= now() - switch.at < timedelta(minutes=1)

    def test_a_refused_call_is_no_switch(self, directory: Directory) -> None:
        """CloudTrail records it, too, with an error code."""
        with pytest.raises(KeyswitchError):
            directory.set_status(ALICE, Status.INACTIVE, "Bob")
        assert directory.trail(now()).switches == ()

    def test_many_switches_come_in_pages_at_the_pace_of_cloudtrail(
        self, directory: Directory, sandbox: Sandbox
    ) -> None:
        """Pages of 50, half a second apart; the newest switch comes first."""
        for number in range(160):
            directory.set_status(BOB, Status.ACTIVE if number % 2 else Status.INACTIVE, "Bob")
        trail = directory.trail(now())
        assert [switch.status for switch in trail.switches] == ["Active", "Inactive"] * 80
        assert sandbox.actions()["LookupEvents"] == 4
        assert WAITED == [0.5] * 3
        assert now() - trail.since >= timedelta(days=90)

    def test_events_of_more_than_90_days_ago_are_gone(self, directory: Directory, sandbox: Sandbox) -> None:
        """CloudTrail keeps them no longer, so the date of such a switch is not known."""
        directory.set_status(BOB, Status.INACTIVE, "Bob")
        sandbox.world.clock.advance(timedelta(days=91))
        assert directory.trail(sandbox.world.clock.now()).switches == ()

    def test_a_missing_permission_is_named(self, directory: Directory, sandbox: Sandbox) -> None:
        """It is the one of CloudTrail."""
        sandbox.faults.append(Fault("LookupEvents", "AccessDeniedException", 400, times=None))
        with pytest.raises(AccessDenied) as error:
            directory.trail(now())
        assert error.value.action == "cloudtrail:LookupEvents"

    def test_a_throttled_listing_goes_on(self, directory: Directory, sandbox: Sandbox) -> None:
        """Others may ask, too: the request is repeated."""
        directory.set_status(BOB, Status.INACTIVE, "Bob")
        sandbox.faults.append(Fault("LookupEvents", "ThrottlingException", 400))
        assert len(directory.trail(now()).switches) == 1


class TestWhereItIsAsked:
    """The region that records the calls of IAM, and no other place than the settings name."""

    @pytest.mark.parametrize(
        ("region", "endpoint"),
        [
            ("eu-central-1", "https://cloudtrail.us-east-1.amazonaws.com"),
            ("us-gov-east-1", "https://cloudtrail.us-gov-west-1.amazonaws.com"),
            ("cn-northwest-1", "https://cloudtrail.cn-north-1.amazonaws.com.cn"),
            ("eusc-de-east-1", "https://cloudtrail.eusc-de-east-1.amazonaws.eu"),
        ],
    )
    def test_each_partition_has_its_region(self, monkeypatch: pytest.MonkeyPatch, region: str, endpoint: str) -> None:
        """Whatever region the settings name."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        cloudtrail = connect(Connection(region=region)).cloudtrail
        assert cloudtrail is not None
        client: Any = cloudtrail()
        assert client.meta.endpoint_url == endpoint

    def test_the_regions_are_those_that_botocore_signs_for_iam(self) -> None:
        """A partition whose IAM signs for a region, as botocore knows it, is in the table with that region."""
        partitions = {p["partition"]: p["services"] for p in create_loader().load_data("endpoints")["partitions"]}
        signed = {
            name: iam["endpoints"][iam["partitionEndpoint"]]["credentialScope"]["region"]
            for name, services in partitions.items()
            if "partitionEndpoint" in (iam := services.get("iam", {}))
        }
        assert signed == RECORDS_IAM

    def test_a_rehearsal_asks_no_cloudtrail_of_aws(self, sandbox: Sandbox) -> None:
        """Where `aws:endpoints` lead to another IAM, its events are not in AWS's CloudTrail; nobody asks there."""
        directory = Directory(connect(Connection(iam_endpoint=sandbox.endpoint, sts_endpoint=sandbox.endpoint)))
        with pytest.raises(IamUnavailable, match="aws:endpoints"):
            directory.trail(now())
        assert sandbox.actions()["LookupEvents"] == 0

    def test_the_endpoint_of_the_settings_is_asked(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        """And not the one of the environment."""
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        at = sandbox.endpoint
        directory = Directory(connect(Connection(iam_endpoint=at, sts_endpoint=at, cloudtrail_endpoint=at)))
        assert directory.trail(now()).switches == ()


def test_a_role_asks_with_its_own_credentials(sandbox: Sandbox) -> None:
    """The role is assumed once, for IAM and CloudTrail."""
    role = Role(f"arn:aws:iam::{ACCOUNT}:role/keyswitch")
    directory = Directory(connect(Connection(roles=(role,))))
    directory.set_status(BOB, Status.INACTIVE, "Bob")
    (switch,) = directory.trail(now()).switches
    assert switch.by == f"arn:aws:sts::{ACCOUNT}:assumed-role/keyswitch/keyswitch"
    assert sandbox.journal[-1].signer.startswith("ASIA")
    assert sandbox.actions()["AssumeRole"] == 1


class Recorded:
    """A CloudTrail that answers these pages, and notes what it is asked."""

    def __init__(self, *pages: Mapping[str, Any]) -> None:
        self.pages = [*pages]
        self.asked: list[dict[str, Any]] = []

    def lookup_events(self, **given: Any) -> Mapping[str, Any]:
        self.asked.append(dict(given))
        return self.pages.pop(0)


def event(days_ago: int = 1, **fields: Any) -> dict[str, Any]:
    """An event as AWS documents it, with other fields where given."""
    at = NOW - timedelta(days=days_ago)
    record = {
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/mallory"},
        "requestParameters": {"userName": "bob", "accessKeyId": BOB, "status": "Active"},
        "sourceIPAddress": "203.0.113.9",
        "userAgent": "aws-cli/2.31.0",
        **fields,
    }
    return {"EventTime": at, "CloudTrailEvent": json.dumps(record)}


class TestRecords:
    """Records of every form."""

    @pytest.mark.parametrize(
        ("identity", "by"),
        [
            ({"type": "Root", "arn": "arn:aws:iam::123456789012:root"}, "arn:aws:iam::123456789012:root"),
            ({"type": "AWSService", "invokedBy": "support.amazonaws.com"}, "support.amazonaws.com"),
            ({"type": "Unknown", "principalId": "AIDAEXAMPLE"}, "AIDAEXAMPLE"),
            ({"type": "Unknown"}, "Unknown"),
            ({}, "not known"),
        ],
    )
    def test_somebody_is_named(self, identity: dict[str, str], by: str) -> None:
        """By the ARN, or by whatever AWS says."""
        (switch,) = read_trail(Recorded({"Events": [event(userIdentity=identity)]}), NOW).switches
        assert switch.by == by

    def test_what_a_record_lacks_is_not_known(self) -> None:
        """A key of the signer's own, without address and program."""
        given = event(requestParameters={"accessKeyId": BOB, "status": "Active"}, sourceIPAddress=None, userAgent=None)
        (switch,) = read_trail(Recorded({"Events": [given]}), NOW).switches
        assert switch == Switch(BOB, "Active", NOW - timedelta(days=1), "arn:aws:iam::123456789012:user/mallory")

    @pytest.mark.parametrize(
        "broken",
        [
            event(requestParameters=None),
            event(userIdentity=None),
            event(eventTime="yesterday"),
            event(errorCode="AccessDenied"),
            {"EventTime": NOW, "CloudTrailEvent": "no record"},
            {"EventTime": NOW, "CloudTrailEvent": "[]"},
            {"EventTime": NOW},
        ],
        ids=["no parameters", "nobody", "no date", "refused", "no JSON", "no map", "no record"],
    )
    def test_a_record_that_tells_no_switch_is_left_out(self, broken: Mapping[str, Any]) -> None:
        """It hides no other record."""
        assert len(read_trail(Recorded({"Events": [broken, event()]}), NOW).switches) == 1

    def test_the_listing_is_bounded(self) -> None:
        """After the last page that is read, the trail says how far back it goes."""
        pages = [{"Events": [event(days_ago=day)], "NextToken": "more"} for day in (1, 2, 3)]
        client = Recorded(*pages)
        trail = read_trail(client, NOW, sleep=lambda _: None, most_pages=2)
        assert [NOW - switch.at for switch in trail.switches] == [timedelta(days=1), timedelta(days=2)]
        assert trail.since == NOW - timedelta(days=2)
        assert [asked.get("NextToken") for asked in client.asked] == [None, "more"]
        assert client.asked[0]["StartTime"] == NOW - timedelta(days=90)
