"""Decides whether the conditions of a policy's statement are met. Every key has one value.

(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html)
"""

import fnmatch
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

_COMPARISONS = {
    "Equals": eq,
    "LessThan": lt,
    "LessThanEquals": le,
    "GreaterThan": gt,
    "GreaterThanEquals": ge,
}


def are_met(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """Whether every condition is met: one of its values fits, for a negated operator none.

    Raises:
        ValueError: an operator is not known.
    """
    return all(
        _is_met(operator, context.get(key.lower()), wanted if isinstance(wanted, list) else [wanted])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _is_met(operator: str, value: str | None, wanted: list[Any]) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if name == "Null":
        return any(str(each).lower() == str(value is None).lower() for each in wanted)
    if value is None and (name.endswith("IfExists") or quantifier == "ForAllValues"):
        return True
    name = name.removesuffix("IfExists")
    is_negated = "Not" in name
    fits = _operator(name.replace("Not", ""))
    if value is None:
        return is_negated
    return any(fits(value, str(each)) for each in wanted) is not is_negated


def _operator(name: str) -> Callable[[str, str], bool]:
    """Return what compares a value with a wanted one."""
    if name in ("StringEquals", "BinaryEquals"):
        return eq
    if name == "StringEqualsIgnoreCase":
        return lambda value, wanted: value.lower() == wanted.lower()
    if name in ("StringLike", "ArnEquals", "ArnLike"):
        return _is_like
    if name == "Bool":
        return lambda value, wanted: value.lower() == wanted.lower()
    if name == "IpAddress":
        return lambda value, wanted: ip_address(value) in ip_network(wanted, strict=False)
    for kind, read in (("Numeric", float), ("Date", _date)):
        if (compare := _COMPARISONS.get(name.removeprefix(kind))) and name.startswith(kind):
            return lambda value, wanted: bool(compare(read(value), read(wanted)))
    raise ValueError(f"the sandbox does not know the operator {name}")


def _is_like(value: str, wanted: str) -> bool:
    """Whether a value fits a pattern; brackets stand for themselves."""
    return re.fullmatch(fnmatch.translate(wanted.replace("[", "[[]")), value) is not None


def _date(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), timezone.utc)
    date = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
