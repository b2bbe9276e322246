"""The error codes of AWS's answers: which error of keyswitch each becomes, and what to do about it.

AWS's text is quoted, never taken apart. Only which advice fits is read from it: a grant mends no explicit deny, and a
new sign-in mends no clock.
"""

from collections.abc import Callable

from keyswitch.access_key.errors import (
    AccessDenied,
    CredentialsRefused,
    IamUnavailable,
    InvalidParameter,
    KeyswitchError,
    LimitExceeded,
    RequestRefused,
    Throttled,
)

SIGN_IN_AGAIN = "Sign in again, or choose other credentials (AWS_PROFILE, aws:profile), then repeat"
REPEAT = "Nothing is lost: repeat the run, it continues where it stopped"

UNREADABLE = "UnreadableAnswer"
"""Stands for the error code of an answer that is not AWS's, or not whole (see `sdk.py`)."""

Make = Callable[[str, str, str], KeyswitchError]
"""Makes an error from the action, what it was about, and what AWS said."""


class NoSuchEntity(KeyswitchError):
    """IAM does not know the user, the key or the policy: which of them, only the gateway can tell."""


class NoReport(KeyswitchError):
    """There is no credential report, or it is still being made. A new one ends that."""


_DENYING = (
    "service control policy",
    "resource control policy",
    "permissions boundary",
    "session policy",
    "VPC endpoint policy",
)
"""What may deny beside the identity's own policies, in AWS's words
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)."""

_CLOCK = ("Signature expired", "Signature not yet current")
"""What AWS says of a signature whose date is wrong."""


def _denied(action: str, subject: str, said: str) -> KeyswitchError:
    policy = next((kind for kind in _DENYING if kind in said), None)
    if "explicit deny" in said:
        advice = f"A grant does not help against an explicit deny: have the {policy or 'policy'} that denies it changed"
    elif policy:
        advice = f"A grant to the identity is not enough: have the {policy} allow {action}, too"
    elif action == "sts:AssumeRole":
        advice = f"Grant {action} to the identity named there, and have the role's trust policy allow it"
    else:
        advice = f"Grant {action} to the identity named there"
    return AccessDenied(f"{action} {subject} was denied: {said}", advice, action=action)


def _unusable_credentials(action: str, subject: str, said: str) -> KeyswitchError:
    return CredentialsRefused(f"AWS does not accept the credentials for {action} {subject}: {said}", SIGN_IN_AGAIN)


def _wrong_signature(action: str, subject: str, said: str) -> KeyswitchError:
    if any(text in said for text in _CLOCK):
        return _wrong_clock(action, subject, said)
    return CredentialsRefused(
        f"AWS does not accept the signature of {action} {subject}: {said}",
        "The secret access key does not belong to the access key ID: correct the pair, then repeat",
    )


def _wrong_clock(action: str, subject: str, said: str) -> KeyswitchError:
    return CredentialsRefused(
        f"AWS does not accept the time of {action} {subject}: {said}", "Set the clock of this machine, then repeat"
    )


def _damaged_signature(action: str, subject: str, said: str) -> KeyswitchError:
    return CredentialsRefused(
        f"AWS found no whole signature on {action} {subject}: {said}",
        "Look for spaces in the access key ID and for a proxy that removes headers, then repeat",
    )


def _refused_identity(action: str, subject: str, said: str) -> KeyswitchError:
    return CredentialsRefused(
        f"AWS does not accept the web identity for {action} {subject}: {said}",
        "Get a new token from the identity provider, and compare its issuer and audience with the role's trust policy",
    )


def _invalid(action: str, subject: str, said: str) -> KeyswitchError:
    return InvalidParameter(f"{action} {subject}: {said}", "Correct the value in the configuration")


def _disabled_region(action: str, subject: str, said: str) -> KeyswitchError:
    return InvalidParameter(
        f"{action} {subject}: {said}",
        "Choose another region (aws:region, AWS_REGION), or have STS activated in this one",
    )


def _throttled(action: str, subject: str, said: str) -> KeyswitchError:
    return Throttled(f"{action} {subject} was throttled after all retries: {said}", REPEAT)


def _limit(action: str, subject: str, said: str) -> KeyswitchError:
    return LimitExceeded(f"{action} {subject}: {said}", "Raise the quota or remove what is not needed, then repeat")


def _failure(action: str, subject: str, said: str) -> KeyswitchError:
    return IamUnavailable(f"{action} {subject} failed at AWS: {said}", REPEAT)


def _not_understood(action: str, subject: str, said: str) -> KeyswitchError:
    return RequestRefused(
        f"{action} {subject} was not understood: {said}",
        "Check whether aws:endpoints or AWS_ENDPOINT_URL lead elsewhere than to AWS",
    )


def _not_signed_up(action: str, subject: str, said: str) -> KeyswitchError:
    return RequestRefused(
        f"{action} {subject} was refused: {said}", "The account is not signed up for the service: ask its administrator"
    )


def _unreadable(action: str, subject: str, said: str) -> KeyswitchError:
    return IamUnavailable(
        f"{action} {subject} got no readable answer of AWS: {said}",
        "A proxy or a portal may have answered instead, or aws:endpoints or AWS_ENDPOINT_URL lead elsewhere; "
        "then repeat the run, it continues where it stopped",
    )


def _absent(action: str, subject: str, said: str) -> KeyswitchError:
    return NoSuchEntity(f"{action} {subject} found nothing: {said}", "Check the names and the account")


def _no_report(action: str, subject: str, said: str) -> KeyswitchError:
    return NoReport(f"{action} {subject} found no report: {said}", "Repeat the run in a minute")


def _unknown(action: str, subject: str, said: str) -> KeyswitchError:
    return RequestRefused(
        f"{action} {subject} was refused: {said}", "keyswitch does not know this error code of AWS: see what AWS says"
    )


_BY_ERROR: dict[Make, tuple[str, ...]] = {
    _denied: (
        "AccessDenied",
        "AccessDeniedException",
        "ForbiddenException",
        "NotAuthorized",
        "UnauthorizedOperation",
    ),
    _unusable_credentials: (
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnauthorizedException",
        "UnrecognizedClientException",
    ),
    _wrong_signature: ("InvalidSignatureException", "SignatureDoesNotMatch"),
    _wrong_clock: ("RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"),
    _damaged_signature: ("IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException"),
    _refused_identity: ("IDPRejectedClaim", "InvalidIdentityToken"),
    _invalid: (
        "InvalidInput",
        "InvalidInputException",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "MalformedPolicyDocument",
        "PackedPolicyTooLarge",
        "ValidationError",
    ),
    _disabled_region: ("RegionDisabledException",),
    _limit: ("LimitExceeded",),
    _throttled: (
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ),
    _failure: (
        "IDPCommunicationError",
        "InternalError",
        "InternalFailure",
        "RequestAbortedException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceFailure",
        "ServiceUnavailable",
    ),
    _not_understood: (
        "InvalidAction",
        "InvalidQueryParameter",
        "MalformedHttpRequestException",
        "MalformedQueryString",
        "MissingAction",
        "MissingParameter",
        "RequestEntityTooLargeException",
        "UnknownOperationException",
    ),
    _not_signed_up: ("OptInRequired",),
    _absent: ("NoSuchEntity",),
    _no_report: ("ReportExpired", "ReportInProgress", "ReportNotPresent"),
    _unreadable: (UNREADABLE,),
}

CODES: dict[str, Make] = {code: make for make, codes in _BY_ERROR.items() for code in codes}
"""Error codes of IAM, of STS and of all services, by
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the service models of botocore."""

THROTTLING = frozenset(_BY_ERROR[_throttled])
"""The error codes by which AWS asks to slow down."""


def error_of(code: str, http_status: int) -> Make:
    """What makes the error of an answer; an unknown code keeps AWS's words, and 5xx is an outage in any case."""
    return CODES.get(code) or (_failure if http_status >= 500 else _unknown)
