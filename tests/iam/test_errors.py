"""Whatever AWS, botocore or the network say becomes one sentence that says what happened and what to do."""

import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.session
import pytest
from botocore.exceptions import ClientError

from keyswitch.access_key.errors import (
    AccessDenied,
    CredentialsRefused,
    IamUnavailable,
    InvalidParameter,
    KeyswitchError,
    LimitExceeded,
    Throttled,
)
from keyswitch.access_key.model import Status
from keyswitch.iam.connection import Connection, Role
from keyswitch.iam.errors import CODES, translated
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.sandbox.server import Fault, Sandbox

KEY = "AKIAIOSFODNN7EXAMPLE"
ROLE = Role("arn:aws:iam::123456789012:role/deployer")
DENIED = "User: arn:aws:iam::123456789012:user/operator is not authorized to perform: it"

Call = Callable[[], object]
CALLS: dict[str, Call] = {
    "GetCallerIdentity": lambda: Gateway(connect(Connection())).caller(),
    "ListAccessKeys": lambda: Gateway(connect(Connection())).access_keys("Bob"),
    "GetAccessKeyLastUsed": lambda: Gateway(connect(Connection())).last_used(KEY),
    "UpdateAccessKey": lambda: Gateway(connect(Connection())).set_status(KEY, Status.INACTIVE, "Bob"),
    "AssumeRole": lambda: connect(Connection(roles=(ROLE,))),
}
ACTIONS = {name: f"{'sts' if name in ('GetCallerIdentity', 'AssumeRole') else 'iam'}:{name}" for name in CALLS}

SETTLED_ELSEWHERE = {
    "NoSuchEntity": "user or key? Only the gateway knows, and answers None or AccessKeyNotFound",
}
"""Modelled errors that the table does not hold, each with the reason."""


def refused(call: Call) -> KeyswitchError:
    """The error that a call ends with."""
    with pytest.raises(KeyswitchError) as raised:
        call()
    return raised.value


def reads_well(error: KeyswitchError) -> bool:
    """Whether the message is written as people write: no stray spaces or stops, one line."""
    text = str(error)
    return not any(slip in text for slip in ("  ", " :", "..", " .", "\n"))


def everything_told(error: BaseException) -> str:
    """The message, the repr, and the traceback with the local variables of every function but the test's own."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    told = traceback.TracebackException(type(error), error, frames, capture_locals=True)
    return "".join([str(error), repr(error), *told.format()])


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def answering() -> Iterator[Callable[[bytes, int], str]]:
    """Start a server that gives every request the same bytes, under a declared length; returns its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(body: bytes, declared: int) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(declared))
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


class TestDenied:
    """A missing permission."""

    @pytest.mark.parametrize("name", [name for name in CALLS if name != "GetAccessKeyLastUsed"])
    def test_the_missing_permission_and_the_refused_identity_are_named(self, sandbox: Sandbox, name: str) -> None:
        """The error carries the action, quotes AWS (which names the caller), and says what to grant."""
        sandbox.faults.append(Fault(name, "AccessDenied", 403, DENIED))
        error = refused(CALLS[name])
        assert isinstance(error, AccessDenied)
        assert error.action == ACTIONS[name]
        assert DENIED in str(error)
        assert f"Grant {ACTIONS[name]}" in str(error)
        assert reads_well(error)

    def test_a_denied_look_up_of_the_last_use_is_not_known(self, sandbox: Sandbox) -> None:
        """AWS denies this one for unknown keys too, so it is an answer."""
        sandbox.faults.append(Fault("GetAccessKeyLastUsed", "AccessDenied", 403, DENIED))
        assert CALLS["GetAccessKeyLastUsed"]() is None

    def test_a_denied_write_names_key_and_user_and_changes_nothing(self, sandbox: Sandbox) -> None:
        """One line says which key of whom could not be switched."""
        before = sandbox.statuses()
        sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, DENIED))
        assert f"iam:UpdateAccessKey for {KEY} of user Bob was denied" in str(refused(CALLS["UpdateAccessKey"]))
        assert sandbox.statuses() == before

    def test_a_denied_role_is_named(self, sandbox: Sandbox) -> None:
        """The role that may not be assumed is in the message."""
        sandbox.faults.append(Fault("AssumeRole", "AccessDenied", 403, DENIED))
        assert ROLE.role_arn in str(refused(CALLS["AssumeRole"]))


class TestAnswers:
    """Error codes, as they come over the wire."""

    @pytest.mark.parametrize(
        ("name", "code", "http_status", "expected"),
        [
            ("UpdateAccessKey", "LimitExceeded", 409, LimitExceeded),
            ("UpdateAccessKey", "InvalidInput", 400, InvalidParameter),
            ("UpdateAccessKey", "ValidationError", 400, InvalidParameter),
            ("GetCallerIdentity", "ExpiredToken", 403, CredentialsRefused),
            ("GetCallerIdentity", "InvalidClientTokenId", 403, CredentialsRefused),
            ("ListAccessKeys", "ExpiredToken", 403, CredentialsRefused),
            ("AssumeRole", "ExpiredTokenException", 400, CredentialsRefused),
            ("UpdateAccessKey", "ServiceFailure", 500, IamUnavailable),
            ("GetAccessKeyLastUsed", "ServiceFailure", 500, IamUnavailable),
            ("UpdateAccessKey", "ServiceUnavailable", 503, IamUnavailable),
            ("UpdateAccessKey", "NobodyKnowsThisOne", 502, IamUnavailable),
        ],
    )
    def test_a_known_error_quotes_aws_and_names_the_action(
        self, sandbox: Sandbox, name: str, code: str, http_status: int, expected: type[KeyswitchError]
    ) -> None:
        """Each code becomes its error, with AWS's own words and code in it, and a next step."""
        sandbox.faults.append(Fault(name, code, http_status, "what AWS said", times=None))
        error = refused(CALLS[name])
        assert type(error) is expected
        assert f"what AWS said ({code})" in str(error)
        assert ACTIONS[name] in str(error)
        assert error.next_step
        assert reads_well(error)

    def test_credentials_that_are_not_accepted_are_told_apart_from_an_outage(self, sandbox: Sandbox) -> None:
        """An expired token asks for a new sign-in, not for patience."""
        sandbox.faults.append(Fault("GetCallerIdentity", "ExpiredToken", 403, "The security token is expired"))
        assert "Sign in again" in str(refused(CALLS["GetCallerIdentity"]))

    def test_an_unknown_code_passes_through_untouched(self, sandbox: Sandbox) -> None:
        """What is not in the table is a bug here, and must look like one."""
        sandbox.faults.append(Fault("UpdateAccessKey", "NobodyKnowsThisOne", 400, "?"))
        with pytest.raises(ClientError, match="NobodyKnowsThisOne"):
            CALLS["UpdateAccessKey"]()

    @pytest.mark.parametrize("error", [ValueError("a bug"), KeyError("a bug"), KeyboardInterrupt()], ids=repr)
    def test_what_is_not_of_botocore_passes_through_untouched(self, error: BaseException) -> None:
        """A programming error and an interruption stay what they are."""
        with pytest.raises(type(error)) as raised, translated("iam:ListAccessKeys", "of user Bob"):
            raise error
        assert raised.value is error


class TestParameters:
    """What botocore itself refuses, before anything is sent."""

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            pytest.param(
                lambda: connect(Connection(roles=(Role("arn:short"),))),
                "sts:AssumeRole for arn:short: ",
                id="the ARN of a role",
            ),
            pytest.param(
                lambda: connect(Connection(roles=(replace(ROLE, parameters={"DurationSeconds": 1}),))),
                f"sts:AssumeRole for {ROLE.role_arn}: ",
                id="the duration of a role",
            ),
            pytest.param(
                lambda: Gateway(connect(Connection())).owner("AKIASHORT"),
                "iam:GetAccessKeyLastUsed for AKIASHORT: ",
                id="an access key ID",
            ),
        ],
    )
    def test_it_is_told_as_a_value_to_correct(self, sandbox: Sandbox, call: Call, said: str) -> None:
        """Nobody is sent to look for an outage, and the parameter is named."""
        error = refused(call)
        assert isinstance(error, InvalidParameter)
        assert error.what.startswith(f"{said}Parameter validation failed: Invalid ")
        assert reads_well(error)
        assert error.next_step == "Correct the value in the configuration"
        assert sandbox.journal == []


class TestThrottling:
    """AWS asks to slow down."""

    @pytest.mark.parametrize("name", ["AssumeRole", "UpdateAccessKey"])
    def test_throttling_that_ends_is_not_noticed(self, sandbox: Sandbox, name: str) -> None:
        """One "Rate exceeded" is retried, and the call succeeds."""
        sandbox.faults.append(Fault(name, "Throttling", 400, "Rate exceeded"))
        CALLS[name]()
        assert sandbox.actions()[name] == 2

    def test_throttling_that_lasts_is_said_after_all_retries(self, sandbox: Sandbox) -> None:
        """After AWS_MAX_ATTEMPTS tries the error says so, and that a repetition is safe."""
        sandbox.faults.append(Fault("UpdateAccessKey", "Throttling", 400, "Rate exceeded", times=None))
        error = refused(CALLS["UpdateAccessKey"])
        assert isinstance(error, Throttled)
        assert "Rate exceeded" in str(error)
        assert "repeat the run" in str(error)
        assert sandbox.actions()["UpdateAccessKey"] == int(os.environ["AWS_MAX_ATTEMPTS"])

    def test_a_quota_is_not_retried(self, sandbox: Sandbox) -> None:
        """LimitExceeded does not go away by asking again."""
        sandbox.faults.append(Fault("UpdateAccessKey", "LimitExceeded", 409, times=None))
        refused(CALLS["UpdateAccessKey"])
        assert sandbox.actions()["UpdateAccessKey"] == 1


class TestUnreachable:
    """No answer, or one that is none."""

    @pytest.mark.parametrize("name", ["GetCallerIdentity", "AssumeRole"])
    def test_an_endpoint_where_nobody_listens_is_named(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """The message has the URL that could not be reached."""
        endpoint = f"http://127.0.0.1:{closed_port()}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        error = refused(CALLS[name])
        assert isinstance(error, IamUnavailable)
        assert endpoint in str(error)
        assert reads_well(error)

    def test_a_connection_cut_before_the_write_leaves_the_key_alone(self, sandbox: Sandbox) -> None:
        """Nothing was written, and the error says that a repetition is safe."""
        sandbox.faults.append(Fault("UpdateAccessKey", "", times=None))
        error = refused(CALLS["UpdateAccessKey"])
        assert isinstance(error, IamUnavailable)
        assert "repeat the run" in str(error)
        assert sandbox.statuses()[KEY] == "Active"

    def test_a_connection_cut_after_the_write_is_the_same_error(self, sandbox: Sandbox) -> None:
        """The call alone cannot know that it was done; it does not claim that it was not."""
        sandbox.faults.append(Fault("UpdateAccessKey", "", after=True, times=None))
        assert isinstance(refused(CALLS["UpdateAccessKey"]), IamUnavailable)
        assert sandbox.statuses()[KEY] == "Inactive"

    def test_a_connection_cut_once_is_retried(self, sandbox: Sandbox) -> None:
        """A single lost answer is not noticed: the write is idempotent."""
        sandbox.faults.append(Fault("UpdateAccessKey", "", after=True))
        CALLS["UpdateAccessKey"]()
        assert sandbox.statuses()[KEY] == "Inactive"

    @pytest.mark.parametrize(
        ("body", "declared"),
        [
            pytest.param(b"<ListAccessKeysResponse><ListAcc", 500, id="fewer bytes than declared"),
            pytest.param(b"<ListAccessKeysResponse><ListAcc", 32, id="XML that stops"),
            pytest.param(b"<html>captive portal", 20, id="no XML of AWS"),
        ],
    )
    def test_a_truncated_answer_is_no_answer(
        self, sandbox: Sandbox, answering: Callable[[bytes, int], str], body: bytes, declared: int
    ) -> None:
        """Half an answer never passes for a list of keys."""
        gateway = Gateway(connect(Connection(iam_endpoint=answering(body, declared))))
        error = refused(lambda: gateway.access_keys("Bob"))
        assert isinstance(error, IamUnavailable)
        assert "iam:ListAccessKeys of user Bob" in str(error)


class TestCredentials:
    """Credentials that are not there."""

    def test_no_credentials_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error says so, and how to get some."""
        error = refused(lambda: connect(Connection()))
        assert isinstance(error, IamUnavailable)
        assert "no AWS credentials" in str(error)
        assert "AWS_PROFILE" in str(error)

    @pytest.mark.parametrize("by", ["setting", "environment"])
    def test_a_profile_that_does_not_exist_is_named(self, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
        """A misspelt profile never falls back to other credentials."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAELSEWHEREEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "never used")
        if by == "environment":
            monkeypatch.setenv("AWS_PROFILE", "porduction")
        error = refused(lambda: connect(Connection(profile="porduction" if by == "setting" else None)))
        assert isinstance(error, IamUnavailable)
        assert "porduction" in str(error)
        assert reads_well(error)

    def test_half_a_pair_of_credentials_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A key without its secret is said to be incomplete."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAELSEWHEREEXAMPLE")
        error = refused(lambda: connect(Connection()))
        assert isinstance(error, IamUnavailable)
        assert "AWS_SECRET_ACCESS_KEY" in str(error)

    def test_a_configuration_file_that_is_none_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A broken ~/.aws/config is told by its path."""
        (tmp_path / "config").write_text("[profile\nnonsense")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        error = refused(lambda: connect(Connection()))
        assert isinstance(error, IamUnavailable)
        assert str(tmp_path / "config") in str(error)


class TestSecrets:
    """No secret in any message, repr or traceback."""

    @pytest.mark.parametrize("code", ["AccessDenied", "ServiceFailure", ""], ids=["denied", "failed", "cut"])
    def test_no_error_shows_a_secret(self, sandbox: Sandbox, code: str) -> None:
        """Neither the long-term secret nor the role's secret and token are in what people paste into tickets."""
        sandbox.faults.append(
            Fault("UpdateAccessKey", code, 500 if code == "ServiceFailure" else 403, "no", times=None)
        )
        gateway = Gateway(connect(Connection(roles=(ROLE,))))
        told = everything_told(refused(lambda: gateway.set_status(KEY, Status.INACTIVE, "Bob")))
        (issued,) = sandbox.world.issued
        assert KEY in told
        for secret in (os.environ["AWS_SECRET_ACCESS_KEY"], issued["SecretAccessKey"], issued["SessionToken"]):
            assert secret not in told

    def test_a_failed_sign_in_shows_no_secret(self, sandbox: Sandbox) -> None:
        """Not even the local variables of the functions that hold the credentials show them."""
        sandbox.faults.append(Fault("AssumeRole", "AccessDenied", 403, "no"))
        told = everything_told(refused(CALLS["AssumeRole"]))
        assert "sts:AssumeRole" in told
        assert os.environ["AWS_SECRET_ACCESS_KEY"] not in told

    def test_what_is_handed_around_shows_no_secret(self, sandbox: Sandbox) -> None:
        """Clients, gateway and caller may be printed."""
        clients = connect(Connection(roles=(ROLE,)))
        gateway = Gateway(clients)
        (issued,) = sandbox.world.issued
        told = f"{clients!r} {gateway!r} {vars(gateway)!r} {gateway.caller()!r}"
        assert os.environ["AWS_SECRET_ACCESS_KEY"] not in told
        assert issued["SecretAccessKey"] not in told
        assert issued["SessionToken"] not in told


class TestTable:
    """The table of codes against botocore's service models."""

    OPERATIONS = (
        ("iam", "UpdateAccessKey"),
        ("iam", "ListAccessKeys"),
        ("iam", "GetAccessKeyLastUsed"),
        ("sts", "GetCallerIdentity"),
        ("sts", "AssumeRole"),
    )

    def modelled(self) -> set[str]:
        """The codes of every error that botocore's models give to the operations that are used."""
        session = botocore.session.get_session()
        return {
            shape.metadata.get("error", {}).get("code", shape.name)
            for service, operation in self.OPERATIONS
            for shape in session.get_service_model(service).operation_model(operation).error_shapes
        }

    def test_every_modelled_error_has_a_translation(self) -> None:
        """A botocore that learns a new error of these operations turns this test red."""
        assert self.modelled() - CODES.keys() == SETTLED_ELSEWHERE.keys()

    def test_the_models_still_know_the_errors_of_the_documentation(self) -> None:
        """The enumeration finds something: UpdateAccessKey's documented errors are among it."""
        assert {"LimitExceeded", "NoSuchEntity", "ServiceFailure", "InvalidInput"} <= self.modelled()

    @pytest.mark.parametrize("code", sorted(CODES))
    def test_every_translation_is_one_sentence_with_a_next_step(self, code: str) -> None:
        """Each entry of the table names the action and the subject, quotes AWS and says what to do."""
        error = CODES[code]("iam:UpdateAccessKey", f"for {KEY}", f"said ({code})")
        assert all(part in str(error) for part in ("iam:UpdateAccessKey", KEY, f"said ({code})"))
        assert error.next_step
        assert reads_well(error)
