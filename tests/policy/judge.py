"""Judges cases by the rules of the pack. Runs in the pack's environment: cases come on stdin, messages go to stdout.

Properties reach a rule as the engine passes them, with unknown values that raise when a rule reads them.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "policy"))

from pulumi_policy import PolicyResource, ResourceValidationArgs, ResourceValidationPolicy, StackValidationArgs
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from rules import RULES

BY_NAME = {rule.name: rule for rule in RULES}
OPTIONS: Any = None  # no rule looks at the options of a resource


def known_as(props: dict[str, Any]) -> Any:
    """The properties, where `?` stands for a value that a preview does not know."""
    return unknown_checking_proxy({n: UNKNOWN_STRING_VALUE if v == "?" else v for n, v in props.items()})


def judged(case: dict[str, Any]) -> list[str]:
    """What a rule says of a case; `unknown` if it reads a value that is not known."""
    rule, said = BY_NAME[case["rule"]], []
    schema = rule.config_schema.properties if rule.config_schema else {}
    config = {**{name: one["default"] for name, one in schema.items()}, **case["config"]}

    def report(message: str, urn: str | None = None) -> None:
        said.append(f"{urn.rpartition('::')[2]}: {message}" if urn else message)

    made = [
        PolicyResource(each["type"], known_as(each["props"]), f"urn::{n}", str(n), OPTIONS, None, None, [], {})
        for n, each in enumerate(case["resources"])
    ]
    for resource, each in zip(made, case["resources"], strict=True):
        resource.property_dependencies = {n: [made[i] for i in of] for n, of in each.get("from", {}).items()}
    try:
        if isinstance(rule, ResourceValidationPolicy):
            for each in made:
                rule.validate(
                    ResourceValidationArgs(each.resource_type, each.props, "", each.name, OPTIONS, None, config), report
                )
        else:
            rule.validate(StackValidationArgs(made, config), report)
    except UnknownValueError:
        return ["unknown"]
    return said


def described() -> dict[str, Any]:
    """What the pack says of its rules."""
    return {
        rule.name: {
            "level": rule.enforcement_level.value if rule.enforcement_level else None,
            "severity": rule.severity.value if rule.severity else None,
            "control": [rule.framework.version, rule.framework.reference] if rule.framework else None,
            "tags": list(rule.tags or ()),
            "settings": sorted(rule.config_schema.properties) if rule.config_schema else [],
        }
        for rule in RULES
    }


if __name__ == "__main__":
    json.dump({"judged": [judged(case) for case in json.load(sys.stdin)], "rules": described()}, sys.stdout)
