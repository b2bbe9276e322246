"""Connections stay open, as AWS's do: whoever asks a thousand times pays for few of them."""

import http.client
import socket
import time

import pytest

from keyswitch.sandbox.faults import CUT, Fault
from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import aws, headers

BODY = "Action=ListAccessKeys&UserName=Bob&Version=2010-05-08"


@pytest.fixture
def connection(sandbox: Sandbox):
    """A connection that is made once, and never again."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.connect()
    connection.auto_open = False
    yield connection
    connection.close()


def ask(connection: http.client.HTTPConnection, path: str = "/", token: str = "") -> int:
    body = BODY if path == "/" else None
    signed = {"Authorization": f"Bearer {token}"} if token else headers(OPERATOR_KEY)
    connection.request("POST" if body else "GET", path, body, signed)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_one_serves_many_requests(connection, sandbox: Sandbox) -> None:
    """Of AWS's clients and of those who administer the sandbox; refusals do not end it."""
    assert [ask(connection) for _ in range(3)] == [200, 200, 200]
    sandbox.faults.append(Fault("ListAccessKeys", "Throttling"))
    assert ask(connection) == 400
    assert ask(connection, "/_sandbox/statuses", sandbox.token) == 200
    assert ask(connection) == 200


def test_answers_do_not_wait_for_each_other(connection) -> None:
    """Head and body go out at once; in two parts the second would wait 40 ms for the first to be acknowledged."""
    took = []
    for _ in range(20):
        begun = time.monotonic()
        ask(connection)
        took.append(time.monotonic() - begun)
    assert min(took) < 0.04


def test_it_ends_where_it_cannot_go_on(connection) -> None:
    """A body of unknown length is not read, and must not be taken for the next request."""
    body = b"GET /_sandbox/statuses HTTP/1.1\r\n\r\n"
    connection.sock.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    assert b"".join(iter(lambda: connection.sock.recv(4096), b"")).count(b"HTTP/1.1 ") == 1


def test_a_cut_one_is_made_anew(sandbox: Sandbox) -> None:
    """A client of botocore's goes on with another one."""
    iam = aws(sandbox, attempts=2)
    assert iam.list_access_keys(UserName="Bob")
    sandbox.faults.append(Fault("ListAccessKeys", CUT))
    assert iam.list_access_keys(UserName="Bob")


def test_none_outlives_the_sandbox() -> None:
    """What was connected is told, and the port is free."""
    with Sandbox() as sandbox:
        idle = socket.create_connection(("127.0.0.1", sandbox.port), timeout=5)
        port = sandbox.port
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        assert ask(kept) == 200
    assert idle.recv(1) == b""
    assert kept.sock.recv(1) == b""
    idle.close()
    kept.close()
    with Sandbox(port=port):
        pass
