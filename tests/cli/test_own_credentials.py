"""The guard `ownCredentials`, for every way in which a run may come by its credentials; and for Pulumi's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from keyswitch.sandbox.seed import EXAMPLE, OPERATOR_KEY, SeededKey, SeededRole
from keyswitch.sandbox.server import Sandbox
from tests.support.command import LoadedRun, StackFile
from tests.support.seeded import ALICE, ALICES_OLD

ROOTS = "AKIAROOTSOWNEXAMPLE1"
MFA = {"SerialNumber": "arn:aws:iam::123456789012:mfa/phone", "TokenCode": "123456"}  # without it IAM is out of reach
ROLE, SECOND_ROLE = "arn:aws:iam::123456789012:role/hub", "arn:aws:iam::123456789012:role/spoke"
ASSUMED = "arn:aws:sts::123456789012:assumed-role"

Planned = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def iam() -> Sandbox:
    """The example, and a key of root's."""
    return Sandbox([*EXAMPLE, SeededKey(ROOTS, None), SeededRole(ROLE), SeededRole(SECOND_ROLE)])


@pytest.fixture
def planned(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> Planned:
    """Plan to deactivate keys, with more settings or lines of the stack file; the exit code and the document."""

    def plan(*keys: str, **settings: Any) -> tuple[int, dict[str, Any]]:
        entries = {key: {"root": True, "status": "Inactive"} if key == ROOTS else "Inactive" for key in keys}
        secrets_provider = settings.pop("secretsprovider", None)
        config = {f"aws:{name}": value for name, value in settings.items()}
        document = {"config": {"keyswitch:keys": entries, **config}}
        if secrets_provider:
            document["secretsprovider"] = secrets_provider
        done = loaded("plan", "--json", "--file", stack_file(json.dumps(document)))  # JSON is YAML, too
        assert done.stderr == ""
        assert sandbox.actions()["UpdateAccessKey"] == 0
        return done.returncode, json.loads(done.stdout)

    return plan


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles with the operator's key and with alice's, and roles behind them; none of it in the environment."""
    keys, config = tmp_path / "credentials", tmp_path / "config"
    keys.write_text(
        f"[ops]\naws_access_key_id = {OPERATOR_KEY}\naws_secret_access_key = made-up\n"
        f"[state]\naws_access_key_id = {ALICES_OLD}\naws_secret_access_key = made-up\n"
    )
    config.write_text(
        f"[profile hub]\nrole_arn = {ROLE}\nsource_profile = ops\nrole_session_name = ops\n"
        f"[profile spoke]\nrole_arn = {SECOND_ROLE}\nsource_profile = hub\nrole_session_name = ops\n"
        f"[profile state-role]\nrole_arn = {ROLE}\nsource_profile = state\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))


@pytest.fixture
def only_profiles(sandbox: Sandbox, profiles: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, and no key in the environment."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def refused(planned: tuple[int, dict[str, Any]]) -> list[str]:
    """What the guard says of each key that it refuses; nothing else may be refused."""
    code, document = planned
    assert {refusal["guard"] for refusal in document["refusals"]} == {"ownCredentials"}, document["errors"]
    assert [error["type"] for error in document["errors"]] == ["GuardRefused"]
    assert code == 1
    return [refusal["message"] for refusal in document["refusals"]]


class TestTheRunsOwn:
    """The key this run signs with, or that its roles rest on."""

    def test_keys_of_the_environment(self, planned: Planned) -> None:
        """The key that signs."""
        (said,) = refused(planned(OPERATOR_KEY))
        assert said.endswith(": this run signs with this key; deactivating it locks out whoever runs this")

    @pytest.mark.usefixtures("only_profiles")
    @pytest.mark.parametrize("how", ["aws:profile", "AWS_PROFILE"])
    def test_a_profile(self, planned: Planned, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
        """The profile's key, however the profile was chosen."""
        if how == "AWS_PROFILE":
            monkeypatch.setenv("AWS_PROFILE", "ops")
        (said,) = refused(planned(OPERATOR_KEY, **({"profile": "ops"} if how == "aws:profile" else {})))
        assert "this run signs with this key" in said

    @pytest.mark.usefixtures("only_profiles")
    @pytest.mark.parametrize(("profile", "role"), [("hub", "hub"), ("spoke", "spoke")], ids=["role", "role of a role"])
    def test_the_key_behind_a_profiles_role(self, planned: Planned, profile: str, role: str) -> None:
        """It does not sign, but without it the role is out of reach."""
        (said,) = refused(planned(OPERATOR_KEY, profile=profile))
        assert f"this run assumed {ASSUMED}/{role}/ops with this key" in said

    def test_the_key_behind_a_chain_of_roles(self, planned: Planned) -> None:
        """aws:assumeRoles: the last role signs, the first was assumed with the key."""
        (said,) = refused(planned(OPERATOR_KEY, assumeRoles=[{"roleArn": ROLE}, {"roleArn": SECOND_ROLE}]))
        assert f"this run assumed {ASSUMED}/spoke/keyswitch with this key" in said

    def test_the_key_of_root(self, planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
        """Root's own key is one like any other."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ROOTS)
        (said,) = refused(planned(ROOTS))
        assert said.startswith(f"root {ROOTS}: this run signs with this key")


class TestASessionOfAUser:
    """AWS does not say with which of the user's keys a session was made, so the guard reckons with each."""

    @pytest.fixture
    def begin(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        """Begin a session with a key, and put it into the environment."""

        def session(access_key_id: str) -> None:
            made_with = {"aws_access_key_id": access_key_id, "aws_secret_access_key": "made-up"}
            sts = boto3.client("sts", region_name="us-east-1", **made_with)
            given = sts.get_session_token(**MFA)["Credentials"]
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", given["AccessKeyId"])
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", given["SecretAccessKey"])
            monkeypatch.setenv("AWS_SESSION_TOKEN", given["SessionToken"])

        return session

    def test_one_of_two_keys_is_a_warning(self, planned: Planned, begin: Callable[[str], None]) -> None:
        """It may be this one, or the other; the next session can be made with the one that stays."""
        begin(ALICE)
        code, document = planned(ALICES_OLD)
        assert (code, document["refusals"]) == (2, [])
        (warning,) = document["warnings"]
        assert (warning["guard"], warning["accessKeyId"]) == ("ownCredentials", ALICES_OLD)
        assert "this run signs with a session of user alice" in warning["message"]
        assert warning["message"].endswith("it may be this one")

    def test_the_last_active_key_is_refused(self, planned: Planned, begin: Callable[[str], None]) -> None:
        """Whichever it was made with: no other is left to make the next one with."""
        begin(ALICE)
        said = refused(planned(ALICE, ALICES_OLD))
        assert len(said) == 2
        assert all("no other active key is left to make the next one with" in line for line in said)

    def test_behind_a_role_it_is_the_same(self, planned: Planned, begin: Callable[[str], None]) -> None:
        """The role was assumed with the session; whose that is was asked."""
        begin(ALICE)
        code, document = planned(ALICES_OLD, assumeRole={"roleArn": ROLE})
        (warning,) = document["warnings"]
        assert (code, warning["guard"]) == (2, "ownCredentials")
        assert f"this run assumed {ASSUMED}/hub/keyswitch with a session of user alice" in warning["message"]

    def test_the_keys_of_others_are_no_concern(self, planned: Planned, begin: Callable[[str], None]) -> None:
        """Bob's key has made no session of alice's."""
        begin(ALICE)
        code, document = planned("AKIAIOSFODNN7EXAMPLE")
        assert code == 2
        assert {warning["guard"] for warning in document["warnings"]} == {"lastActiveKey"}

    def test_a_session_of_root(self, planned: Planned, begin: Callable[[str], None]) -> None:
        """Root's one key is the last there is; only root itself could list it, so a session of root cannot."""
        begin(ROOTS)
        code, document = planned(ROOTS)
        assert code == 1
        assert document["errors"]


@pytest.mark.usefixtures("profiles")
class TestPulumisOwn:
    """With other credentials than the run's: whoever switches them off locks everybody out of the stack."""

    @pytest.mark.parametrize("profile", ["state", "state-role"])
    def test_of_its_state(self, planned: Planned, monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
        """The key of the profile that the URL of the state names, or the one behind its role."""
        monkeypatch.setenv("PULUMI_BACKEND_URL", f"s3://our-state?region=eu-west-1&profile={profile}")
        (said,) = refused(planned(ALICES_OLD))
        assert f"{ALICES_OLD}: Pulumi reads its state (s3://our-state) with this key" in said

    def test_of_its_secrets(self, planned: Planned) -> None:
        """The key of the profile that the stack file's secretsprovider names."""
        (said,) = refused(
            planned(ALICES_OLD, secretsprovider="awskms://alias/keyswitch?region=eu-west-1&profile=state")
        )
        assert f"{ALICES_OLD}: Pulumi decrypts its secrets (awskms://alias/keyswitch) with this key" in said

    def test_of_the_environment_beside_a_profile_of_the_run(
        self, planned: Planned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`aws:profile` is the run's alone: a URL without a profile is read with what the shell holds."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ALICES_OLD)
        monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://our-state")
        (said,) = refused(planned(ALICES_OLD, profile="ops"))
        assert "Pulumi reads its state (s3://our-state) with this key" in said

    def test_a_profile_that_is_not_there_is_nobodys(self, planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever runs this may have no access to the state at all: that is no reason to stop."""
        monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://our-state?profile=porduction")
        code, document = planned(ALICES_OLD)
        assert (code, document["refusals"], document["warnings"]) == (2, [], [])
