"""Evaluates policies for one request, as AWS documents it. Knows neither accounts nor requests.

moto's own evaluator is not used: it leaves the path out of a user's ARN, takes a condition that is not met for a
denial, and takes no tags of resources into account.
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from keyswitch.sandbox.conditions import are_met


class Verdict(Enum):
    """What policies say of a request."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not allowed"
    DENIED = "denied"


@dataclass(frozen=True)
class Asked:
    """What is to be decided.

    Attributes:
        action: such as `iam:UpdateAccessKey`.
        resource: its ARN; `*` for an action that has no resource.
        context: the keys for conditions and variables, in lower case.
        principals: for trust policies, by kind (`AWS`, `Federated`): all names of who asks.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    principals: Mapping[str, frozenset[str]] = field(default_factory=dict)


def evaluate(documents: Iterable[Mapping[str, Any]], asked: Asked) -> Verdict:
    """Decide by policies together: a denial wins, and what no statement allows is not allowed."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in as_list(document["Statement"])
        if _applies(statement, asked)
    }
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if "Allow" in effects else Verdict.NOT_ALLOWED


def as_list(value: Any) -> list[Any]:  # noqa: ANN401  (JSON)
    """Return a list as it is and anything else as its only item, as policies are written."""
    return value if isinstance(value, list) else [value]


def _applies(statement: Mapping[str, Any], asked: Asked) -> bool:
    return (
        _concerns(statement, "Action", asked.action, asked.context, re.IGNORECASE)
        and _concerns(statement, "Resource", asked.resource, asked.context)
        and ("Principal" not in statement or _is_principal(statement["Principal"], asked.principals))
        and are_met(statement.get("Condition", {}), asked.context)
    )


def _concerns(
    statement: Mapping[str, Any], element: str, value: str, context: Mapping[str, str], flags: int = 0
) -> bool:
    """Whether an element, or its negation, matches; trust policies have no resources."""
    if f"Not{element}" in statement:
        return not any(matches(each, value, context, flags) for each in as_list(statement[f"Not{element}"]))
    return element not in statement or any(matches(each, value, context, flags) for each in as_list(statement[element]))


def _is_principal(given: Any, principals: Mapping[str, frozenset[str]]) -> bool:  # noqa: ANN401
    if given == "*":
        return True
    return any(
        name == "*" or name in principals.get(kind, frozenset())
        for kind, names in given.items()
        for name in as_list(names)
    )


_PARTS = re.compile(r"\$\{([^}]*)\}|[*?]")


def matches(pattern: str, value: str, context: Mapping[str, str], flags: int = 0) -> bool:
    """Whether a value fits a pattern with `*`, `?` and variables; one whose variable has no value fits nothing."""
    expression, end = "", 0
    for part in _PARTS.finditer(pattern):
        expression += re.escape(pattern[end : part.start()])
        end = part.end()
        if part[1] is None:
            expression += ".*" if part[0] == "*" else "."
        elif part[1] in ("*", "?", "$"):
            expression += re.escape(part[1])
        elif part[1].lower() in context:
            expression += re.escape(context[part[1].lower()])
        else:
            return False
    return re.fullmatch(expression + re.escape(pattern[end:]), value, flags | re.DOTALL) is not None
