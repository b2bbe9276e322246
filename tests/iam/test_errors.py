"""Whatever AWS, botocore or the network say becomes one sentence that says what happened and what to do."""

import configparser
import os
import socket
import traceback
from collections.abc import Callable
from dataclasses import replace
from http.client import BadStatusLine
from pathlib import Path
from string import Formatter

import botocore.exceptions
import botocore.session
import pytest
from botocore.exceptions import (
    ClientError,
    ConfigParseError,
    CredentialRetrievalError,
    HTTPClientError,
    MetadataRetrievalError,
)
from botocore.parsers import ResponseParserError

from keyswitch.access_key.errors import (
    AccessDenied,
    CredentialsRefused,
    IamUnavailable,
    InvalidParameter,
    KeyswitchError,
    LimitExceeded,
    RequestRefused,
    Throttled,
)
from keyswitch.access_key.model import Status
from keyswitch.iam.codes import CODES, error_of
from keyswitch.iam.connection import Connection, Role
from keyswitch.iam.errors import translated
from keyswitch.iam.exceptions import BUGS, EXCEPTIONS
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.operation import update_access_key
from keyswitch.iam.session import connect
from keyswitch.sandbox.faults import TRUNCATE
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.refusals import everything_told, reads_well, refused
from tests.support.stubbed import Answering

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


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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

    @pytest.mark.parametrize("http_status", [400, 403, 409])
    def test_an_unknown_code_is_quoted_with_its_message(self, sandbox: Sandbox, http_status: int) -> None:
        """What is not in the table is told in AWS's words, in one line, with what cannot be printed escaped."""
        sandbox.faults.append(Fault("UpdateAccessKey", "NobodyKnowsThisOne", http_status, "why\n\u202enot"))
        error = refused(CALLS["UpdateAccessKey"])
        assert isinstance(error, RequestRefused)
        assert "why \\u202enot (NobodyKnowsThisOne)" in str(error)
        assert f"iam:UpdateAccessKey for {KEY} of user Bob" in str(error)
        assert reads_well(error)

    @pytest.mark.parametrize("error", [ValueError("a bug"), KeyError("a bug"), KeyboardInterrupt()], ids=repr)
    def test_what_is_not_of_botocore_passes_through_untouched(self, error: BaseException) -> None:
        """A programming error and an interruption stay what they are."""
        with pytest.raises(type(error)) as raised, translated("iam:ListAccessKeys", "of user Bob"):
            raise error
        assert raised.value is error


SCP = "service control policy"
NOT_AUTHORIZED = "User: arn:aws:iam::123456789012:user/operator is not authorized to perform: it on resource: user Bob"


class TestAdvice:
    """The next step fits what AWS said; a step that cannot help is not proposed."""

    @pytest.mark.parametrize(
        ("code", "said", "advice"),
        [
            ("AccessDenied", f"{NOT_AUTHORIZED} because no identity-based policy allows the it action", "Grant it to"),
            ("AccessDenied", f"{NOT_AUTHORIZED} with an explicit deny in an {SCP}: arn", f"have the {SCP} that denies"),
            (
                "AccessDenied",
                f"{NOT_AUTHORIZED} with an explicit deny in an identity-based policy: AWSCompromisedKeyQuarantineV4",
                "A grant does not help against an explicit deny: have the policy that denies it changed",
            ),
            (
                "AccessDenied",
                f"{NOT_AUTHORIZED} because no {SCP} allows the it action",
                f"have the {SCP} allow it, too",
            ),
            (
                "AccessDenied",
                f"{NOT_AUTHORIZED} because no permissions boundary allows the it action",
                "have the permissions boundary allow it, too",
            ),
            ("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier than 2027", "Set the clock"),
            ("SignatureDoesNotMatch", "Signature not yet current: 2027 is still later than 2026", "Set the clock"),
            ("SignatureDoesNotMatch", "The request signature we calculated does not match", "does not belong to the"),
            ("RequestTimeTooSkewed", "The difference is too large", "Set the clock"),
            ("RequestExpired", "Request has expired", "Set the clock"),
            ("ExpiredToken", "The security token included in the request is expired", "Sign in again"),
            ("InvalidClientTokenId", "The security token included in the request is invalid", "Sign in again"),
            ("IncompleteSignature", "the credential has no slash", "Look for spaces in the access key ID"),
            ("RegionDisabledException", "STS is not activated in this region", "Choose another region"),
            ("OptInRequired", "needs a subscription", "not signed up"),
            ("InvalidAction", "Could not find operation", "Check whether aws:endpoints"),
            ("InvalidIdentityToken", "No OpenIDConnect provider found", "Get a new token from the identity provider"),
            ("NobodyKnowsThisOne", "why", "see what AWS says"),
        ],
    )
    def test_it_fits(self, code: str, said: str, advice: str) -> None:
        """A grant mends no explicit deny, and a new sign-in mends no clock."""
        error = error_of(code, 403)("it", "of user Bob", said)
        assert advice in error.next_step
        assert ("Grant " in error.next_step) == (advice == "Grant it to")
        assert ("Sign in again" in error.next_step) == (advice == "Sign in again")
        assert reads_well(error)

    def test_a_role_needs_its_trust_policy_too(self) -> None:
        """For AssumeRole a grant to the identity is half of it."""
        error = error_of("AccessDenied", 403)("sts:AssumeRole", f"for {ROLE.role_arn}", NOT_AUTHORIZED)
        assert "Grant sts:AssumeRole to the identity" in error.next_step
        assert "trust policy" in error.next_step

    def test_the_common_errors_of_aws_are_all_known(self) -> None:
        """Those of the IAM API's page of common errors, of today and of earlier years."""
        assert set(COMMON_ERRORS.split()) <= CODES.keys()


COMMON_ERRORS = """
AccessDeniedException ExpiredTokenException IncompleteSignature InternalFailure MalformedHttpRequestException
NotAuthorized OptInRequired RequestAbortedException RequestEntityTooLargeException RequestExpired
RequestTimeoutException ServiceUnavailable ThrottlingException UnrecognizedClientException UnknownOperationException
ValidationError InvalidAction InvalidClientTokenId InvalidParameterCombination InvalidParameterValue
InvalidQueryParameter MalformedQueryString MissingAction MissingAuthenticationToken MissingParameter
AccessDenied ExpiredToken SignatureDoesNotMatch RequestTimeTooSkewed Throttling ServiceFailure
"""
"""https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, and what IAM and STS really answer."""


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
                lambda: Gateway(connect(Connection())).last_used("AKIASHORT"),
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


class TestUnreadable:
    """An answer that is not AWS's, or not whole."""

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            pytest.param(200, b"<ListAccessKeysResponse><ListAcc", id="XML that stops"),
            pytest.param(200, b"<html>captive portal", id="HTML"),
            pytest.param(200, b"<html><body>captive portal</body></html>", id="HTML that is XML"),
            pytest.param(200, b"", id="nothing"),
            pytest.param(200, b'{"AccessKeyMetadata": []}', id="JSON"),
            pytest.param(200, b"<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>", id="an error with 200"),
            pytest.param(200, b"<ListAccessKeysResponse/>", id="an answer without a result"),
            pytest.param(
                200,
                b"<ListAccessKeysResponse><ListAccessKeysResult/></ListAccessKeysResponse>",
                id="a result without the list",
            ),
            pytest.param(
                200,
                b"<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><CreateDate>soon"
                b"</CreateDate></member></AccessKeyMetadata></ListAccessKeysResult></ListAccessKeysResponse>",
                id="a date that is none",
            ),
            pytest.param(302, b"", id="a redirection"),
            pytest.param(403, b"<html>forbidden", id="HTML with 403"),
            pytest.param(403, b"<html><body>forbidden</body></html>", id="HTML that is XML with 403"),
            pytest.param(404, b"not found", id="text with 404"),
            pytest.param(503, b"<!DOCTYPE html><html>busy", id="HTML with 503"),
        ],
    )
    def test_it_is_repeated_and_then_told_without_its_text(
        self, sandbox: Sandbox, answering: Answering, status: int, body: bytes
    ) -> None:
        """Like a 5xx; the line has its status, and nothing of what stands in it. It never passes for a list of keys."""
        asked: list[str] = []
        gateway = Gateway(connect(Connection(iam_endpoint=answering(body, status, asked=asked))))
        error = refused(lambda: gateway.access_keys("Bob"))
        assert type(error) is IamUnavailable
        assert f"iam:ListAccessKeys of user Bob got no readable answer of AWS: HTTP status {status}" in str(error)
        assert len(asked) == int(os.environ["AWS_MAX_ATTEMPTS"])
        assert not body or body.decode() not in everything_told(error)
        assert reads_well(error)

    def test_fewer_bytes_than_declared(self, sandbox: Sandbox, answering: Answering) -> None:
        """Half an answer is no answer."""
        url = answering(b"<ListAccessKeysResponse><ListAcc", declared=500)
        error = refused(lambda: Gateway(connect(Connection(iam_endpoint=url))).access_keys("Bob"))
        assert "iam:ListAccessKeys of user Bob" in str(error)

    @pytest.mark.parametrize("name", ["UpdateAccessKey", "GetCallerIdentity", "GetAccessKeyLastUsed", "AssumeRole"])
    def test_a_page_of_html_is_the_answer_of_no_operation(
        self, sandbox: Sandbox, answering: Answering, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """Not even of one that returns nothing: a portal's page does not say that a key was switched."""
        monkeypatch.setenv("AWS_ENDPOINT_URL", answering(b"<html><body>Welcome</body></html>"))
        error = refused(lambda: update_access_key(access_key_id=KEY, status="Inactive", user_name="Bob"))
        assert "got no readable answer of AWS" in str(error)
        assert "got no readable answer of AWS" in str(refused(CALLS[name]))

    def test_an_error_with_status_200_is_no_done_write(self, sandbox: Sandbox, answering: Answering) -> None:
        """AWS never answers so, and it does not say that a key was switched."""
        body = b"<ErrorResponse><Error><Code>Unheard</Code></Error></ErrorResponse>"
        gateway = Gateway(connect(Connection(iam_endpoint=answering(body))))
        error = refused(lambda: gateway.set_status(KEY, Status.INACTIVE, "Bob"))
        assert "got no readable answer of AWS" in str(error)

    @pytest.mark.parametrize("answer", ["GetCallerIdentity", "AssumeRole"])
    def test_an_answer_without_what_it_is_about(
        self, sandbox: Sandbox, answering: Answering, monkeypatch: pytest.MonkeyPatch, answer: str
    ) -> None:
        """An identity without an account, a session without credentials: nothing that a run could go on with."""
        body = f"<{answer}Response><{answer}Result/></{answer}Response>".encode()
        monkeypatch.setenv("AWS_ENDPOINT_URL", answering(body))
        assert "got no readable answer of AWS" in str(refused(CALLS[answer]))

    @pytest.mark.parametrize("name", ["AssumeRole", "ListAccessKeys", "UpdateAccessKey"])
    def test_one_that_is_whole_the_second_time_is_not_noticed(self, sandbox: Sandbox, name: str) -> None:
        """A truncated answer is repeated."""
        sandbox.faults.append(Fault(name, TRUNCATE))
        CALLS[name]()
        assert sandbox.actions()[name] == 2

    def test_a_truncated_answer_of_assume_role_shows_no_secret(self, sandbox: Sandbox) -> None:
        """It holds a secret access key and a session token: neither the message nor a cause nor a variable has them."""
        sandbox.faults.append(Fault("AssumeRole", TRUNCATE, times=None))
        told = everything_told(refused(CALLS["AssumeRole"]))
        assert f"sts:AssumeRole for {ROLE.role_arn} got no readable answer of AWS" in told
        assert sandbox.world.issued
        for issued in sandbox.world.issued:
            assert issued["SecretAccessKey"] not in told
            assert issued["SessionToken"] not in told


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
        ("sts", "AssumeRoleWithWebIdentity"),
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
        assert self.modelled() <= CODES.keys()

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


def exceptions_of_botocore() -> dict[str, type[Exception]]:
    """Every exception that botocore defines for its users, warnings excepted."""
    return {
        name: kind
        for name, kind in vars(botocore.exceptions).items()
        if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, Warning)
        if kind.__module__ == "botocore.exceptions"
    }


def example_of(kind: type[Exception]) -> Exception:
    """An exception of botocore with all its fields filled."""
    fields = {name for _, name, _, _ in Formatter().parse(getattr(kind, "fmt", "")) if name}
    return kind(**{name: f"the {name}" for name in sorted(fields)})


class TestExceptions:
    """The tables of exceptions against botocore's own list."""

    def test_each_is_mapped_or_a_bug_on_purpose(self) -> None:
        """A botocore that adds an exception turns this test red; the class itself counts, not its base."""
        answers = {"ClientError", "EventStreamError"}
        known = answers | EXCEPTIONS.keys() | BUGS
        assert exceptions_of_botocore().keys() - known == set()
        assert EXCEPTIONS.keys() & BUGS == set()

    def test_no_row_is_of_the_past(self) -> None:
        """A name that botocore does not have protects from nothing."""
        assert (EXCEPTIONS.keys() | BUGS) - exceptions_of_botocore().keys() == {"ResponseParserError"}

    @pytest.mark.parametrize("name", sorted(EXCEPTIONS.keys() & exceptions_of_botocore().keys()))
    def test_each_becomes_one_line_that_keeps_its_cause(self, name: str) -> None:
        """It names the action and the subject, unless it is about credentials; the cause is botocore's own."""
        raised = example_of(exceptions_of_botocore()[name])
        error = translation_of(raised)
        assert "\n" not in str(error)
        assert error.next_step
        assert ("iam:ListAccessKeys of user Bob" in str(error)) != ("AWS credentials" in str(error))
        assert error.__cause__ is (None if name in QUOTE else raised)

    @pytest.mark.parametrize("name", sorted(BUGS))
    def test_a_bug_stays_what_it_is(self, name: str) -> None:
        """It is about another service, or about a wrong use of botocore: a traceback helps most."""
        kind = exceptions_of_botocore()[name]
        raised = kind.__new__(kind)
        with pytest.raises(kind) as caught, translated("iam:ListAccessKeys", "of user Bob"):
            raise raised
        assert caught.value is raised


QUOTE = {"HTTPClientError", "MetadataRetrievalError", "ResponseStreamingError"}
"""Exceptions whose text repeats a header of the request or the body of an answer."""


class TestCauses:
    """What `raise … from` shows to who asks for it."""

    def test_the_cause_of_a_denied_call_is_botocores(self, sandbox: Sandbox) -> None:
        """With the lines of botocore's code, and without the variables of its functions."""
        sandbox.faults.append(Fault("ListAccessKeys", "AccessDenied", 403, DENIED))
        error = refused(CALLS["ListAccessKeys"])
        assert isinstance(error.__cause__, ClientError)
        frames = [frame for frame, _ in traceback.walk_tb(error.__cause__.__traceback__)]
        assert any(frame.f_code.co_filename.endswith("botocore/client.py") for frame in frames)
        assert not any(frame.f_locals for frame in frames if "botocore" in frame.f_code.co_filename)

    def test_a_missing_key_keeps_botocores_answer(self, sandbox: Sandbox) -> None:
        """The chain goes on through the error of the gateway."""
        error = refused(lambda: Gateway(connect(Connection())).set_status(f"{KEY[:-1]}0", Status.INACTIVE, "Bob"))
        assert error.__cause__ is not None
        assert isinstance(error.__cause__.__cause__, ClientError)

    def test_what_quotes_is_cut_off_wherever_it_stands_in_the_chain(self) -> None:
        """Neither as the cause nor as the cause of the cause does a header, a body or a line of a file appear."""

        def quoting() -> list[Exception]:
            return [
                HTTPClientError(error=ValueError("Invalid header value b'SECRET'")),
                ResponseParserError("invalid XML received:\nSECRET"),
                MetadataRetrievalError(error_msg="Received non 200 response 500 from container metadata: SECRET"),
                CredentialRetrievalError(provider="container-role", error_msg="SECRET"),
            ]

        for quote in quoting():
            assert "SECRET" not in everything_told(translation_of(quote))
        for beneath in (*quoting(), configparser.ParsingError("SECRET"), BadStatusLine("SECRET"), ValueError("SECRET")):
            raised = ConfigParseError(path="config")
            raised.__context__ = beneath
            error = translation_of(raised)
            assert error.__cause__ is raised
            assert "SECRET" not in everything_told(error)


def translation_of(raised: Exception) -> KeyswitchError:
    """What becomes of an exception in a call."""

    def call() -> None:
        with translated("iam:ListAccessKeys", "of user Bob"):
            raise raised

    return refused(call)
