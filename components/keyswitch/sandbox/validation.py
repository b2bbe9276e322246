"""Checks the parameters of every operation against AWS's models, with AWS's own words for each violation."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from botocore.model import Shape

from keyswitch.sandbox.model import parameters
from keyswitch.sandbox.wire import Refusal

_NAME = r"[\w+=,.@-]+"
_PATH = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"
_SAID_OTHERWISE = {
    _NAME: "It must contain only alphanumeric characters and/or the following: +=,.@_-",
    _PATH: "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
}
"""IAM's own words for violations of these patterns; it says them only where nothing else is wrong."""

_STATUSES = ("Active", "Inactive")
"""What may be asked for: the model's `Expired` is a status of service-specific credentials."""


def validate(service: str, action: str, given: Mapping[str, str]) -> None:
    """Check the parameters of an operation.

    Raises:
        Refusal: ValidationError, with every violation.
    """
    violations, said_otherwise = [], []
    shapes, required = parameters(service, action)
    for name, shape in shapes.items():
        member = name[0].lower() + name[1:]
        if name not in given:
            if name in required and not any(key.startswith(f"{name}.") for key in given):
                violations.append(f"Value null at '{member}' failed to satisfy constraint: Member must not be null")
            continue
        quoted = f" '{given[name]}'" if service == "sts" else ""  # IAM does not repeat the value
        for words in _violations(shape, given[name]):
            violations.append(f"Value{quoted} at '{member}' failed to satisfy constraint: {words}")
        if service == "iam" and given[name] and not _fits(shape, given[name]):
            own = _SAID_OTHERWISE.get(shape.metadata.get("pattern", ""))
            said_otherwise += [f"The specified value for {member} is invalid. {own}"] if own else []
    if violations:
        errors = "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
        raise Refusal("ValidationError", 400, f"{errors} detected: {'; '.join(violations)}")
    if said_otherwise:
        raise Refusal("ValidationError", 400, said_otherwise[0])


def _violations(shape: Shape, value: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in ("integer", "long"):
        measured, measure = int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else 0, "value"
    else:
        measured, measure = len(value), "length"
    if least is not None and measured < least:
        yield f"Member must have {measure} greater than or equal to {least}"
    if most is not None and measured > most:
        yield f"Member must have {measure} less than or equal to {most}"
    accepted = _STATUSES if shape.name == "statusType" else tuple(getattr(shape, "enum", ()))
    if accepted and value not in accepted:
        yield f"Member must satisfy enum value set: [{', '.join(accepted)}]"
    pattern = shape.metadata.get("pattern")
    if pattern and value and pattern not in _SAID_OTHERWISE and not _fits(shape, value):
        yield f"Member must satisfy regular expression pattern: {pattern}"


def _fits(shape: Shape, value: str) -> bool:
    pattern = _compiled(shape.metadata.get("pattern", ""))
    return pattern is None or pattern.fullmatch(value) is not None


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of Java's; None where there is none, or Python cannot read it."""
    try:
        return re.compile(pattern, re.ASCII) if pattern else None
    except re.error:
        return None
