"""The documented call: what goes over the wire, and that its documentation is true."""

import doctest
from typing import get_args

import pytest

from keyswitch.access_key.errors import AccessKeyNotFound, InvalidParameter
from keyswitch.access_key.model import Status
from keyswitch.iam import operation
from keyswitch.iam.connection import Connection
from keyswitch.iam.session import connect
from keyswitch.sandbox.server import Sandbox

BOBS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def test_the_documented_example_runs(sandbox: Sandbox) -> None:
    """The doctest of `update_access_key` switches Bob's key off."""
    assert doctest.testmod(operation) == (0, 1)
    assert sandbox.statuses()["AKIAIOSFODNN7EXAMPLE"] == "Inactive"


def test_its_type_names_each_status() -> None:
    """So that a type checker refuses any other, as the call does."""
    annotation = operation.update_access_key.__annotations__["status"]
    assert get_args(annotation) == tuple(status.value for status in Status)


def test_the_request_is_the_documented_one(sandbox: Sandbox) -> None:
    """The body that is read from the socket is AWS's documented sample request."""
    operation.update_access_key(user_name="Bob", access_key_id="AKIAIOSFODNN7EXAMPLE", status="Inactive")
    documented = (
        "Action=UpdateAccessKey&UserName=Bob&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=Inactive&Version=2010-05-08"
    )
    assert sorted(sandbox.journal[-1].body.split("&")) == sorted(documented.split("&"))


def test_it_is_one_request(sandbox: Sandbox) -> None:
    """Nothing is asked beside the write itself."""
    operation.update_access_key(user_name="Bob", access_key_id=BOBS_KEY, status="Inactive")
    assert sandbox.actions() == {"UpdateAccessKey": 1}


def test_a_user_left_out_is_not_sent(sandbox: Sandbox) -> None:
    """AWS then takes the user whose key signs, who has no such key; nothing is guessed on the way."""
    with pytest.raises(AccessKeyNotFound):
        operation.update_access_key(access_key_id=BOBS_KEY, status="Inactive")
    assert "UserName" not in sandbox.journal[-1].parameters
    assert sandbox.statuses()[BOBS_KEY] == "Active"


def test_a_client_that_is_given_is_used(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a client at hand, environment and configuration are not looked at."""
    client = connect(Connection()).iam
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    operation.update_access_key(user_name="Bob", access_key_id=BOBS_KEY, status="Inactive", client=client)
    assert sandbox.statuses()[BOBS_KEY] == "Inactive"


def test_repeating_it_is_harmless(sandbox: Sandbox) -> None:
    """The same status again is accepted and leaves the key as it is."""
    for _ in range(2):
        operation.update_access_key(user_name="Bob", access_key_id=BOBS_KEY, status="Inactive")
    assert sandbox.statuses()[BOBS_KEY] == "Inactive"


INVALID = [
    pytest.param({"access_key_id": "AKIASHORT"}, "AKIASHORT", id="ID of 9 characters"),
    pytest.param({"access_key_id": "A" * 15}, "A" * 15, id="ID of 15 characters"),
    pytest.param({"access_key_id": "A" * 129}, "16 to 128", id="ID of 129 characters"),
    pytest.param({"access_key_id": ""}, "16 to 128", id="empty ID"),
    pytest.param({"access_key_id": "AKIA-IOSFODNN7-EXAMPLE"}, "letters, digits", id="ID with dashes"),
    pytest.param({"access_key_id": "AKIAIOSFODNN7EXAMPLÉ"}, "letters, digits", id="ID beyond ASCII"),
    pytest.param({"access_key_id": BOBS_KEY + "\n"}, "letters, digits", id="ID with a line break"),
    pytest.param({"access_key_id": "ASIAIOSFODNN7EXAMPLE"}, "temporary", id="temporary ID"),
    pytest.param({"access_key_id": SECRET}, "leaked", id="secret instead of an ID"),
    pytest.param({"access_key_id": None}, "nothing is not", id="no ID"),
    pytest.param({"status": "inactive"}, "did you mean Inactive", id="status in lower case"),
    pytest.param({"status": "ACTIVE"}, "did you mean Active", id="status in upper case"),
    pytest.param({"status": "Expired"}, "nobody can ask for it", id="status Expired"),
    pytest.param({"status": ""}, "Active or Inactive", id="empty status"),
    pytest.param({"status": True}, "truth value", id="truth as a status"),
    pytest.param({"status": None}, "Active or Inactive", id="no status"),
    pytest.param({"user_name": ""}, "1 to 128", id="empty user"),
    pytest.param({"user_name": "B" * 129}, "129 characters", id="user of 129 characters"),
    pytest.param({"user_name": "Bob Smith"}, "no spaces", id="user with a space"),
    pytest.param({"user_name": "division/Bob"}, "no path", id="user with a path"),
    pytest.param({"user_name": "Böb"}, "letters, digits", id="user beyond ASCII"),
    pytest.param({"user_name": 7}, "7", id="user that is a number"),
]
"""Values that IAM refuses, and what the message must say."""


@pytest.mark.parametrize(("given", "names"), INVALID)
def test_a_value_that_iam_would_refuse_is_told(given: dict[str, object], names: str) -> None:
    """Each invalid parameter is an InvalidParameter that says what is accepted, and needs no credentials for that."""
    with pytest.raises(InvalidParameter, match="Nothing was sent") as raised:
        operation.update_access_key(**{"user_name": "Bob", "access_key_id": BOBS_KEY, "status": "Inactive", **given})
    assert names in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_value_that_iam_would_refuse_is_never_sent(sandbox: Sandbox) -> None:
    """None of them reaches the socket, though the way there is open."""
    for case in INVALID:
        given = {"user_name": "Bob", "access_key_id": BOBS_KEY, "status": "Inactive", **case.values[0]}
        with pytest.raises(InvalidParameter):
            operation.update_access_key(**given)
    assert sandbox.journal == []


def test_all_invalid_parameters_are_told_at_once() -> None:
    """Three wrong values are three complaints in one error."""
    with pytest.raises(InvalidParameter) as raised:
        operation.update_access_key(user_name="B b", access_key_id="short", status="off")
    assert all(repr(value) in str(raised.value) for value in ("B b", "short", "off"))


def test_values_at_their_limits_are_sent_unchanged(sandbox: Sandbox) -> None:
    """What IAM's constraints just allow reaches IAM; it alone says that there is no such key."""
    for user_name in ("a", "a" * 128, "_+=,.@-"):
        for access_key_id in ("A" * 16, "A" * 128):
            with pytest.raises(AccessKeyNotFound):
                operation.update_access_key(user_name=user_name, access_key_id=access_key_id, status="Inactive")
            sent = sandbox.journal[-1].parameters
            assert (sent["UserName"], sent["AccessKeyId"]) == (user_name, access_key_id)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"access_key_id": "AKIAUNKNOWNEXAMPLE00"}, "AKIAUNKNOWNEXAMPLE00 of user Bob", id="key"),
        pytest.param({"user_name": "nobody"}, f"{BOBS_KEY} of user nobody", id="user"),
        pytest.param({"user_name": None, "access_key_id": "AKIAUNKNOWNEXAMPLE00"}, "AKIAUNKNOWNEXAMPLE00.", id="own"),
    ],
)
def test_a_missing_key_is_said_to_be_missing(sandbox: Sandbox, given: dict[str, str], said: str) -> None:
    """IAM's ambiguous NoSuchEntity becomes one error that names the key and the user it was looked for at."""
    with pytest.raises(AccessKeyNotFound) as raised:
        operation.update_access_key(**{"user_name": "Bob", "access_key_id": BOBS_KEY, "status": "Inactive", **given})
    assert f"There is no access key {said}" in str(raised.value)


def test_the_public_name_is_the_operation() -> None:
    """`from keyswitch import update_access_key` is the documented way."""
    import keyswitch

    assert keyswitch.update_access_key is operation.update_access_key
