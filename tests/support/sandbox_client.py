"""Clients of the sandbox: boto3 that signs with any key, and plain HTTP with a hand-made signature."""

import http.client
import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
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

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.body)

    @property
    def code(self) -> str | None:
        return next((node.text for node in self.xml.iter() if node.tag.endswith("}Code")), None)

    @property
    def message(self) -> str | None:
        return next((node.text for node in self.xml.iter() if node.tag.endswith("}Message")), None)


def headers(signer: str | None, service: str = "iam", region: str = "us-east-1") -> dict[str, str]:
    """A signature that names its key; nobody checks the rest."""
    given = {"Content-Type": "application/x-www-form-urlencoded"}
    if signer is not None:
        scope = f"{signer}/20260101/{region}/{service}/aws4_request"
        given["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    return given


def raw(sandbox: Sandbox, action: str, signer: str | None = OPERATOR_KEY, *, service: str = "iam",
        region: str = "us-east-1", **parameters: str) -> Answer:  # fmt: skip
    """Send one request over a connection of its own."""
    version = "2010-05-08" if service == "iam" else "2011-06-15"
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=20)
    try:
        body = urlencode({"Action": action, "Version": version, **parameters})
        connection.request("POST", "/", body, headers(signer, service, region))
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


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


def administer(port: int, method: str, what: str, document: object = None) -> tuple[int, Any]:
    """Ask the admin endpoint; its status and its JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
        connection.request(method, f"/_sandbox/{what}", body)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
