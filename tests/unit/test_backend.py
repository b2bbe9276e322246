"""With whose credentials Pulumi reads its state and its secrets: found where Pulumi itself looks, in the same order."""

import json
import os
from pathlib import Path

import pytest

from keyswitch.configuration.backend import dependences
from keyswitch.configuration.load import run_settings, settings_from_file
from keyswitch.iam.connection import Dependence

STATE = "Pulumi reads its state ({}) with {{}}"
SECRETS = "Pulumi decrypts its secrets ({}) with {{}}"


def _state(profile: str | None, url: str) -> Dependence:
    return Dependence(profile, STATE.format(url))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("s3://state", _state(None, "s3://state"), id="the environment's credentials"),
        pytest.param(
            "s3://state/keys?region=eu-west-1&awssdk=v2&profile=ci",
            _state("ci", "s3://state/keys"),
            id="a profile among other parameters",
        ),
        pytest.param("s3://state?profile=a%20b", _state("a b", "s3://state"), id="an encoded profile"),
        pytest.param("s3://state?profile=", _state(None, "s3://state"), id="an empty profile"),
        pytest.param("s3://sta{te}", _state(None, "s3://state"), id="braces are no gap to fill in"),
        pytest.param("file://~/state?profile=ci", None, id="a folder"),
        pytest.param("https://api.pulumi.com", None, id="Pulumi Cloud"),
        pytest.param("gs://state", None, id="another cloud"),
        pytest.param("azblob://state", None, id="yet another cloud"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_only_a_state_in_s3_is_read_with_aws_credentials(monkeypatch, url, expected):
    """The profile is the URL's own; everything else gives nothing."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    assert dependences({}, None) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        pytest.param(
            "awskms://alias/keys?region=us-east-1&profile=kms",
            Dependence("kms", SECRETS.format("awskms://alias/keys")),
            id="an alias, with a profile",
        ),
        pytest.param(
            "awskms:///arn:aws:kms:us-east-1:123456789012:key/1",
            Dependence(None, SECRETS.format("awskms:///arn:aws:kms:us-east-1:123456789012:key/1")),
            id="an ARN",
        ),
        pytest.param("passphrase", None, id="a passphrase"),
        pytest.param("gcpkms://projects/p", None, id="another cloud"),
        pytest.param("azurekeyvault://vault/keys/k", None, id="yet another cloud"),
        pytest.param(None, None, id="not named"),
    ],
)
def test_only_secrets_in_kms_are_decrypted_with_aws_credentials(provider, expected):
    """The stack file's own `secretsprovider`."""
    assert dependences({}, provider) == ((expected,) if expected else ())


def test_state_and_secrets_are_two_dependences():
    """Each with its own profile."""
    found = dependences({"backend": {"url": "s3://state?profile=a"}}, "awskms://alias/k?profile=b")
    assert [dependence.profile for dependence in found] == ["a", "b"]


def _logged_in(home, current: object) -> None:
    (home / "credentials.json").write_text(json.dumps({"current": current, "accounts": {}}))


def test_the_environment_goes_before_the_project_before_the_login(monkeypatch, pulumi_home):
    """As Pulumi itself chooses."""
    _logged_in(pulumi_home, "s3://login")
    project = {"backend": {"url": "s3://project"}}
    assert dependences({}, None) == (_state(None, "s3://login"),)
    assert dependences(project, None) == (_state(None, "s3://project"),)
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://environment")
    assert dependences(project, None) == (_state(None, "s3://environment"),)


@pytest.mark.parametrize(
    "project",
    [{"backend": {}}, {"backend": None}, {"backend": "s3://no-map"}, {"name": "x"}],
    ids=["empty", "null", "no map", "none"],
)
def test_a_project_that_names_no_backend_leaves_it_to_the_login(pulumi_home, project):
    """Whatever stands there instead of a URL."""
    _logged_in(pulumi_home, "s3://login")
    assert dependences(project, None) == (_state(None, "s3://login"),)


@pytest.mark.parametrize(
    "kept",
    [b"", b"{", b"[]", b'"s3://x"', b"\xff\xfe", b'{"current": null}', b'{"current": 1}', b"{}", b"[" * 60_000],
    ids=[
        "empty",
        "broken",
        "a list",
        "a text",
        "no UTF-8",
        "no login",
        "a number",
        "nothing kept",
        "nested too deeply",
    ],
)
def test_a_login_that_cannot_be_read_gives_nothing(pulumi_home, kept):
    """It is Pulumi's own file; whatever is wrong with it, Pulumi will say."""
    (pulumi_home / "credentials.json").write_bytes(kept)
    assert dependences({}, None) == ()


def test_a_login_that_is_no_regular_file_is_not_waited_for(pulumi_home):
    """A named pipe may never be written."""
    os.mkfifo(pulumi_home / "credentials.json")
    assert dependences({}, None) == ()


def test_where_nobody_has_a_home_nobody_is_logged_in(monkeypatch):
    """As in a container with an unknown user."""
    monkeypatch.delenv("PULUMI_HOME")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert dependences({}, None) == ()


@pytest.mark.parametrize("url", ["s3://[", "s3://[x?profile=ci", "s3://[x?a=b&profile=ci#c"])
def test_a_url_that_is_none_is_taken_as_it_stands(monkeypatch, url):
    """Pulumi will say what is wrong with it."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    assert dependences({}, None) == (_state("ci" if "ci" in url else None, url.partition("?")[0]),)


def test_nobody_logged_in_gives_nothing():
    """No file at all."""
    assert dependences({}, None) == ()


def test_without_pulumi_home_the_login_is_in_the_users_home(monkeypatch, tmp_path):
    """Where `pulumi login` puts it."""
    monkeypatch.delenv("PULUMI_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".pulumi").mkdir()
    _logged_in(tmp_path / ".pulumi", "s3://login")
    assert dependences({}, None) == (_state(None, "s3://login"),)


def test_a_stack_file_is_read_with_its_projects_backend_and_its_own_secrets(monkeypatch, tmp_path):
    """The connection of a run knows what else signs, for the command line as for a single resource."""
    (tmp_path / "Pulumi.yaml").write_text("name: x\nbackend:\n  url: s3://state?profile=ci\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("secretsprovider: awskms://alias/k\nconfig:\n  keyswitch:keys: {}\n")
    monkeypatch.chdir(tmp_path)
    state, secrets = _state("ci", "s3://state"), Dependence(None, SECRETS.format("awskms://alias/k"))
    assert settings_from_file(tmp_path / "Pulumi.dev.yaml").connection.dependences == (state, secrets)
    assert run_settings({}).connection.dependences == (state,)
