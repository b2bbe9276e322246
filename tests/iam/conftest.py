"""What moto cannot say is said by botocore's Stubber: root, sessions, pages, unknown answers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import boto3
import pytest
from botocore.stub import Stubber

from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import Clients
from keyswitch.sandbox.server import Sandbox

ROOT = "arn:aws:iam::123456789012:root"
BOB = "arn:aws:iam::123456789012:user/Bob"

Stubbed = Callable[..., tuple[Gateway, Stubber]]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    """Make a gateway whose IAM answers exactly what is put into the stubber, for a caller of one's choice.

    At the end every answer must have been asked for.
    """
    with ExitStack() as stubbers:
        made: list[Stubber] = []

        def make(arn: str = BOB, access_key_id: str = "AKIABOBSIGNINGKEY001") -> tuple[Gateway, Stubber]:
            given = {"region_name": "us-east-1", "aws_access_key_id": access_key_id, "aws_secret_access_key": "stub"}
            iam, sts = boto3.client("iam", **given), boto3.client("sts", **given)
            said, signed = stubbers.enter_context(Stubber(iam)), stubbers.enter_context(Stubber(sts))
            signed.add_response("get_caller_identity", {"Account": "123456789012", "Arn": arn, "UserId": "AIDAEXAMPLE"})
            made.append(said)
            return Gateway(Clients(iam, sts, access_key_id, access_key_id)), said

        yield make
        for stubber in made:
            stubber.assert_no_pending_responses()


@pytest.fixture
def session(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a session of the operator into the environment, as `aws sts get-session-token` with MFA makes it."""
    mfa = {"SerialNumber": "arn:aws:iam::123456789012:mfa/operator", "TokenCode": "123456"}
    given = boto3.client("sts", region_name="us-east-1").get_session_token(**mfa)["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", given["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", given["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", given["SessionToken"])
    sandbox.journal.clear()
    return str(given["AccessKeyId"])
