"""The constraints of the operations' parameters, with AWS's own words for each violation, all in one message."""

import re
from collections.abc import Callable, Mapping

from keyswitch.sandbox.wire import Refusal

_Check = Callable[[str], str | None]


def _length(least: int, most: int) -> _Check:
    def check(value: str) -> str | None:
        if len(value) < least:
            return f"Member must have length greater than or equal to {least}"
        return f"Member must have length less than or equal to {most}" if len(value) > most else None

    return check


def _pattern(pattern: str) -> _Check:
    def check(value: str) -> str | None:
        matches = re.fullmatch(pattern, value, re.ASCII)
        return None if matches or not value else f"Member must satisfy regular expression pattern: {pattern}"

    return check


def _one_of(*accepted: str) -> _Check:
    return lambda value: None if value in accepted else f"Member must satisfy enum value set: [{', '.join(accepted)}]"


def _between(least: int, most: int) -> _Check:
    def check(value: str) -> str | None:
        number = int(value) if re.fullmatch(r"-?[0-9]+", value) else 0
        if number < least:
            return f"Member must have value greater than or equal to {least}"
        return f"Member must have value less than or equal to {most}" if number > most else None

    return check


_ACCESS_KEY_ID = (_length(16, 128), _pattern(r"[\w]+"))
_USER_NAME = (_length(1, 128), _pattern(r"[\w+=,.@-]+"))
_PAGE = {"MaxItems": (_between(1, 1000),), "Marker": (_length(1, 320),)}

_PARAMETERS: Mapping[str, Mapping[str, tuple[_Check, ...]]] = {
    "UpdateAccessKey": {
        "AccessKeyId": _ACCESS_KEY_ID,
        "Status": (_one_of("Active", "Inactive"),),
        "UserName": _USER_NAME,
    },
    "ListAccessKeys": {"UserName": _USER_NAME, **_PAGE},
    "GetAccessKeyLastUsed": {"AccessKeyId": _ACCESS_KEY_ID},
    "GetAccessKeyInfo": {"AccessKeyId": _ACCESS_KEY_ID},
    "CreateAccessKey": {"UserName": _USER_NAME},
    "DeleteAccessKey": {"AccessKeyId": _ACCESS_KEY_ID, "UserName": _USER_NAME},
    "DeleteUser": {"UserName": _USER_NAME},
    "AssumeRole": {
        "RoleArn": (_length(20, 2048), _pattern(r"arn:[\w-]+:iam::[0-9]{12}:role/\S+")),
        "RoleSessionName": (_length(2, 64), _pattern(r"[\w+=,.@-]*")),
        "DurationSeconds": (_between(900, 43200),),
    },
    "GetSessionToken": {"DurationSeconds": (_between(900, 129600),)},
    "GetFederationToken": {"Name": (_length(2, 32),), "DurationSeconds": (_between(900, 129600),)},
}
_REQUIRED = {
    "UpdateAccessKey": ("AccessKeyId", "Status"),
    "GetAccessKeyLastUsed": ("AccessKeyId",),
    "GetAccessKeyInfo": ("AccessKeyId",),
    "DeleteAccessKey": ("AccessKeyId",),
    "AssumeRole": ("RoleArn", "RoleSessionName"),
    "GetFederationToken": ("Name",),
}


def validate(action: str, given: Mapping[str, str]) -> None:
    """Check the parameters of an operation.

    Raises:
        Refusal: ValidationError, with every violation.
    """
    violations = []
    for name, checks in _PARAMETERS.get(action, {}).items():
        member = name[0].lower() + name[1:]
        if name not in given:
            if name in _REQUIRED.get(action, ()):
                violations.append(f"Value null at '{member}' failed to satisfy constraint: Member must not be null")
            continue
        value = given[name]
        violations += [
            f"Value '{value}' at '{member}' failed to satisfy constraint: {words}"
            for check in checks
            if (words := check(value))
        ]
    if violations:
        errors = "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
        raise Refusal("ValidationError", 400, f"{errors} detected: {'; '.join(violations)}")
