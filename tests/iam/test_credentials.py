"""Whatever goes wrong while credentials are found and clients are built is one line that names where to look."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from botocore.credentials import Credentials
from moto.iam.utils import generate_access_key_id_from_account_id

from keyswitch.access_key.errors import AccessDenied, CredentialsRefused, IamUnavailable, KeyswitchError
from keyswitch.iam.connection import Connection, Role
from keyswitch.iam.credentials import presumed_account, require_no_code
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.sdk import Session
from keyswitch.iam.session import connect
from keyswitch.sandbox.seed import ACCOUNT
from keyswitch.sandbox.server import OPERATOR_KEY, Fault, Sandbox
from tests.support.refusals import everything_told, reads_well, refused

ROLE = "arn:aws:iam::123456789012:role/deployer"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEY = {"AWS_ACCESS_KEY_ID": OPERATOR_KEY, "AWS_SECRET_ACCESS_KEY": SECRET}

PROGRAMS = {
    "rubbish": f"echo rubbish {SECRET}",
    "binary": r"printf '\377\376'",
    "list": f"""echo '["{SECRET}"]'""",
    "half": """echo '{"Version": 1, "AccessKeyId": "AKIAFROMPROCESSEXAMP"}'""",
    "later": """echo '{"Version": 2}'""",
    "someday": f"""echo '{{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "{SECRET}"}}'""",
    "expired": """echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "2020-01-01T00Z"}'""",
    "failing": "echo 'please log in' >&2; exit 3",
}
"""What a `credential_process` may do."""

CONFIG = f"""
[profile base]
aws_access_key_id = AKIABASEPROFILEEXAMP
aws_secret_access_key = {SECRET}
[profile half-a-pair]
aws_access_key_id = AKIABASEPROFILEEXAMP
[profile empty]
region = us-east-1
[profile no-region]
aws_access_key_id = AKIABASEPROFILEEXAMP
aws_secret_access_key = {SECRET}
region = us east
[profile web-missing]
role_arn = {ROLE}
web_identity_token_file = %(here)s/missing
[profile web-folder]
role_arn = {ROLE}
web_identity_token_file = %(here)s
[profile web-binary]
role_arn = {ROLE}
web_identity_token_file = %(here)s/binary-token
[profile web-without-role]
web_identity_token_file = %(here)s/binary-token
[profile web]
role_arn = {ROLE}
web_identity_token_file = %(here)s/token
[profile missing]
credential_process = %(here)s/missing --now
[profile unquoted]
credential_process = %(here)s/missing"now
[profile over-missing]
role_arn = {ROLE}
source_profile = missing
[profile over-base]
role_arn = {ROLE}
source_profile = base
[profile code]
role_arn = {ROLE}
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile over-code]
role_arn = {ROLE}
source_profile = code
[profile sourceless]
role_arn = {ROLE}
[profile circle]
role_arn = {ROLE}
source_profile = circle-too
[profile circle-too]
role_arn = {ROLE}
source_profile = circle
[profile over-nobody]
role_arn = {ROLE}
source_profile = nobody
[profile nowhere]
role_arn = {ROLE}
credential_source = Nowhere
[profile sso]
sso_account_id = 123456789012
sso_role_name = admin
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
[profile sso-session]
sso_account_id = 123456789012
sso_role_name = admin
sso_session = unheard-of
[profile login]
login_session = arn:aws:iam::123456789012:user/me
"""


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An AWS configuration with a profile for each fault, and the files and programs it names."""
    config = CONFIG.replace("%(here)s", str(tmp_path))
    (tmp_path / "binary-token").write_bytes(b"\xff\xfe")
    (tmp_path / "token").write_text("a token")
    (tmp_path / "broken").write_text(f"[default\naws_secret_access_key = {SECRET}")
    (tmp_path / "binary-config").write_bytes(b"[default]\nregion = \xff\xfe")
    for name, script in PROGRAMS.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        config += f"[profile {name}]\ncredential_process = {program}\n"
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The URL of a service that hands out no credentials, though it answers."""

    class Answer(BaseHTTPRequestHandler):
        answers: ClassVar = {"/500": (500, SECRET), "/html": (200, f"<html>{SECRET}"), "/half": (200, "{}")}

        def do_GET(self) -> None:
            status, body = self.answers[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def told(to: Connection) -> KeyswitchError:
    """The error of a run that asks who it is; it is one line, has a next step, and no secret is anywhere in it."""
    error = refused(lambda: Gateway(connect(to)).caller())
    assert type(error) is IamUnavailable
    assert reads_well(error)
    assert error.next_step
    assert SECRET not in str(error)
    assert SECRET not in everything_told(error).replace(os.environ.get("AWS_SECRET_ACCESS_KEY", "-"), "")
    return error


class TestProfiles:
    """A profile that gives no credentials is named, with the setting that should."""

    @pytest.mark.parametrize(
        ("profile", "said"),
        [
            ("web-missing", "profile web-missing (web_identity_token_file): No such file or directory: "),
            ("web-folder", "profile web-folder (web_identity_token_file): Is a directory: "),
            ("web-binary", "profile web-binary (web_identity_token_file): what was found there is not text"),
            ("web-without-role", "profile web-without-role (web_identity_token_file): The provided profile"),
            ("missing", "profile missing (credential_process): No such file or directory: "),
            ("unquoted", "profile unquoted (credential_process): No closing quotation"),
            ("rubbish", "profile rubbish (credential_process): what was found there is not JSON"),
            ("binary", "profile binary (credential_process): what was found there is not text"),
            ("list", "profile list (credential_process): what was found there has not the expected form"),
            ("half", "profile half (credential_process): Error when retrieving credentials from custom-process: "),
            ("later", "profile later (credential_process): Error when retrieving credentials from custom-process: "),
            ("someday", "profile someday (credential_process): what was found there has not the expected form"),
            ("expired", "profile expired (credential_process): Credentials were refreshed, but"),
            (
                "failing",
                "profile failing (credential_process): Error when retrieving credentials from custom-process: ",
            ),
            ("over-missing", "profile over-missing (role_arn) over profile missing (credential_process): No such file"),
            ("half-a-pair", "profile half-a-pair (aws_access_key_id): Partial credentials"),
            ("sourceless", "profile sourceless (role_arn): Partial credentials"),
            ("circle", "profile circle (role_arn): Infinite loop"),
            ("over-nobody", "profile over-nobody (role_arn) over profile nobody: The source_profile"),
            ("nowhere", "profile nowhere (credential_source): The credential source"),
            ("sso", "profile sso (sso_start_url): Error loading SSO Token"),
            ("sso-session", "profile sso-session (sso_session): The specified sso-session does not exist"),
            ("login", "profile login (login_session): "),
            ("porduction", "profile porduction: The config profile (porduction) could not be found"),
        ],
    )
    @pytest.mark.parametrize("by", ["aws:profile", "AWS_PROFILE"])
    def test_it_is_named(self, monkeypatch: pytest.MonkeyPatch, profile: str, said: str, by: str) -> None:
        """Whether the settings or the environment choose it."""
        if by == "AWS_PROFILE":
            monkeypatch.setenv("AWS_PROFILE", profile)
        error = told(Connection(profile=profile if by == "aws:profile" else None))
        assert error.what.startswith(f"There are no usable AWS credentials from {said}")

    def test_an_empty_one_is_named(self) -> None:
        """There is nothing to correct in it, but something to add."""
        assert told(Connection(profile="empty")).what == "There are no AWS credentials in profile empty"

    def test_what_a_program_says_on_failing_is_told(self) -> None:
        """It is the program's own advice."""
        assert "please log in" in str(told(Connection(profile="failing")))

    @pytest.mark.parametrize("name", ["broken", "binary-config"])
    def test_a_file_that_cannot_be_read_is_named_without_its_lines(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
    ) -> None:
        """Its path is enough; a line of it may be a secret."""
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / name))
        assert str(tmp_path / name) in str(told(Connection()))

    @pytest.mark.parametrize(("profile", "needs"), [("code", "code"), ("over-code", "code")])
    def test_nobody_is_asked_for_an_mfa_code_without_a_terminal(self, profile: str, needs: str) -> None:
        """Botocore would ask standard input, and wait."""
        error = told(Connection(profile=profile))
        assert error.what == f"Profile {needs} needs an MFA code (mfa_serial), and there is no terminal to ask for it"

    def test_whoever_sits_at_a_terminal_may_be_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Then botocore asks, as with every AWS tool."""
        monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
        require_no_code(Session("code"))


class TestEnvironment:
    """A variable that gives no credentials, or a setting that botocore does not take, is named."""

    @pytest.mark.parametrize(
        ("environment", "said"),
        [
            ({"AWS_ACCESS_KEY_ID": OPERATOR_KEY}, "the environment (AWS_ACCESS_KEY_ID): Partial credentials"),
            (
                {"AWS_WEB_IDENTITY_TOKEN_FILE": "/missing", "AWS_ROLE_ARN": ROLE},
                "AWS_WEB_IDENTITY_TOKEN_FILE: No such file or directory: /missing",
            ),
            ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/missing"}, "AWS_WEB_IDENTITY_TOKEN_FILE: The provided profile"),
            (
                {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/500"},
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: the endpoint that hands them out gave none",
            ),
            (
                {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/html"},
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: the endpoint that hands them out gave none",
            ),
            (
                {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/half"},
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: what was found there has not the expected form",
            ),
            (
                {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/"},
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: Unsupported host",
            ),
            (
                {
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/half",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/missing",
                },
                "AWS_CONTAINER_CREDENTIALS_FULL_URI (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE): No such file",
            ),
            (
                {
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/half",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN": f"{SECRET}\n",
                },
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: Auth token value is not a legal header value",
            ),
            (
                {"AWS_METADATA_SERVICE_TIMEOUT": "soon"},
                "the instance's metadata service (AWS_METADATA_SERVICE_TIMEOUT): ",
            ),
        ],
        ids=lambda given: " ".join(given) if isinstance(given, dict) else "",
    )
    def test_no_credentials(
        self, monkeypatch: pytest.MonkeyPatch, elsewhere: str, environment: dict[str, str], said: str
    ) -> None:
        """What was looked at is named, and nothing that a service answered is repeated."""
        monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's pauses between its attempts
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
        for name, value in environment.items():
            monkeypatch.setenv(name, value.format(url=elsewhere))
        assert told(Connection()).what.startswith(f"There are no usable AWS credentials from {said}")

    @pytest.mark.parametrize(
        ("name", "value", "part"),
        [
            ("AWS_ACCESS_KEY_ID", f"{OPERATOR_KEY}\n", "access key ID"),
            ("AWS_ACCESS_KEY_ID", "AKIAÖPERATOR", "access key ID"),
            ("AWS_SECRET_ACCESS_KEY", f" {SECRET}", "secret access key"),
            ("AWS_SESSION_TOKEN", f"{SECRET}\nX-Header: {SECRET}", "session token"),
        ],
    )
    def test_credentials_that_no_header_can_hold(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, part: str
    ) -> None:
        """Botocore's own error shows the header, with the session token in it; so nothing is sent at all."""
        for variable, given in {**KEY, name: value}.items():
            monkeypatch.setenv(variable, given)
        assert told(Connection()).what.startswith(f"The {part} from the environment (AWS_ACCESS_KEY_ID) holds a space")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("AWS_REGION", "us-east-1 "),
            ("AWS_DEFAULT_REGION", "us east 1"),
            ("AWS_ENDPOINT_URL", "localhost:4566"),
            ("AWS_ENDPOINT_URL_IAM", "localhost"),
            ("AWS_DEFAULTS_MODE", "unheard-of"),
            ("AWS_STS_REGIONAL_ENDPOINTS", "unheard-of"),
            ("AWS_REQUEST_CHECKSUM_CALCULATION", "unheard-of"),
            ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "unheard-of"),
            ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "much"),
        ],
    )
    def test_a_wrong_setting(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        """The variable is named with its value."""
        for variable, given in {**KEY, name: value}.items():
            monkeypatch.setenv(variable, given)
        error = told(Connection())
        assert error.what.startswith(f"AWS cannot be asked as configured by {name}: ")
        assert value.strip() in str(error)

    @pytest.mark.parametrize(
        ("to", "named"),
        [
            (Connection(region="us-east-1 "), "aws:region"),
            (Connection(iam_endpoint="localhost:4566"), "aws:endpoints"),
            (Connection(sts_endpoint="localhost:4566"), "aws:endpoints"),
            (Connection(profile="no-region"), "region of profile no-region"),
            (Connection(roles=(Role(ROLE, {"Policy": "{"}),)), f"the parameters of {ROLE}"),
        ],
        ids=lambda given: given if isinstance(given, str) else "",
    )
    def test_a_wrong_setting_of_the_stack(self, monkeypatch: pytest.MonkeyPatch, to: Connection, named: str) -> None:
        """It, or the profile it chooses, is named."""
        for variable, given in KEY.items():
            monkeypatch.setenv(variable, given)
        assert told(to).what.startswith(f"AWS cannot be asked as configured by {named}: ")

    @pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "rubbish"])
    def test_a_bundle_of_certificates_that_is_none(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elsewhere: str, content: str | None
    ) -> None:
        """The variable and the setting of the profile are named."""
        if content is not None:
            (tmp_path / "bundle").write_text(content)
        for variable, given in {**KEY, "AWS_CA_BUNDLE": str(tmp_path / "bundle")}.items():
            monkeypatch.setenv(variable, given)
        error = told(Connection(sts_endpoint=elsewhere.replace("http:", "https:")))
        assert "SSL validation failed" in error.what
        assert "AWS_CA_BUNDLE, ca_bundle of the profile" in error.next_step

    @pytest.mark.parametrize(
        ("proxy", "said"),
        [
            (f"http://me:{SECRET.replace('/', '')}@127.0.0.1:1", "Failed to connect to proxy URL"),
            ("some where", "the URL of the endpoint or of the proxy (HTTPS_PROXY, HTTP_PROXY) cannot be read"),
        ],
    )
    def test_a_proxy_that_is_none(self, monkeypatch: pytest.MonkeyPatch, proxy: str, said: str) -> None:
        """It is named without its password."""
        for variable, given in {**KEY, "HTTP_PROXY": proxy}.items():
            monkeypatch.setenv(variable, given)
        error = told(Connection(sts_endpoint="http://sts.example.com"))
        assert said in error.what
        assert SECRET.replace("/", "") not in everything_told(error)


class TestSessions:
    """Services that hand out sessions, and refuse."""

    @pytest.mark.parametrize(
        ("code", "kind"),
        [("InvalidIdentityToken", CredentialsRefused), ("AccessDenied", AccessDenied), ("Unheard", KeyswitchError)],
    )
    def test_a_refused_web_identity_names_operation_and_profile(
        self, sandbox: Sandbox, code: str, kind: type[KeyswitchError]
    ) -> None:
        """It is AssumeRoleWithWebIdentity that was refused, for that profile."""
        sandbox.faults.append(Fault("AssumeRoleWithWebIdentity", code, 400, "why not"))
        error = refused(lambda: connect(Connection(profile="web")))
        assert isinstance(error, kind)
        assert "sts:AssumeRoleWithWebIdentity for profile web (web_identity_token_file)" in str(error)
        assert f"why not ({code})" in str(error)
        assert reads_well(error)

    def test_a_refused_role_of_a_profile_names_it(self, sandbox: Sandbox) -> None:
        """And the profile whose key should assume it."""
        sandbox.faults.append(Fault("AssumeRole", "AccessDenied", 403, "why not"))
        error = refused(lambda: connect(Connection(profile="over-base")))
        assert isinstance(error, AccessDenied)
        assert "for profile over-base (role_arn) over profile base (aws_access_key_id)" in str(error)
        assert "trust policy" in error.next_step

    def test_credentials_that_go_away_in_the_middle_of_a_run(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """A program that is gone when credentials have to be renewed is told as that, not as a failed call."""
        program = tmp_path / "failing"
        given = {"Version": 1, "AccessKeyId": OPERATOR_KEY, "SecretAccessKey": "x", "Expiration": "2099-01-01T00Z"}
        program.write_text(f"#!/bin/sh\necho '{json.dumps(given)}'\n")
        gateway = Gateway(connect(Connection(profile="failing")))
        program.unlink()
        monkeypatch.setattr("botocore.credentials.RefreshableCredentials.refresh_needed", lambda *_, **__: True)
        error = refused(gateway.caller)
        assert error.what.startswith(
            "There are no usable AWS credentials from profile failing (credential_process): No such file or directory"
        )


@pytest.mark.parametrize(
    ("access_key_id", "account"),
    [
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),  # the example of the source
        (OPERATOR_KEY, ACCOUNT),
        ("AKIAIOSFODNN7EXAMPLE", "581039954779"),  # one from before 2019 holds nothing; no account has this number
        ("AKIAOPERATOREXAMPLE1", None),
        ("AKIA", None),
        ("", None),
    ],
)
def test_the_account_that_an_access_key_id_holds(access_key_id: str, account: str | None) -> None:
    """It is a presumption: whatever the ID is, an error is none."""
    assert presumed_account(Credentials(access_key_id, "s")) == account


@pytest.mark.parametrize("account", ["000000000000", "000000000001", "202020202020", "999999999999"])
def test_moto_makes_ids_in_the_same_way(account: str) -> None:
    """It was written by others."""
    made = generate_access_key_id_from_account_id(account, "AKIA")
    assert presumed_account(Credentials(made, "s")) == account


def test_the_account_that_botocore_knows() -> None:
    """It has it from the answer to AssumeRole, which is better than the ID."""
    assert presumed_account(Credentials(OPERATOR_KEY, "s", account_id="210987654321")) == "210987654321"
