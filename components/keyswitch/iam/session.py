"""Builds the clients: whose credentials, which roles, which endpoints. Of AWS it asks nothing but AssumeRole.

The settings are those of pulumi-aws (https://www.pulumi.com/registry/packages/aws/api-docs/provider/), so
that one stack configuration serves both. The clients are boto3's, which are botocore's: importing boto3 itself would
load its S3 transfers, too, at every start. A setting that chooses credentials and is not known here is refused,
never ignored: another account might be meant.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError

from keyswitch.access_key.errors import IamUnavailable, InvalidConfiguration, Problem
from keyswitch.access_key.model import Credential
from keyswitch.iam.budget import CEILING, Budget
from keyswitch.iam.errors import THROTTLING, translated

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient
    from types_boto3_sts import STSClient

CONCURRENCY = 48
"""How many requests are under way at once, at most; how many a second is the budget's business."""

_HONOURED = (
    "region",
    "profile",
    "assumeRole",
    "assumeRoles",
    "endpoints",
    "useFipsEndpoint",
    "useDualstackEndpoint",
)
_REFUSED = (
    "accessKey", "secretKey", "token", "assumeRoleWithWebIdentity", "sharedConfigFiles", "sharedCredentialsFiles",
    "allowedAccountIds", "forbiddenAccountIds",
)  # fmt: skip
SETTINGS = (*_HONOURED, *_REFUSED)
"""The `aws:` settings that are looked at; all others do not change which account is reached."""


@dataclass(frozen=True)
class Role:
    """A role to assume: its ARN and what else `sts:AssumeRole` is to be given, in its own parameter names."""

    role_arn: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Dependence:
    """Something else that signs with AWS credentials: Pulumi, for its state or its secrets.

    Attributes:
        profile: whose credentials it uses; None: those of the environment.
        purpose: what for, as `Credential.purpose` says it.
    """

    profile: str | None
    purpose: str


@dataclass(frozen=True)
class Connection:
    """How to reach AWS. Holds no secret.

    Attributes:
        region: only selects the partition and what is signed; IAM is global.
        profile: of the AWS configuration files; None: the usual search for credentials.
        roles: assumed one after the other.
        iam_endpoint: instead of AWS's own.
        sts_endpoint: instead of AWS's own.
        use_fips: use the FIPS endpoints.
        use_dualstack: use the dual-stack endpoints.
        dependences: what else signs, with credentials that may be others.
        calls_per_second: the most that IAM is asked.
    """

    region: str | None = None
    profile: str | None = None
    roles: tuple[Role, ...] = ()
    iam_endpoint: str | None = None
    sts_endpoint: str | None = None
    use_fips: bool = False
    use_dualstack: bool = False
    dependences: tuple[Dependence, ...] = ()
    calls_per_second: float = CEILING


@dataclass(frozen=True)
class Clients:
    """The two clients and the keys they sign with.

    Attributes:
        iam: thread-safe, shared by all threads; so is its retry budget.
        sts: the same.
        source_access_key_id: the key the run started from, before any role was assumed.
        access_key_id: the key that signs.
        source_sts: signs with the source's temporary credentials, where a role was assumed with them; else None.
        others: the keys of what else signs.
    """

    iam: "IAMClient"
    sts: "STSClient"
    source_access_key_id: str
    access_key_id: str
    source_sts: "STSClient | None" = None
    others: tuple[Credential, ...] = ()


def connection(settings: Mapping[str, Any]) -> Connection:
    """Read the `aws:` settings of a stack, given without their namespace.

    Raises:
        InvalidConfiguration: with every setting that cannot be honoured.
    """
    problems = [
        Problem(
            "keyswitch takes no credentials from the configuration and knows no such choice of them; "
            "use the environment, aws:profile or aws:assumeRoles"
            if name not in ("allowedAccountIds", "forbiddenAccountIds")
            else "declare the one account with keyswitch:account instead",
            f"aws:{name}",
        )
        for name in _REFUSED
        if settings.get(name) not in (None, "", [], {})
    ]
    roles, role_problems = _roles(settings)
    endpoints, endpoint_problems = _endpoints(settings.get("endpoints"))
    problems += role_problems + endpoint_problems
    if problems:
        raise InvalidConfiguration(problems)
    return Connection(
        region=settings.get("region") or None,
        profile=settings.get("profile") or None,
        roles=roles,
        iam_endpoint=endpoints.get("iam"),
        sts_endpoint=endpoints.get("sts"),
        use_fips=_truth(settings.get("useFipsEndpoint")),
        use_dualstack=_truth(settings.get("useDualstackEndpoint")),
    )


def connect(to: Connection) -> Clients:
    """Build the clients. Asks nothing of AWS, unless a role is to be assumed.

    Raises:
        IamUnavailable: there are no credentials, or a role cannot be assumed.
        AccessDenied: the role may not be assumed.
    """
    with translated("sts:AssumeRole", "for the profile"):
        source = botocore.session.Session(profile=to.profile)
        region = _region(to, source)
        source.set_config_variable("region", region)  # for the requests by which a profile assumes its role
        credentials = source.get_credentials()
        if credentials is None:
            raise IamUnavailable(
                "There are no AWS credentials",
                "Set AWS_PROFILE or aws:profile, or sign in (aws sso login), then repeat",
            )
        access_key_id = _key_id(credentials)
        source_access_key_id = long_term_key_id(source) or access_key_id
    config = _config(to)
    found = credentials

    def sts_client(_: str, **given: Any) -> Any:  # noqa: ANN401  (botocore's own signature)
        return source.create_client(
            "sts", **{**given, "region_name": region, "endpoint_url": to.sts_endpoint, "config": config}
        )

    for role in to.roles:
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=sts_client,
            source_credentials=credentials,
            role_arn=role.role_arn,
            extra_args={"RoleSessionName": "keyswitch", **role.parameters},
        )
        credentials = DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")
        with translated("sts:AssumeRole", f"for {role.role_arn}"):
            access_key_id = _key_id(credentials)

    def client(service: str, endpoint: str | None, signed_by: Credentials) -> Any:  # noqa: ANN401  (botocore's own)
        signing = botocore.session.Session(profile=to.profile)
        signing.register_component("credential_provider", CredentialResolver([_Given(signed_by)]))
        signing.register_component("data_loader", source.get_component("data_loader"))  # it has read much already
        signing.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_date)
        return signing.create_client(service, region_name=region, endpoint_url=endpoint, config=config)

    iam = client("iam", to.iam_endpoint, credentials)
    _pace(iam, Budget(to.calls_per_second))
    is_session = bool(to.roles) and source_access_key_id.startswith("ASIA")
    return Clients(
        iam=iam,
        sts=client("sts", to.sts_endpoint, credentials),
        source_access_key_id=source_access_key_id,
        access_key_id=access_key_id,
        source_sts=client("sts", to.sts_endpoint, found) if is_session else None,
        others=_others(to.dependences, {access_key_id, source_access_key_id}),
    )


def _date(text: str) -> datetime:
    """A date as IAM writes it; botocore's own parser guesses among all formats, at a tenth of the cost of a call."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _pace(client: Any, budget: Budget) -> None:  # noqa: ANN401  (botocore's own)
    """Let every attempt of every call of a client wait for its turn, and tell the budget what became of it."""
    turn = threading.local()

    def before(**_: object) -> None:
        turn.went = budget.take()

    def after(parsed_response: Mapping[str, Any] | None = None, **_: object) -> None:
        if (parsed_response or {}).get("Error", {}).get("Code") in THROTTLING:
            budget.throttled(turn.went)
        else:
            budget.passed()

    client.meta.events.register("before-send.iam", before)
    client.meta.events.register("response-received.iam", after)


def _others(dependences: Iterable[Dependence], known: set[str]) -> tuple[Credential, ...]:
    """The long-term keys of what else signs; credentials that are not to be had are none of this run's business."""
    found = []
    for dependence in dependences:
        try:
            key_id = long_term_key_id(botocore.session.Session(profile=dependence.profile))
        except BotoCoreError:
            continue
        if key_id and key_id not in known:
            found.append(Credential(key_id, dependence.purpose))
    return tuple(found)


def long_term_key_id(session: botocore.session.Session) -> str | None:
    """The access key behind a session's credentials: its own, or the one with which the profile's roles are assumed.

    No role is assumed for it. Where neither the environment nor a profile holds credentials, botocore looks for
    them where a container or an instance gets its own, which is a request to their metadata service.
    None where there is no such key: single sign-on, an instance, a web identity.
    (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html)
    """
    credentials = session.get_credentials()
    if credentials is None:
        return None
    if credentials.method != "assume-role":
        return credentials.access_key if credentials.method in _LONG_TERM else None
    profiles = session.full_config.get("profiles", {})
    name, seen = session.profile or "default", set[str]()
    while name not in seen:
        is_source = bool(seen)
        seen.add(name)
        profile = profiles.get(name, {})
        source = profile.get("source_profile")
        # A profile's own key wins over its role where it is a source, and only there (botocore, AssumeRoleProvider).
        if not profile.get("role_arn") or (profile.get("aws_access_key_id") and (is_source or source == name)):
            break
        if profile.get("credential_source") == "Environment":
            return os.environ.get("AWS_ACCESS_KEY_ID")
        if source is None:
            return None
        name = source
    profile = profiles.get(name, {})
    if key_id := profile.get("aws_access_key_id"):
        return str(key_id)
    behind = botocore.session.Session(profile=name).get_credentials()
    return behind.access_key if behind is not None and behind.method in _LONG_TERM else None


_LONG_TERM = ("env", "shared-credentials-file", "config-file", "custom-process")
"""The ways of botocore to find credentials that may be an access key of a user."""


def _key_id(credentials: Credentials) -> str:
    return credentials.get_frozen_credentials().access_key or ""


class _Given(CredentialProvider):
    """Hands out the credentials that were found or assumed already."""

    METHOD = CANONICAL_NAME = "keyswitch"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._given = credentials

    def load(self) -> Credentials:
        return self._given


def _config(to: Connection) -> Config:
    attempts = os.environ.get("AWS_MAX_ATTEMPTS", "")
    return Config(
        connect_timeout=5,
        read_timeout=10,
        max_pool_connections=CONCURRENCY + 1,  # quarantines are looked up beside
        retries={"mode": "standard", "total_max_attempts": int(attempts) if attempts.isdigit() else 8},
        use_fips_endpoint=to.use_fips or None,
        use_dualstack_endpoint=to.use_dualstack or None,
        user_agent_extra="keyswitch",
    )


def _region(to: Connection, session: botocore.session.Session) -> str:
    """boto3 ignores AWS_REGION, which is often the only one that is set."""
    return (
        to.region
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or session.get_config_variable("region")
        or "us-east-1"
    )


def _roles(settings: Mapping[str, Any]) -> tuple[tuple[Role, ...], list[Problem]]:
    if settings.get("assumeRoles") and settings.get("assumeRole"):
        return (), [Problem("give either aws:assumeRole or aws:assumeRoles", "aws:assumeRole")]
    given = settings.get("assumeRoles") or settings.get("assumeRole") or []
    name = "aws:assumeRoles" if settings.get("assumeRoles") else "aws:assumeRole"
    entries = [given] if isinstance(given, Mapping) else given
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return (), [Problem("a role, or a list of roles, each with roleArn", name)]
    roles: list[Role] = []
    problems: list[Problem] = []
    for entry in entries:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("roleArn"), str) or not entry["roleArn"]:
            problems.append(Problem("each role needs a roleArn", name))
            continue
        parameters: dict[str, Any] = {}
        for key, value in entry.items():
            if key == "roleArn":
                continue
            if key not in _ROLE_PARAMETERS:
                problems.append(Problem("is not a setting of a role that keyswitch knows", f"{name}.{key}"))
                continue
            parameter, expected, convert = _ROLE_PARAMETERS[key]
            try:
                parameters[parameter] = convert(value)
            except (TypeError, ValueError):
                problems.append(Problem(f"is not {expected}", f"{name}.{key}"))
        roles.append(Role(entry["roleArn"], parameters))
    return tuple(roles), problems


def _endpoints(given: Any) -> tuple[dict[str, str], list[Problem]]:  # noqa: ANN401  (whatever the YAML holds)
    entries = given if isinstance(given, list) else [given] if given else []
    found: dict[str, str] = {}
    for entry in entries:
        wanted = {k: v for k, v in entry.items() if k in ("iam", "sts")} if isinstance(entry, Mapping) else None
        if wanted is None or not all(isinstance(url, str) and url.startswith("http") for url in wanted.values()):
            return {}, [Problem("expected a list of maps from service to URL", "aws:endpoints")]
        found.update(wanted)
    return found, []


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [_text(item) for item in value]


def _tags(value: object) -> list[dict[str, str]]:
    if not isinstance(value, Mapping):
        raise TypeError
    return [{"Key": _text(key), "Value": _text(item)} for key, item in value.items()]


def _seconds(value: object) -> int:
    """Read a duration as Go writes it (1h30m) or in plain seconds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = re.fullmatch(r"(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s?)?", _text(value))
    if not match or not value:
        raise ValueError
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


_ROLE_PARAMETERS: dict[str, tuple[str, str, Callable[[Any], object]]] = {
    "sessionName": ("RoleSessionName", "a text", _text),
    "externalId": ("ExternalId", "a text", _text),
    "policy": ("Policy", "a text", _text),
    "sourceIdentity": ("SourceIdentity", "a text", _text),
    "duration": ("DurationSeconds", "a duration such as 1h, 30m or 3600", _seconds),
    "durationSeconds": ("DurationSeconds", "a duration such as 1h, 30m or 3600", _seconds),
    "policyArns": ("PolicyArns", "a list of ARNs", lambda value: [{"arn": arn} for arn in _texts(value)]),
    "tags": ("Tags", "a map of texts", _tags),
    "transitiveTagKeys": ("TransitiveTagKeys", "a list of texts", _texts),
}
"""By the setting's name: the parameter of `sts:AssumeRole`, what is expected, and how it is read."""


def _truth(value: object) -> bool:
    return str(value).lower() == "true"
