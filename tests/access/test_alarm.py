"""The alarm's pattern, against events as CloudTrail sends them to EventBridge."""

from typing import Any

import pytest
from moto.events.models import EventPattern

from keyswitch.access.alarm import alarm_pattern

ROLE = "arn:aws:iam::123456789012:role/ci/keyswitch-apply"
PATTERN = alarm_pattern("123456789012", "aws", "ci/keyswitch-apply")

USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLEUSERID0001",
    "arn": "arn:aws:iam::123456789012:user/alice",
    "accountId": "123456789012",
    "accessKeyId": "AKIAALICEDEVEXAMPLE1",
    "userName": "alice",
}
CONSOLE = {
    **USER,
    "accessKeyId": "ASIAEXAMPLESESSION001",
    "sessionContext": {
        "sessionIssuer": {},
        "webIdFederationData": {},
        "attributes": {"creationDate": "2026-11-25T08:00:00Z", "mfaAuthenticated": "true"},
    },
}
ROOT = {
    "type": "Root",
    "principalId": "123456789012",
    "arn": "arn:aws:iam::123456789012:root",
    "accountId": "123456789012",
    "accessKeyId": "",
}


def session(role_arn: str, name: str) -> dict[str, Any]:
    """The identity of a role's session."""
    role = role_arn.rpartition("/")[2]
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLEROLEID0001:{name}",
        "arn": f"arn:aws:sts::123456789012:assumed-role/{role}/{name}",
        "accountId": "123456789012",
        "accessKeyId": "ASIAEXAMPLESESSION001",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLEROLEID0001",
                "arn": role_arn,
                "accountId": "123456789012",
                "userName": role,
            },
            "attributes": {"creationDate": "2026-11-25T08:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def event(identity: dict[str, Any], action: str = "UpdateAccessKey", **detail: Any) -> dict[str, Any]:
    """An event of IAM as EventBridge delivers it, in the form of AWS's documentation of CloudTrail's records."""
    return {
        "version": "0",
        "id": "36eb8523-97d0-4518-b33d-ee3579ff19f0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iam",
        "account": "123456789012",
        "time": "2026-11-25T09:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": "2026-11-25T09:00:00Z",
            "eventSource": "iam.amazonaws.com",
            "eventName": action,
            "awsRegion": "us-east-1",
            "sourceIPAddress": "192.0.2.10",
            "userAgent": "aws-cli/2.31",
            "requestParameters": {"userName": "bob", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": "Active"},
            "responseElements": None,
            "requestID": "85ba4d2f-0000-4000-8000-000000000000",
            "eventID": "a9d0f3c2-0000-4000-8000-000000000000",
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": "123456789012",
            "eventCategory": "Management",
            **detail,
        },
    }


def raises_the_alarm(happened: dict[str, Any]) -> bool:
    """Whether the pattern matches."""
    return EventPattern(None, PATTERN).matches_event(happened)


@pytest.mark.parametrize("action", ["UpdateAccessKey", "CreateAccessKey", "DeleteAccessKey"])
@pytest.mark.parametrize(
    "identity",
    [
        pytest.param(USER, id="a user's key"),
        pytest.param(CONSOLE, id="a user in the console"),
        pytest.param(ROOT, id="root"),
        pytest.param(session("arn:aws:iam::123456789012:role/admin", "keyswitch-1"), id="another role"),
        pytest.param(session("arn:aws:iam::123456789012:role/keyswitch-apply", "keyswitch-1"), id="another path"),
        pytest.param(session(ROLE, "jane"), id="the apply role, not from the pipeline"),
    ],
)
def test_a_key_that_anybody_else_changes_raises_the_alarm(identity: dict[str, Any], action: str) -> None:
    """Users and root have no role at all, which a pattern must say by itself."""
    assert raises_the_alarm(event(identity, action))


def test_the_pipeline_raises_no_alarm() -> None:
    """Its sessions have the apply role, and names that say so."""
    assert not raises_the_alarm(event(session(ROLE, "keyswitch-11223344-0a1b2c3")))


def test_a_denied_attempt_raises_the_alarm() -> None:
    """Somebody tried."""
    assert raises_the_alarm(event(USER, errorCode="AccessDenied", errorMessage="User: … is not authorized"))


def test_a_request_without_user_and_parameters_raises_the_alarm() -> None:
    """Users may switch their own keys without naming themselves."""
    assert raises_the_alarm(event(USER, requestParameters=None))


def test_chinas_events_have_another_type() -> None:
    """It begins with Amazon instead of AWS."""
    assert raises_the_alarm({**event(USER), "detail-type": "Amazon API Call via CloudTrail"})


@pytest.mark.parametrize("action", ["ListAccessKeys", "GetAccessKeyLastUsed", "UpdateUser"])
def test_nothing_else_raises_it(action: str) -> None:
    """Neither other actions nor other services."""
    assert not raises_the_alarm(event(USER, action))
    assert not raises_the_alarm({**event(USER), "source": "aws.s3"})
