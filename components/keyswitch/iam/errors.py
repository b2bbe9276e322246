"""Turns what botocore raises into the errors of keyswitch: one table, one context manager.

The texts of AWS are never parsed: their tails differ between services and years. What AWS said is quoted.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from keyswitch.access_key.errors import (
    AccessDenied,
    CredentialsRefused,
    IamUnavailable,
    InvalidParameter,
    KeyswitchError,
    LimitExceeded,
    Throttled,
)

_SIGN_IN_AGAIN = "Sign in again, or choose other credentials (AWS_PROFILE, aws:profile), then repeat"
_REPEAT = "Nothing is lost: repeat the run, it continues where it stopped"

_Make = Callable[[str, str, str], KeyswitchError]


def _unusable_credentials(action: str, subject: str, said: str) -> KeyswitchError:
    return CredentialsRefused(f"AWS does not accept the credentials for {action} {subject}: {said}", _SIGN_IN_AGAIN)


def _denied(action: str, subject: str, said: str) -> KeyswitchError:
    return AccessDenied(
        f"{action} {subject} was denied: {said}",
        f"Grant {action} to the identity named there",
        action=action,
    )


def _invalid(action: str, subject: str, said: str) -> KeyswitchError:
    return InvalidParameter(f"{action} {subject}: {said}", "Correct the value in the configuration")


def _throttled(action: str, subject: str, said: str) -> KeyswitchError:
    return Throttled(f"{action} {subject} was throttled after all retries: {said}", _REPEAT)


def _limit(action: str, subject: str, said: str) -> KeyswitchError:
    return LimitExceeded(f"{action} {subject}: {said}", "Raise the quota or remove what is not needed, then repeat")


def _failure(action: str, subject: str, said: str) -> KeyswitchError:
    return IamUnavailable(f"{action} {subject} failed at AWS: {said}", _REPEAT)


CODES: dict[str, _Make] = {
    "AccessDenied": _denied,
    "AccessDeniedException": _denied,
    "UnauthorizedOperation": _denied,
    "OptInRequired": _denied,
    "ExpiredToken": _unusable_credentials,
    "ExpiredTokenException": _unusable_credentials,
    "RequestExpired": _unusable_credentials,
    "InvalidClientTokenId": _unusable_credentials,
    "UnrecognizedClientException": _unusable_credentials,
    "SignatureDoesNotMatch": _unusable_credentials,
    "IncompleteSignature": _unusable_credentials,
    "MissingAuthenticationToken": _unusable_credentials,
    "NotAuthorized": _denied,
    "MalformedPolicyDocument": _invalid,
    "PackedPolicyTooLarge": _invalid,
    "RegionDisabledException": _invalid,
    "InvalidInput": _invalid,
    "InvalidInputException": _invalid,
    "ValidationError": _invalid,
    "LimitExceeded": _limit,
    "Throttling": _throttled,
    "ThrottlingException": _throttled,
    "RequestLimitExceeded": _throttled,
    "TooManyRequestsException": _throttled,
    "ServiceFailure": _failure,
    "InternalFailure": _failure,
    "InternalError": _failure,
    "ServiceUnavailable": _failure,
    "RequestTimeout": _failure,
    "RequestTimeoutException": _failure,
}
"""Error codes of IAM, of STS and of all services, by
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the service models of botocore.
NoSuchEntity is missing on purpose: only the gateway knows which entity it means."""

THROTTLING = frozenset(code for code, make in CODES.items() if make is _throttled)
"""The error codes by which AWS asks to slow down."""

_CREDENTIALS = (
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.CredentialRetrievalError,
    botocore_errors.ProfileNotFound,
    botocore_errors.ConfigNotFound,
    botocore_errors.ConfigParseError,
    botocore_errors.InvalidConfigError,
    botocore_errors.InfiniteLoopConfigError,
    botocore_errors.MetadataRetrievalError,
    botocore_errors.SSOError,
    botocore_errors.TokenRetrievalError,
    botocore_errors.RefreshWithMFAUnsupportedError,
    botocore_errors.UnknownCredentialError,
)


@contextmanager
def translated(action: str, subject: str) -> Iterator[None]:
    """Map whatever botocore raises inside.

    Args:
        action: the IAM permission that the call needs, such as `iam:UpdateAccessKey`.
        subject: what it is about, put behind the action: `of user bob`.

    Raises:
        KeyswitchError: by the table above. An unknown error code passes through untouched: it is a bug
            here if it can happen. So does NoSuchEntity.
    """
    try:
        yield
    except ClientError as error:
        answer = error.response.get("Error", {})
        said = f"{answer.get('Message') or 'no message'} ({answer.get('Code')})"
        make = CODES.get(answer.get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if make is None and status >= 500:
            make = _failure
        if make is None:
            raise
        raise make(action, subject, said) from None
    except botocore_errors.ParamValidationError as error:
        raise _invalid(action, subject, _said(error)) from None
    except _CREDENTIALS as error:
        raise IamUnavailable(f"There are no usable AWS credentials: {_said(error)}", _SIGN_IN_AGAIN) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise IamUnavailable(f"AWS could not be reached for {action} {subject}: {_said(error)}", _REPEAT) from None


def _said(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")  # some of botocore's go over several lines


def code(error: ClientError) -> str:
    """The error code of an answer, such as `NoSuchEntity`."""
    return error.response.get("Error", {}).get("Code", "")
