"""Builds the clients: whose credentials, which roles, which endpoints. Of AWS it asks nothing but AssumeRole.

The clients are botocore's, which boto3's are, too: importing boto3 itself would load its S3 transfers at every start.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.credentials import Credentials

from keyswitch.access_key.errors import IamUnavailable, KeyswitchError
from keyswitch.access_key.model import Credential
from keyswitch.iam.connection import CONCURRENCY, Connection, Dependence
from keyswitch.iam.credentials import (
    long_term_key_id,
    presumed_account,
    require_no_code,
    setting_of,
    source_of,
    variable_of,
)
from keyswitch.iam.errors import obtaining, translated
from keyswitch.iam.exceptions import CLIENTS, CREDENTIALS
from keyswitch.iam.pace import Pace
from keyswitch.iam.sdk import Refreshing, Session, assumed, is_assumed, keep_pace
from keyswitch.iam.trail import RECORDS_IAM, Events

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
        presumed_account: the account of that key, as far as that can be told without asking; it proves nothing.
        source_sts: signs with the source's temporary credentials, where a role was assumed with them; else None.
        others: the keys of what else signs.
        cloudtrail: builds a client for the region that records the calls of IAM; None: CloudTrail is not to be asked.
    """

    iam: "IAMClient"
    sts: "STSClient"
    source_access_key_id: str
    access_key_id: str
    presumed_account: str | None = None
    source_sts: "STSClient | None" = None
    others: tuple[Credential, ...] = ()
    cloudtrail: Callable[[], Events] | None = None


def connect(to: Connection) -> Clients:
    """Build the clients. Asks nothing of AWS, unless a role is to be assumed.

    Raises:
        IamUnavailable: there are no credentials, a setting is wrong, or a role cannot be assumed.
        AccessDenied: the role may not be assumed.
    """
    session, found, source_access_key_id = _source(to)
    access_key_id = _key_id(found)
    _require_sendable(found, source_of(session))
    credentials: Credentials = found
    for role in to.roles:
        translation = partial(translated, "sts:AssumeRole", f"for {role.role_arn}")
        with obtaining(CLIENTS, partial("the parameters of {}".format, role.role_arn)):
            given = assumed(session, credentials, role.role_arn, role.parameters)
        credentials = Refreshing(given, translation)
        access_key_id = _key_id(credentials)
    is_session = bool(to.roles) and source_access_key_id.startswith("ASIA")
    with obtaining(CLIENTS, partial(_settings, to, session)):
        iam = session.client("iam", credentials)
        sts = session.client("sts", credentials)
        source_sts = session.client("sts", found) if is_session else None
    keep_pace(iam, Pace(to.calls_per_second))
    return Clients(
        iam=iam,
        sts=sts,
        source_access_key_id=source_access_key_id,
        access_key_id=access_key_id,
        presumed_account=presumed_account(credentials),
        source_sts=source_sts,
        others=_others(to.dependences, {access_key_id, source_access_key_id}),
        cloudtrail=partial(_cloudtrail, to, session, credentials) if _asks_cloudtrail(to) else None,
    )


def _asks_cloudtrail(to: Connection) -> bool:
    """Whether CloudTrail is where IAM is: behind another IAM than AWS's own, only a declared CloudTrail is."""
    return to.iam_endpoint is None or to.cloudtrail_endpoint is not None


def _cloudtrail(to: Connection, session: Session, credentials: Credentials) -> Events:
    """A client with more patience: a page of events can take half a minute."""
    region = session.get_config_variable("region")
    recorded_in = RECORDS_IAM.get(session.get_partition_for_region(region), region)
    patient = Config(read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
    with obtaining(CLIENTS, partial(_settings, to, session)):
        client: Events = session.client("cloudtrail", credentials, region_name=recorded_in, config=patient)
    return client


def _source(to: Connection) -> tuple[Session, Credentials, str]:
    """A session of the profile, the credentials it finds, and the access key behind them."""
    session = Session(to.profile)
    translation = partial(obtaining, CREDENTIALS, partial(_origin, session))
    with translation():
        endpoints = {"iam": to.iam_endpoint, "sts": to.sts_endpoint, "cloudtrail": to.cloudtrail_endpoint}
        session.configure(_region(to, session), _config(to), endpoints)
        credentials = session.get_credentials()
        if credentials is None:
            where = f" in profile {session.profile}" if session.profile else ""
            raise IamUnavailable(
                f"There are no AWS credentials{where}",
                "Set AWS_PROFILE or aws:profile, or sign in (aws sso login), then repeat",
            )
        if is_assumed(credentials):
            require_no_code(session)
        found = Refreshing(credentials, translation)
        return session, found, long_term_key_id(session) or _key_id(found)


def _require_sendable(credentials: Credentials, source: str) -> None:
    """Raise if credentials hold what no header can: botocore's error for it shows the header."""
    frozen = credentials.get_frozen_credentials()
    parts = {
        "access key ID": frozen.access_key,
        "secret access key": frozen.secret_key,
        "session token": frozen.token,
    }
    for name, text in parts.items():
        if text and not re.fullmatch(r"[!-~]+", text):
            raise IamUnavailable(
                f"The {name} from {source} holds a space, a line break or another character that none has",
                "Correct it, then repeat",
            )


def _origin(session: Session, said: str) -> str:
    """Where credentials were looked for, and which variable an error is about."""
    source, variable = source_of(session), variable_of(said)
    return f"{source} ({variable})" if variable and variable not in source else source


def _settings(to: Connection, session: Session, said: str) -> str:
    """Which setting of a client an error is about, as far as its text tells."""
    if to.region and to.region.strip() in said:
        return "aws:region"
    if any(endpoint and endpoint in said for endpoint in (to.iam_endpoint, to.sts_endpoint, to.cloudtrail_endpoint)):
        return "aws:endpoints"
    return variable_of(said) or setting_of(session, said) or "the AWS settings"


def _others(dependences: Iterable[Dependence], known: set[str]) -> tuple[Credential, ...]:
    """The long-term keys of what else signs; credentials that are not to be had are none of this run's business."""
    found = []
    for dependence in dependences:
        session = Session(dependence.profile)
        try:
            with obtaining(CREDENTIALS, partial(_origin, session)):
                key_id = long_term_key_id(session)
        except KeyswitchError:
            continue
        if key_id and key_id not in known:
            found.append(Credential(key_id, dependence.purpose))
    return tuple(found)


def _key_id(credentials: Credentials) -> str:
    return credentials.get_frozen_credentials().access_key or ""


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


def _region(to: Connection, session: Session) -> str:
    """boto3 ignores AWS_REGION, which is often the only one that is set."""
    return (
        to.region
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or session.get_config_variable("region")
        or "us-east-1"
    )
