"""What moto cannot say is said by botocore's Stubber: root, sessions, pages, unknown answers."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.stub import Stubber

from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import Clients
from keyswitch.sandbox.server import Sandbox
from tests.support.stubbed import BOB, Answering, Stubbed


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


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Start a server that gives every request the same answer; returns its URL, and notes each request in `asked`."""
    servers: list[ThreadingHTTPServer] = []

    def start(body: bytes, status: int = 200, declared: int | None = None, asked: list[str] | None = None) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                if asked is not None:
                    asked.append(sent.decode())
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body) if declared is None else declared))
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
