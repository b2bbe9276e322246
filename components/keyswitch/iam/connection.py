"""How to reach AWS: whose credentials, which roles, which endpoints. Plain data; needs no library.

`configuration/aws.py` makes it from the settings of a stack, `iam/session.py` connects with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keyswitch.iam.pace import CEILING

CONCURRENCY = 48
"""How many requests are under way at once, at most; how many a second, the pace says."""


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
        cloudtrail_endpoint: instead of AWS's own.
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
    cloudtrail_endpoint: str | None = None
    use_fips: bool = False
    use_dualstack: bool = False
    dependences: tuple[Dependence, ...] = ()
    calls_per_second: float = CEILING
