"""Builds the clients: whose credentials, which roles, which endpoints. Of AWS it asks nothing but AssumeRole.

The clients are boto3's, which are botocore's: importing boto3 itself would load its S3 transfers, too, at every start.
"""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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

from keyswitch.access_key.errors import IamUnavailable
from keyswitch.access_key.model import Credential
from keyswitch.iam.connection import CONCURRENCY, Connection, Dependence
from keyswitch.iam.errors import THROTTLING, translated
from keyswitch.iam.pace import Pace

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient
    from types_boto3_sts import STSClient


@dataclass(frozen=True)
class Clients:
    """The two clients and the keys they sign with.

    Attributes:
        iam: thread-safe, shared by all threads; so is its retry quota.
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
    _pace(iam, Pace(to.calls_per_second))
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


def _pace(client: Any, pace: Pace) -> None:  # noqa: ANN401  (botocore's own)
    """Let every attempt of every call of a client wait for its turn, and tell the pace what became of it."""
    turn = threading.local()

    def before(**_: object) -> None:
        turn.went = pace.take()

    def after(parsed_response: Mapping[str, Any] | None = None, **_: object) -> None:
        if (parsed_response or {}).get("Error", {}).get("Code") in THROTTLING:
            pace.throttled(turn.went)
        else:
            pace.passed()

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
