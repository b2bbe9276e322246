"""Clients of the sandbox: boto3 that signs with any key, and plain HTTP with a hand-made signature."""

import csv
import http.client
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from keyswitch.sandbox.seed import OPERATOR_KEY, SeededKey
from keyswitch.sandbox.server import Sandbox
from tests.support import seeded

BOB, BOB_INACTIVE = seeded.BOB, seeded.BOBS_SECOND
ALICE, ALICE_OLD = seeded.ALICE, seeded.ALICES_OLD
CI = seeded.CI
NOBODYS = "AKIANOBODYEXAMPLE123"
ROOT, ROOT_INACTIVE = "AKIAROOTEXAMPLEKEY01", "AKIAROOTEXAMPLEKEY02"
ROOT_KEYS = (SeededKey(ROOT, None), SeededKey(ROOT_INACTIVE, None, "Inactive", age=timedelta(days=9)))
NAMESPACES = {
    "iam": "{https://iam.amazonaws.com/doc/2010-05-08/}",
    "sts": "{https://sts.amazonaws.com/doc/2011-06-15/}",
}


@dataclass(frozen=True)
class Answer:
    """Status and body of an HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.body)

    @property
    def code(self) -> str | None:
        return next((node.text for node in self.xml.iter() if node.tag.endswith("}Code")), None)

    @property
    def message(self) -> str | None:
        return next((node.text for node in self.xml.iter() if node.tag.endswith("}Message")), None)


Signer = str | Mapping[str, Any] | None
"""Who signs: a long-term key, the credentials of a session, nobody."""


def scope(signer: Signer, service: str, region: str) -> str:
    """The part of a signature that names its key."""
    key_id = signer if isinstance(signer, str) else (signer or {})["AccessKeyId"]
    return f"{key_id}/20260101/{region}/{service}/aws4_request"


def headers(signer: Signer, service: str = "iam", region: str = "us-east-1") -> dict[str, str]:
    """A signature that names its key; nobody checks the rest."""
    given = {"Content-Type": "application/x-www-form-urlencoded"}
    if signer is not None:
        named = scope(signer, service, region)
        given["Authorization"] = f"AWS4-HMAC-SHA256 Credential={named}, SignedHeaders=host, Signature=0"
    if isinstance(signer, Mapping) and "SessionToken" in signer:
        given["X-Amz-Security-Token"] = signer["SessionToken"]
    return given


def presigned(signer: Signer, service: str = "iam", region: str = "us-east-1") -> dict[str, str]:
    """The same signature as query parameters."""
    given = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Date": "20260101T000000Z", "X-Amz-Expires": "900"}
    given |= {"X-Amz-SignedHeaders": "host", "X-Amz-Signature": "0"}
    if signer is not None:
        given["X-Amz-Credential"] = scope(signer, service, region)
    if isinstance(signer, Mapping) and "SessionToken" in signer:
        given["X-Amz-Security-Token"] = signer["SessionToken"]
    return given


DOORS = ("POST", "GET", "presigned")
"""The ways in: a form, a query with a signed header, a URL that holds everything."""


def send(sandbox: Sandbox, method: str, url: str, body: str = "", given: Mapping[str, str] = {}) -> Answer:
    """Send one request over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=20)
    try:
        connection.request(method, url, body or None, dict(given))
        response = connection.getresponse()
        return Answer(response.status, response.read(), dict(response.getheaders()))
    finally:
        connection.close()


def raw(sandbox: Sandbox, action: str, signer: Signer = OPERATOR_KEY, *, service: str = "iam",
        region: str = "us-east-1", door: str = "POST", **parameters: str) -> Answer:  # fmt: skip
    """Send one request through one of the doors."""
    version = "2010-05-08" if service == "iam" else "2011-06-15"
    query = {"Action": action, "Version": version, **parameters}
    if door == "presigned":
        return send(sandbox, "GET", f"/?{urlencode({**query, **presigned(signer, service, region)})}")
    signed = headers(signer, service, region)
    if door == "GET":
        return send(sandbox, "GET", f"/?{urlencode(query)}", given=signed)
    return send(sandbox, "POST", "/", urlencode(query), signed)


def aws(
    sandbox: Sandbox, signer: str | Mapping[str, Any] = OPERATOR_KEY, service: str = "iam", attempts: int = 1
) -> Any:
    """A boto3 client that signs with a key, or with the credentials of a session."""
    session = {"AccessKeyId": signer} if isinstance(signer, str) else signer
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=sandbox.endpoint,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session.get("SecretAccessKey", "sandbox"),
        aws_session_token=session.get("SessionToken"),
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int, str]:
    """The code, the HTTP status and the message of an error."""
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def shown(sandbox: Sandbox, user_name: str) -> dict[str, str]:
    """The statuses of a user's keys, as ListAccessKeys shows them to the operator."""
    keys = aws(sandbox).list_access_keys(UserName=user_name)["AccessKeyMetadata"]
    return {key["AccessKeyId"]: key["Status"] for key in keys}


def administer(sandbox: Sandbox, method: str, what: str, document: object = None) -> tuple[int, Any]:
    """Ask the admin endpoint; its status and its JSON."""
    body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
    token = {"Authorization": f"Bearer {sandbox.token}"}
    answer = send(sandbox, method, f"/_sandbox/{what}", body.decode(), token)
    return answer.status, json.loads(answer.body)


def report(sandbox: Sandbox) -> bytes:
    """A credential report, made now."""
    iam = aws(sandbox)
    iam.generate_credential_report()
    sandbox.world.clock.advance(timedelta(seconds=3))
    return bytes(iam.get_credential_report()["Content"])


def rows(content: bytes) -> dict[str, dict[str, str]]:
    """The rows of a report, by user."""
    return {row["user"]: row for row in csv.DictReader(io.StringIO(content.decode()))}
