"""The sandbox answers clients on this machine: no web page, no rebound name, and administration only with its token."""

from urllib.parse import urlencode

import pytest

from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import BOB, Answer, headers, presigned, send

SWITCH = {
    "Action": "UpdateAccessKey", "Version": "2010-05-08", "UserName": "Bob", "AccessKeyId": BOB, "Status": "Inactive"
}  # fmt: skip


def at_each(sandbox: Sandbox, given: dict[str, str]) -> list[Answer]:
    """A switch through each door of AWS's, with these headers beside its own."""
    return [
        send(sandbox, "POST", "/", urlencode(SWITCH), {**headers(OPERATOR_KEY), **given}),
        send(sandbox, "GET", f"/?{urlencode(SWITCH)}", given={**headers(OPERATOR_KEY), **given}),
        send(sandbox, "GET", f"/?{urlencode({**SWITCH, **presigned(OPERATOR_KEY)})}", given=given),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"Host": "attacker.example"},
        {"Host": "attacker.example:80"},
        {"Host": "127.0.0.1.attacker.example"},
        {"Host": "127.0.0.1@attacker.example"},
        {"Host": "192.168.1.7"},
        {"Host": "0.0.0.0"},
        {"Host": "[::2]"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Origin": "https://attacker.example"},
        {"Origin": "http://localhost.attacker.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda given: " ".join(f"{k}: {v}" for k, v in given.items()),
)
def test_a_stranger_is_refused_at_every_door(sandbox: Sandbox, given: dict[str, str]) -> None:
    """DNS rebinding and pages of other sites: 403 in the door's own form, nothing changed, nothing allowed to read."""
    before = sandbox.statuses()
    for answer in at_each(sandbox, given):
        assert (answer.status, answer.code) == (403, "AccessDenied")
        assert "The sandbox answers" in (answer.message or "")
        assert not any(name.lower().startswith("access-control") for name in answer.headers)
    token = {"Authorization": f"Bearer {sandbox.token}", **given}
    for method, what in (("GET", "statuses"), ("GET", "journal"), ("POST", "clock"), ("DELETE", "faults")):
        answer = send(sandbox, method, f"/_sandbox/{what}", "{}" if method == "POST" else "", token)
        assert answer.status == 403
        assert b"The sandbox answers" in answer.body
    assert sandbox.statuses() == before


@pytest.mark.parametrize(
    "given",
    [
        {"Host": "127.0.0.1"},
        {"Host": "localhost"},
        {"Host": "LOCALHOST:4566"},
        {"Host": "[::1]:4566"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
    ids=lambda given: " ".join(f"{k}: {v}" for k, v in given.items()),
)
def test_this_machine_is_answered(sandbox: Sandbox, given: dict[str, str]) -> None:
    """Every name of loopback, whatever the port."""
    assert [answer.status for answer in at_each(sandbox, given)] == [200, 200, 200]
    token = {"Authorization": f"Bearer {sandbox.token}", **given}
    assert send(sandbox, "GET", "/_sandbox/statuses", given=token).status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        headers(OPERATOR_KEY),
        {"Authorization": "é"},
    ],
    ids=["none", "empty", "wrong", "a signature of AWS's", "not ASCII"],
)
@pytest.mark.parametrize("what", ["journal", "statuses", "faults", "clock", "latency", "throttle", "nothing"])
def test_administration_wants_the_token(sandbox: Sandbox, method: str, given: dict[str, str], what: str) -> None:
    """401 that names the variable; nothing is told and nothing is changed, not even whether there is such a thing."""
    body = '{"action": "*", "advance": 9, "seconds": 9, "rate": 1}' if method == "POST" else ""
    answer = send(sandbox, method, f"/_sandbox/{what}", body, given)
    assert answer.status == 401
    assert b"KEYSWITCH_SANDBOX_TOKEN" in answer.body
    assert sandbox.token.encode() not in answer.body
    assert (sandbox.faults, sandbox.latency, sandbox.throttle) == ([], 0, None)


@pytest.mark.parametrize("length", ["-5", "many", "1e3"])
def test_administration_of_a_length_that_is_none(sandbox: Sandbox, length: str) -> None:
    """400 at once: it does not wait for the client to go."""
    given = {"Authorization": f"Bearer {sandbox.token}", "Content-Length": length}
    answer = send(sandbox, "POST", "/_sandbox/clock", '{"advance": 9}', given)
    assert answer.status == 400


def test_the_token_is_handed_to_those_who_are_led_there(sandbox: Sandbox) -> None:
    """In the environment; another one in every sandbox; not in what is printed of the object."""
    assert sandbox.environment["KEYSWITCH_SANDBOX_TOKEN"] == sandbox.token
    assert sandbox.token != Sandbox().token
    assert sandbox.token not in repr(sandbox)
