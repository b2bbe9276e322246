"""The model of the `aws:*` settings of a stack. They have the names and the meaning that pulumi-aws gives them.

(https://www.pulumi.com/registry/packages/aws/api-docs/provider/) An unsupported setting that selects credentials is an
error and never ignored, because it might select another account. The other settings of pulumi-aws do not select an
account; they are ignored.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.shown import shown
from keyswitch.configuration.problems import ONE, SEVERAL, accepted, path_name, path_of, text_of
from keyswitch.configuration.values import Line, Truth
from keyswitch.iam.connection import Connection, Role

_REGION = r"[a-z]+(?:-[a-z0-9]+)*-(?:[0-9]+|global)(?:-fips)?"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_URL = rf"https?://({_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{{1,5}}))?(?:/[!-~]*)?"
_DURATION = r"(?:([0-9]{1,2})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s?)?"


def _region(value: str) -> str:
    if not re.fullmatch(_REGION, value):
        raise ValueError(f"{shown(value)} is not a region: write it as AWS does, such as us-east-1")
    return value


def _url(value: object) -> str:
    match = re.fullmatch(_URL, value) if isinstance(value, str) else None
    if not match or not _is_host(match[1]) or not 0 < int(match[2] or 80) <= 65_535:
        given = "the given value (not shown, it may contain a password)" if "@" in str(value) else shown(value)
        raise ValueError(f"{given} is not the URL of an endpoint: write one such as http://localhost:4566")
    return match[0]


def _is_host(host: str) -> bool:
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            return False
    return len(host) <= 255


def _seconds(value: object) -> int:
    """Read a duration as Go writes it (1h30m) or in plain seconds."""
    seconds = value if isinstance(value, int) else 0
    if isinstance(value, str) and (match := re.fullmatch(_DURATION, value)):
        seconds = sum(int(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True))
    if not 900 <= seconds <= 43_200:
        raise ValueError(f"{shown(value)} is not a duration such as 1h, 30m or 3600, from 15 minutes to 12 hours")
    return seconds


def _alone(value: int, info: ValidationInfo) -> int:
    if info.data.get("duration"):
        raise ValueError("means the same as duration: write one of the two")
    return value


def _schema(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


_Region = Annotated[str, AfterValidator(_region), _schema(_REGION)]
_Url = Annotated[str, BeforeValidator(_url), _schema(_URL)]
_Seconds = Annotated[
    int,
    BeforeValidator(_seconds),
    WithJsonSchema({"type": ["string", "integer"], "pattern": f"^{_DURATION}$", "minimum": 900, "maximum": 43_200}),
]


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class AssumedRole(_Model):
    """A role to assume."""

    model_config = ConfigDict(extra="forbid")

    # Empty fields are not sent, so every default is empty.
    role_arn: Line = Field(description="The ARN of the role.")
    session_name: Line = Field(default="", description="The name of the session, shown in CloudTrail.")
    external_id: Line = Field(default="", description="The external ID that the role's trust policy requires.")
    policy: str = Field(default="", description="A policy, as JSON text, that further restricts the session.")
    policy_arns: list[Line] = Field(default=[], description="Managed policies that further restrict the session.")
    source_identity: Line = Field(default="", description="The source identity of the session.")
    tags: dict[str, str] = Field(default={}, description="Tags of the session.")
    transitive_tag_keys: list[Line] = Field(default=[], description="Tags that later sessions inherit.")
    duration: _Seconds = Field(default=0, description="The duration of the session, from 15m to 12h, or in seconds.")
    duration_seconds: Annotated[_Seconds, AfterValidator(_alone)] = Field(
        default=0, description="The same as duration."
    )

    def role(self) -> Role:
        """Return the role with the parameters of `sts:AssumeRole`."""
        parameters = {
            "RoleSessionName": self.session_name,
            "ExternalId": self.external_id,
            "Policy": self.policy,
            "PolicyArns": [{"arn": arn} for arn in self.policy_arns],
            "SourceIdentity": self.source_identity,
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
            "TransitiveTagKeys": self.transitive_tag_keys,
            "DurationSeconds": self.duration or self.duration_seconds,
        }
        return Role(self.role_arn, {name: value for name, value in parameters.items() if value})


class Endpoints(_Model):
    """URLs by service. Services that keyswitch does not call are ignored."""

    iam: _Url = Field(default="", description="The URL for calls to IAM.")
    sts: _Url = Field(default="", description="The URL for calls to STS.")
    cloudtrail: _Url = Field(default="", description="The URL for calls to CloudTrail.")


def _one_or_several(expected: str) -> Discriminator:
    """Accept one value or a list of values. Anything else is an error that names what was expected."""

    def tag(value: object) -> str | None:
        return ONE if isinstance(value, Mapping) else SEVERAL if isinstance(value, list) else None

    return Discriminator(tag, custom_error_type="one_or_several", custom_error_message=f"expected {expected}")


_Roles = Annotated[
    Annotated[AssumedRole, Tag(ONE)] | Annotated[list[AssumedRole], Tag(SEVERAL)],
    _one_or_several("a role or a list of roles, each with roleArn"),
]
_Endpoints = Annotated[
    Annotated[Endpoints, Tag(ONE)] | Annotated[list[Endpoints], Tag(SEVERAL)],
    _one_or_several("a map from service to URL, or a list of such maps"),
]


def _refused(instead: str) -> BeforeValidator:
    """Accept only an empty value, which templates may contain. The error never shows the value."""

    def refuse(value: object) -> None:
        if value not in (None, "", [], {}):
            raise ValueError(instead)

    return BeforeValidator(refuse)


_EMPTY = WithJsonSchema({"enum": [None, "", [], {}]})
_Credentials = Annotated[
    None,
    _refused(
        "keyswitch does not support this way to select credentials; use the environment, aws:profile or aws:assumeRoles"
    ),
    _EMPTY,
]
_Accounts = Annotated[None, _refused("declare the one account with keyswitch:account instead"), _EMPTY]
_NOT_TAKEN = "Refused: keyswitch does not support this way to select credentials."
_NOT_THIS_WAY = "Refused: declare the account with keyswitch:account."


class Aws(_Model):
    """The `aws:` settings that keyswitch reads."""

    region: _Region = Field(default="", description="The region. It only selects the partition, because IAM is global.")
    profile: Line = Field(default="", description="A profile of the AWS configuration files.")
    assume_role: _Roles = Field(default=[], description="The role to assume.")
    assume_roles: _Roles = Field(default=[], description="The roles to assume, one after the other.")
    endpoints: _Endpoints = Field(
        default=[], description="URLs for calls to IAM, STS and CloudTrail, instead of AWS's own."
    )
    use_fips_endpoint: Truth = Field(default=False, description="Use the FIPS endpoints.")
    use_dualstack_endpoint: Truth = Field(default=False, description="Use the dual-stack endpoints.")
    access_key: _Credentials = Field(default=None, description=_NOT_TAKEN)
    secret_key: _Credentials = Field(default=None, description=_NOT_TAKEN)
    token: _Credentials = Field(default=None, description=_NOT_TAKEN)
    assume_role_with_web_identity: _Credentials = Field(default=None, description=_NOT_TAKEN)
    shared_config_files: _Credentials = Field(default=None, description=_NOT_TAKEN)
    shared_credentials_files: _Credentials = Field(default=None, description=_NOT_TAKEN)
    allowed_account_ids: _Accounts = Field(default=None, description=_NOT_THIS_WAY)
    forbidden_account_ids: _Accounts = Field(default=None, description=_NOT_THIS_WAY)

    def connection(self) -> Connection:
        """Return the connection that these settings describe."""
        roles = self.assume_roles or self.assume_role
        endpoints = [self.endpoints] if isinstance(self.endpoints, Endpoints) else self.endpoints
        return Connection(
            region=self.region or None,
            profile=self.profile or None,
            roles=tuple(role.role() for role in (roles if isinstance(roles, list) else [roles])),
            iam_endpoint=next((e.iam for e in reversed(endpoints) if e.iam), None),
            sts_endpoint=next((e.sts for e in reversed(endpoints) if e.sts), None),
            cloudtrail_endpoint=next((e.cloudtrail for e in reversed(endpoints) if e.cloudtrail), None),
            use_fips=self.use_fips_endpoint,
            use_dualstack=self.use_dualstack_endpoint,
        )


NOT_SUPPORTED = {field.alias for field in Aws.model_fields.values() if field.annotation is type(None)}
"""The settings that are refused if they have a value."""


def connection(settings: Mapping[str, Any]) -> Connection:
    """Read the `aws:` settings of a stack, given without their namespace.

    Raises:
        InvalidConfiguration: with a problem for each setting that is invalid or not supported.
    """
    given = {name: value for name, value in settings.items() if value not in (None, "")}  # Pulumi passes null as ""
    problems = []
    if given.get("assumeRoles") and given.get("assumeRole"):
        problems.append(Problem("give either aws:assumeRole or aws:assumeRoles", "aws:assumeRole"))
    try:
        found = Aws.model_validate(given)
    except ValidationError as error:
        names = accepted(AssumedRole)  # only a role refuses unknown fields
        for e in error.errors(include_url=False):
            name, *inner = path_of(e)
            problems.append(Problem(text_of(e, names), path_name((f"aws:{name}", *inner))))
    if problems:
        raise InvalidConfiguration(problems)
    return found.connection()
