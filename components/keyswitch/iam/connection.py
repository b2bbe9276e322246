"""How to reach AWS, as the settings of a stack say it: whose credentials, which roles, which endpoints.

The settings are those of pulumi-aws (https://www.pulumi.com/registry/packages/aws/api-docs/provider/), so
that one stack configuration serves both. A setting that chooses credentials and is not known here is refused,
never ignored: another account might be meant. Nothing here needs AWS's library, which is loaded where something
is asked of AWS.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.iam.pace import CEILING

CONCURRENCY = 48
"""How many requests are under way at once, at most; how many a second, the pace says."""

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
