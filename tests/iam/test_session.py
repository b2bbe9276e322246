"""Whose credentials, which roles, which endpoints: the `aws:` settings as they reach the wire."""

import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import JSONFileLoader

from keyswitch.access_key.errors import AccessDenied, InvalidConfiguration
from keyswitch.access_key.model import Credential
from keyswitch.configuration.aws import connection
from keyswitch.iam.connection import CONCURRENCY, Connection, Dependence
from keyswitch.iam.credentials import long_term_key_id
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import Clients, connect
from keyswitch.sandbox.seed import OPERATOR_KEY, SeededKey, plant
from keyswitch.sandbox.server import Fault, Request, Sandbox

ROLE = "arn:aws:iam::123456789012:role/deployer"
OTHER = "arn:aws:iam::210987654321:role/x"
PROFILES = """
[ci]
aws_access_key_id = AKIAALICEDEVEXAMPLE1
aws_secret_access_key = made-up
region = eu-central-1
"""


def assumed(sandbox: Sandbox) -> list[Request]:
    """The AssumeRole requests, in order."""
    return [request for request in sandbox.journal if request.action == "AssumeRole"]


def sent_headers(clients: Clients) -> dict[str, str]:
    """The headers of a request as it is about to be sent."""
    seen: dict[str, str] = {}

    def look(request: Any, **_: object) -> None:
        seen.update(
            {
                name: str(value, "ascii") if isinstance(value, bytes) else value
                for name, value in request.headers.items()
            }
        )

    clients.iam.meta.events.register("before-send.iam", look)
    clients.iam.list_access_keys(UserName="Bob")
    return seen


@pytest.fixture
def profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A credentials file with the profile `ci`, whose region is eu-central-1."""
    path = tmp_path / "credentials"
    path.write_text(PROFILES)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))


class TestRegion:
    """It only selects the partition and what is signed, but it must be the same everywhere."""

    @pytest.mark.parametrize(
        ("setting", "environment", "profile", "expected"),
        [
            ("eu-west-1", {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "ci", "eu-west-1"),
            (None, {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "ci", "eu-west-2"),
            (None, {"AWS_DEFAULT_REGION": "eu-west-3"}, "ci", "eu-west-3"),
            (None, {}, "ci", "eu-central-1"),
            (None, {}, None, "us-east-1"),
        ],
        ids=["aws:region", "AWS_REGION", "AWS_DEFAULT_REGION", "profile", "none"],
    )
    @pytest.mark.usefixtures("profiles")
    def test_the_first_that_says_one_wins(
        self,
        monkeypatch: pytest.MonkeyPatch,
        setting: str | None,
        environment: Mapping[str, str],
        profile: str | None,
        expected: str,
    ) -> None:
        """aws:region, then AWS_REGION, then AWS_DEFAULT_REGION, then the profile's, then us-east-1."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", OPERATOR_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert connect(Connection(region=setting, profile=profile)).sts.meta.region_name == expected

    def test_the_region_selects_the_partition(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A region of China leads to the IAM of China: another IAM altogether."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", OPERATOR_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        clients = connect(Connection(region="cn-north-1"))
        assert clients.iam.meta.endpoint_url == "https://iam.cn-north-1.amazonaws.com.cn"

    def test_every_region_of_aws_is_accepted(self) -> None:
        """Of all partitions, with the pseudo-regions that botocore knows; `iam` and the like are no regions."""
        session = botocore.session.Session()
        regions = {
            region
            for partition in session.get_available_partitions()
            for service in ("iam", "sts")
            for non_regional in (False, True)
            for region in session.get_available_regions(service, partition, allow_non_regional=non_regional)
            if not region.startswith("iam")
        }
        assert {"us-east-1", "cn-north-1", "us-gov-west-1", "aws-cn-global"} <= regions
        for region in regions:
            assert connection({"region": region}).region == region


class TestEndpoints:
    """Where requests go."""

    def test_endpoints_of_the_settings_beat_the_environment(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """aws:endpoints is meant for this stack; the environment is whatever the shell happens to hold."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            nowhere = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS"):
            monkeypatch.setenv(name, nowhere)
        to = connection(
            {"endpoints": [{"iam": sandbox.endpoint}, {"sts": sandbox.endpoint}], "assumeRole": {"roleArn": ROLE}}
        )
        gateway = Gateway(connect(to))
        assert gateway.caller()
        assert gateway.access_keys("Bob")
        assert sandbox.actions() == {"AssumeRole": 1, "GetCallerIdentity": 1, "ListAccessKeys": 1}

    def test_endpoints_of_the_environment_are_honoured(self, sandbox: Sandbox) -> None:
        """AWS_ENDPOINT_URL leads everything to the sandbox, AssumeRole among it."""
        clients = connect(connection({"assumeRole": {"roleArn": ROLE}}))
        assert clients.iam.meta.endpoint_url == clients.sts.meta.endpoint_url == sandbox.endpoint
        assert len(assumed(sandbox)) == 1

    def test_endpoints_of_other_services_are_passed_over(self, sandbox: Sandbox) -> None:
        """The same list serves pulumi-aws, which knows more services."""
        assert connection({"endpoints": [{"s3": "http://127.0.0.1:1", "iam": sandbox.endpoint}]}) == Connection(
            iam_endpoint=sandbox.endpoint
        )


class TestProfile:
    """Credentials from the AWS configuration files."""

    @pytest.mark.usefixtures("profiles")
    def test_a_profile_of_the_settings_beats_credentials_of_the_environment(self, sandbox: Sandbox) -> None:
        """aws:profile says whose credentials are meant, whatever the shell holds."""
        clients = connect(connection({"profile": "ci"}))
        assert clients.access_key_id == clients.source_access_key_id == "AKIAALICEDEVEXAMPLE1"
        clients.iam.list_access_keys(UserName="Bob")
        assert sandbox.journal[-1].signer == "AKIAALICEDEVEXAMPLE1"

    @pytest.mark.usefixtures("profiles")
    def test_a_profile_of_the_environment_is_honoured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """AWS_PROFILE works as with every AWS tool."""
        monkeypatch.setenv("AWS_PROFILE", "ci")
        assert connect(Connection()).access_key_id == "AKIAALICEDEVEXAMPLE1"

    @pytest.mark.usefixtures("profiles")
    def test_a_role_is_assumed_with_the_profiles_key(self, sandbox: Sandbox) -> None:
        """The profile's key is the source that the guards protect."""
        clients = connect(connection({"profile": "ci", "assumeRole": {"roleArn": ROLE}}))
        assert clients.source_access_key_id == assumed(sandbox)[0].signer == "AKIAALICEDEVEXAMPLE1"


BASE, ENVIRONMENT, LOADED = "AKIABASEPROFILEEXAMP", "AKIAENVIRONMENTEXAMP", "AKIAFROMPROCESSEXAMP"
KEYS_BEHIND = (BASE, "AKIAITSELFPROFILEEXA", "AKIABOTHPROFILEEXAMP")
CREDENTIALS = f"""
[base]
aws_access_key_id = {BASE}
aws_secret_access_key = made-up
[itself]
aws_access_key_id = AKIAITSELFPROFILEEXA
aws_secret_access_key = made-up
[both]
aws_access_key_id = AKIABOTHPROFILEEXAMP
aws_secret_access_key = made-up
"""
CONFIG = f"""
[profile deploy]
role_arn = {ROLE}
source_profile = base
[profile admin]
role_arn = {OTHER}
source_profile = deploy
[profile itself]
role_arn = {ROLE}
source_profile = itself
[profile both]
role_arn = {ROLE}
source_profile = base
[profile behind-both]
role_arn = {ROLE}
source_profile = both
[profile environment]
role_arn = {ROLE}
credential_source = Environment
[profile behind-environment]
role_arn = {ROLE}
source_profile = environment
[profile process]
credential_process = echo '{{"Version": 1, "AccessKeyId": "{LOADED}", "SecretAccessKey": "made-up"}}'
[profile behind-process]
role_arn = {ROLE}
source_profile = process
[profile sso]
sso_account_id = 123456789012
sso_role_name = admin
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
[profile behind-sso]
role_arn = {ROLE}
source_profile = sso
[profile web]
role_arn = {ROLE}
web_identity_token_file = /no/such/token
[profile behind-web]
role_arn = {ROLE}
source_profile = web
[profile circle]
role_arn = {ROLE}
source_profile = circle-too
[profile circle-too]
role_arn = {ROLE}
source_profile = circle
"""


@pytest.fixture
def roles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """AWS configuration files with a profile for each way to come by a role."""
    for name, text in (("AWS_SHARED_CREDENTIALS_FILE", CREDENTIALS), ("AWS_CONFIG_FILE", CONFIG)):
        path = tmp_path / name
        path.write_text(text)
        monkeypatch.setenv(name, str(path))


@pytest.mark.usefixtures("roles")
class TestTheKeyBehind:
    """The long-term key on which a profile rests: deactivating it ends all its roles."""

    @pytest.mark.parametrize(
        ("profile", "key"),
        [
            ("base", BASE),
            ("deploy", BASE),
            ("admin", BASE),
            ("itself", "AKIAITSELFPROFILEEXA"),
            ("both", BASE),
            ("behind-both", "AKIABOTHPROFILEEXAMP"),
            ("environment", ENVIRONMENT),
            ("behind-environment", ENVIRONMENT),
            ("process", LOADED),
            ("behind-process", LOADED),
            ("sso", None),
            ("behind-sso", None),
            ("web", None),
            ("behind-web", None),
        ],
    )
    def test_it_is_found_and_nothing_is_sent(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, profile: str, key: str | None
    ) -> None:
        """The same key that botocore would sign with; none where no access key of a user is behind it."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ENVIRONMENT)
        assert long_term_key_id(botocore.session.Session(profile=profile)) == key
        assert sandbox.journal == []

    @pytest.mark.parametrize("profile", ["deploy", "admin", "itself", "both", "behind-both", "environment"])
    def test_it_is_the_key_that_signs_the_first_request(self, sandbox: Sandbox, profile: str) -> None:
        """What is said to be behind a role is what assumes it; the run's own key is the role's."""
        plant([SeededKey(key, f"user-{n}") for n, key in enumerate(KEYS_BEHIND)])
        clients = connect(Connection(profile=profile))
        assert clients.source_access_key_id == assumed(sandbox)[0].signer
        assert clients.access_key_id.startswith("ASIA")

    def test_the_runs_region_serves_the_profiles_role(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        """aws:region is enough, also where neither the profile nor the environment names a region."""
        monkeypatch.delenv("AWS_REGION")
        plant([SeededKey(BASE, "base")])
        connect(Connection(profile="deploy", region="us-east-1"))
        assert len(assumed(sandbox)) == 1

    def test_a_profiles_role_is_assumed_at_the_stss_endpoint_of_the_settings(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A rehearsal whose `aws:endpoints` lead to the sandbox asks nothing of AWS, whatever the shell says."""
        plant([SeededKey(BASE, "base")])
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        endpoints = [{"iam": sandbox.endpoint, "sts": sandbox.endpoint}]
        clients = connect(connection({"profile": "admin", "endpoints": endpoints}))
        assert [request.parameters["RoleArn"] for request in assumed(sandbox)] == [ROLE, OTHER]
        assert Gateway(clients).caller().account == "210987654321"

    def test_a_profile_of_the_environment_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """AWS_PROFILE chooses the profile whose role it is."""
        monkeypatch.setenv("AWS_PROFILE", "admin")
        assert long_term_key_id(botocore.session.Session()) == BASE

    @pytest.mark.parametrize(("profile", "key"), [(None, OPERATOR_KEY), ("deploy", BASE)], ids=["none", "aws:profile"])
    def test_keys_of_the_environment_beat_its_profile_but_not_the_settings(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, profile: str | None, key: str
    ) -> None:
        """As with every AWS tool: AWS_ACCESS_KEY_ID wins over AWS_PROFILE, and aws:profile over both."""
        monkeypatch.setenv("AWS_PROFILE", "itself")
        plant([SeededKey(BASE, "base")])
        assert connect(Connection(profile=profile)).source_access_key_id == key

    def test_no_credentials_have_no_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing found is nothing guarded."""
        assert long_term_key_id(botocore.session.Session()) is None


@pytest.mark.usefixtures("roles")
class TestOthers:
    """What else signs: Pulumi, for its state and its secrets, with credentials that may be others."""

    @pytest.fixture
    def others(self, sandbox: Sandbox) -> Callable[..., tuple[Credential, ...]]:
        """The keys of what else signs, beside a run that signs as the operator."""

        def found(*profiles: str | None, **settings: str) -> tuple[Credential, ...]:
            depends = tuple(Dependence(profile, f"{profile} signs with {{}}") for profile in profiles)
            clients = connect(replace(connection(settings), dependences=depends))
            assert sandbox.journal == []
            return clients.others

        return found

    def test_each_is_told_with_its_purpose(self, others: Callable[..., tuple[Credential, ...]]) -> None:
        """A profile's own key, and the one behind its role."""
        assert others("itself", "both", "admin") == (
            Credential("AKIAITSELFPROFILEEXA", "itself signs with {}"),
            Credential(BASE, "both signs with {}"),
            Credential(BASE, "admin signs with {}"),
        )

    def test_the_runs_own_key_is_not_told_twice(self, others: Callable[..., tuple[Credential, ...]]) -> None:
        """The guard knows it already."""
        assert others(None) == ()
        assert others("base", "deploy", profile="base") == ()

    def test_the_environments_key_counts_where_the_run_has_a_profile(
        self, others: Callable[..., tuple[Credential, ...]]
    ) -> None:
        """`aws:profile` is the run's alone; Pulumi's own requests are signed as the shell says."""
        assert others(None, profile="base") == (Credential(OPERATOR_KEY, "None signs with {}"),)

    @pytest.mark.parametrize("profile", ["porduction", "circle", "sso", "web"])
    def test_credentials_that_are_not_to_be_had_are_ignored(
        self, others: Callable[..., tuple[Credential, ...]], profile: str
    ) -> None:
        """A profile that is not there, that runs in circles, or has no key of a user: no reason to stop this run."""
        assert others(profile) == ()


class TestTheSource:
    """Whose session assumed a role is worth a question; whose key it was is known."""

    def test_a_session_that_assumes_a_role_can_be_asked(self, session: str) -> None:
        """There is a client that signs with the session itself."""
        clients = connect(connection({"assumeRole": {"roleArn": ROLE}}))
        assert clients.source_access_key_id == session
        assert clients.source_sts is not None
        assert clients.source_sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/operator"

    @pytest.mark.usefixtures("session")
    def test_a_session_without_a_role_is_the_caller(self) -> None:
        """Nobody else needs to be asked."""
        assert connect(Connection()).source_sts is None

    def test_a_key_that_assumes_a_role_is_not_asked(self, sandbox: Sandbox) -> None:
        """A long-term key names itself."""
        assert connect(connection({"assumeRole": {"roleArn": ROLE}})).source_sts is None


class TestRoles:
    """Roles, as pulumi-aws is told of them."""

    def test_everything_said_of_a_role_is_in_the_request(self, sandbox: Sandbox) -> None:
        """External ID, session name, duration and the rest reach AssumeRole under AWS's own names."""
        connect(
            connection(
                {
                    "assumeRole": {
                        "roleArn": ROLE,
                        "externalId": "shared-with-them",
                        "sessionName": "nightly",
                        "duration": "1h30m",
                        "sourceIdentity": "alice",
                        "policyArns": ["arn:aws:iam::aws:policy/IAMReadOnlyAccess"],
                        "tags": {"team": "platform"},
                        "transitiveTagKeys": ["team"],
                    }
                }
            )
        )
        (request,) = assumed(sandbox)
        assert request.signer == OPERATOR_KEY
        assert request.parameters == {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": ROLE,
            "ExternalId": "shared-with-them",
            "RoleSessionName": "nightly",
            "DurationSeconds": "5400",
            "SourceIdentity": "alice",
            "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
            "Tags.member.1.Key": "team",
            "Tags.member.1.Value": "platform",
            "TransitiveTagKeys.member.1": "team",
        }

    @pytest.mark.parametrize(("given", "seconds"), [("1h", 3600), ("30m", 1800), ("900s", 900), (900, 900)])
    def test_a_duration_is_read_as_pulumi_writes_it(self, given: object, seconds: int) -> None:
        """Go's notation and plain seconds mean the same to both tools."""
        (role,) = connection({"assumeRole": {"roleArn": ROLE, "duration": given}}).roles
        assert role.parameters == {"DurationSeconds": seconds}

    @pytest.mark.parametrize("given", ["soon", "1 hour", "-5m", "1.5h"])
    def test_what_is_no_duration_is_refused(self, given: object) -> None:
        """A duration that cannot be read is a problem of the configuration, told with what is accepted."""
        with pytest.raises(InvalidConfiguration, match="1h, 30m or 3600"):
            connection({"assumeRole": {"roleArn": ROLE, "duration": given}})

    def test_a_session_is_called_keyswitch_by_default(self, sandbox: Sandbox) -> None:
        """So CloudTrail tells who it was."""
        connect(connection({"assumeRole": {"roleArn": ROLE}}))
        assert assumed(sandbox)[0].parameters["RoleSessionName"] == "keyswitch"

    def test_a_chain_of_roles_is_walked_in_order(self, sandbox: Sandbox) -> None:
        """The second role is assumed with the first one's credentials; the keys of all three are different."""
        gateway = Gateway(connect(connection({"assumeRoles": [{"roleArn": ROLE}, {"roleArn": OTHER}]})))
        caller = gateway.caller()
        first, second = assumed(sandbox)
        assert (first.parameters["RoleArn"], second.parameters["RoleArn"]) == (ROLE, OTHER)
        assert first.signer == OPERATOR_KEY
        assert first.signer != second.signer
        assert second.signer.startswith("ASIA")
        assert sandbox.journal[-1].signer == caller.access_key_id
        assert len({first.signer, second.signer, caller.access_key_id}) == 3
        assert caller.source_access_key_id == OPERATOR_KEY

    def test_a_role_of_another_account_is_that_account(self, sandbox: Sandbox) -> None:
        """The account is that of the role, which is what keyswitch:account is compared with."""
        gateway = Gateway(connect(connection({"assumeRole": {"roleArn": OTHER}})))
        assert gateway.presumed_account == "210987654321", "botocore has it from the answer to AssumeRole"
        caller = gateway.caller()
        assert caller.account == "210987654321"
        assert caller.arn == "arn:aws:sts::210987654321:assumed-role/x/keyswitch"

    def test_a_role_is_assumed_once(self, sandbox: Sandbox) -> None:
        """Both clients and all calls share the session."""
        gateway = Gateway(connect(connection({"assumeRole": {"roleArn": ROLE}})))
        gateway.caller()
        gateway.access_keys("Bob")
        assert len(assumed(sandbox)) == 1

    def test_the_role_that_fails_in_a_chain_is_the_one_that_is_named(self, sandbox: Sandbox) -> None:
        """When the first of two is refused, the message is about the first, not about the last."""
        sandbox.faults.append(Fault("AssumeRole", "AccessDenied", 403, "not authorized", about=ROLE))
        with pytest.raises(AccessDenied) as raised:
            connect(connection({"assumeRoles": [{"roleArn": ROLE}, {"roleArn": OTHER}]}))
        assert ROLE in str(raised.value)
        assert OTHER not in str(raised.value)


class TestRefusedSettings:
    """A choice of credentials that is not known here is refused: another account might be meant."""

    @pytest.mark.parametrize(
        "name",
        ["accessKey", "secretKey", "token", "assumeRoleWithWebIdentity", "sharedConfigFiles", "sharedCredentialsFiles"],
    )
    def test_a_choice_of_credentials_is_never_ignored(self, name: str) -> None:
        """The message names the setting and what to use instead, and shows no value."""
        with pytest.raises(InvalidConfiguration, match=f"aws:{name}") as raised:
            connection({name: "wJalrXUtnFEMI"})
        assert "wJalrXUtnFEMI" not in str(raised.value)

    @pytest.mark.parametrize("name", ["allowedAccountIds", "forbiddenAccountIds"])
    def test_a_list_of_accounts_has_its_own_setting(self, name: str) -> None:
        """keyswitch:account is said to be the way."""
        with pytest.raises(InvalidConfiguration, match="keyswitch:account"):
            connection({name: ["123456789012"]})

    @pytest.mark.parametrize("value", [None, "", [], {}], ids=repr)
    def test_an_empty_setting_is_none(self, value: object) -> None:
        """What is empty chooses nothing."""
        assert connection({"accessKey": value}) == Connection()

    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({"assumeRole": "arn:aws:iam::123456789012:role/x"}, id="text for a role"),
            pytest.param({"assumeRole": {"externalId": "x"}}, id="no ARN"),
            pytest.param({"assumeRoles": ["arn:aws:iam::123456789012:role/x"]}, id="text in the list"),
            pytest.param({"assumeRole": {"roleArn": ROLE, "extrenalId": "x"}}, id="unknown field"),
            pytest.param({"assumeRole": {"roleArn": ROLE, "policyArns": 7}}, id="policies that are no list"),
            pytest.param({"assumeRole": {"roleArn": ROLE, "tags": ["team"]}}, id="tags that are no map"),
            pytest.param({"endpoints": "http://127.0.0.1:1"}, id="text for endpoints"),
        ],
    )
    def test_a_setting_of_another_shape_is_told(self, settings: Mapping[str, object]) -> None:
        """A wrong shape is a problem of the configuration with the setting's name, never a crash."""
        with pytest.raises(InvalidConfiguration, match=r"aws:(assumeRole|endpoints)"):
            connection(settings)


class TestClients:
    """How patiently AWS is asked, and under which name."""

    @pytest.fixture
    def clients(self, sandbox: Sandbox) -> Clients:
        """Clients for the sandbox."""
        return connect(Connection())

    def test_retries_are_bounded(self, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        """8 attempts unless AWS_MAX_ATTEMPTS says otherwise, each later than the last; the pace is the pace's."""
        assert clients.iam.meta.config.retries == {"mode": "standard", "total_max_attempts": 2}
        for value in ("", "many"):
            monkeypatch.setenv("AWS_MAX_ATTEMPTS", value)
            try:
                patient = connect(Connection())
            except ValueError:
                pytest.fail(f"AWS_MAX_ATTEMPTS={value!r} is a crash")
            assert patient.sts.meta.config.retries["total_max_attempts"] == 8

    def test_no_call_hangs_and_threads_do_not_queue(self, clients: Clients) -> None:
        """Timeouts are short, and there is a connection for each of the threads."""
        for config in (clients.iam.meta.config, clients.sts.meta.config):
            assert (config.connect_timeout, config.read_timeout) == (5, 10)
            assert config.max_pool_connections == CONCURRENCY + 1

    def test_the_user_agent_says_keyswitch(self, clients: Clients) -> None:
        """So CloudTrail tells with what it was done."""
        assert "keyswitch" in sent_headers(clients)["User-Agent"]

    @pytest.mark.parametrize(
        ("settings", "endpoint"),
        [
            ({"useFipsEndpoint": "true"}, "https://iam-fips.amazonaws.com"),
            ({"useFipsEndpoint": True}, "https://iam-fips.amazonaws.com"),
            ({"useDualstackEndpoint": "true"}, "https://iam.global.api.aws"),
            ({"useFipsEndpoint": "false"}, "https://iam.amazonaws.com"),
            ({}, "https://iam.amazonaws.com"),
        ],
        ids=str,
    )
    def test_fips_and_dual_stack_endpoints_are_honoured(
        self, monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, object], endpoint: str
    ) -> None:
        """The settings of pulumi-aws choose the same endpoint here."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", OPERATOR_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        assert connect(connection(settings)).iam.meta.endpoint_url == endpoint

    def test_botocore_reads_each_of_its_files_once(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        """Endpoints and service models are megabytes of JSON; all clients of a run share what has been read."""
        read: Counter[str] = Counter()
        load_file = JSONFileLoader.load_file

        def counted(loader: JSONFileLoader, path: str) -> Any:
            found = load_file(loader, path)
            read[path] += found is not None
            return found

        monkeypatch.setattr(JSONFileLoader, "load_file", counted)
        connect(connection({"assumeRole": {"roleArn": ROLE}}))
        assert any(path.endswith("endpoints") for path in read)
        assert max(read.values()) == 1, read.most_common(3)

    def test_nothing_is_sent_to_build_them(self, clients: Clients, sandbox: Sandbox) -> None:
        """Without a role, connecting asks nothing."""
        assert sandbox.journal == []
