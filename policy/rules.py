"""The rules of the pack. Each judges one thing; docs/policy.md describes them."""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

import cis
import facts
from facts import Properties, known, named, owner

Say = Callable[[str], None]


def _of_each_key(judge: Callable[[Properties, Mapping[str, Any], Say], None]) -> Any:  # noqa: ANN401  (see below)
    """Make the function that judges resources of one that judges the properties of an `AccessKeyStatus`."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in facts.ACCESS_KEY_STATUS:
            judge(args.props, args.get_config(), report)

    return validate


def _reason(props: Properties, config: Mapping[str, Any], say: Say) -> None:
    reason = str(props.get("reason") or "")
    if not props.get("status"):
        return
    if not reason:
        say(f"{named(props)} has no reason: write why it is to be {props['status']}")
    elif not re.search(config["pattern"], reason):
        say(f"the reason of {named(props)} does not match {config['pattern']}")


def _root(props: Properties, _config: Mapping[str, Any], say: Say) -> None:
    if props.get("root") and props.get("status") != "Inactive":
        say(f"{named(props)} is a key of the root user: write status: Inactive, and delete the key when nothing fails")


def _age(props: Properties, config: Mapping[str, Any], say: Say) -> None:
    created = facts.created(props)
    if props.get("status") != "Active" or created is None:
        return
    days, most, until = (facts.today() - created).days, int(config["days"]), facts.until(props)
    if days <= most or (until and until >= facts.today()):
        return
    ended = f"; its exemption ended on {until}" if until else ""
    say(
        f"{named(props)} is {days} days old, and older than {most} days{ended}: rotate it, or write into its reason "
        "until when it may stay (until 2027-03-31)"
    )


def _exemption(props: Properties, config: Mapping[str, Any], say: Say) -> None:
    allow = props.get("allow") or ()
    if not allow:
        return
    until, today = facts.until(props), facts.today()
    what = f"the exemption of {named(props)} (allow: {', '.join(allow)})"
    if until is None:
        say(f"{what} has no end: write into its reason until when it holds (until 2027-03-31)")
    elif until < today:
        say(f"{what} ended on {until}: remove allow, or agree on another day")
    elif (until - today).days > int(config["days"]):
        say(f"{what} ends on {until}: the latest is {int(config['days'])} days from now")


def _protected(props: Properties, config: Mapping[str, Any], say: Say) -> None:
    patterns = list(config["owners"])
    cuts_off = props.get("status") == "Inactive" or props.get("on_removal") == "deactivate"
    if not patterns or not cuts_off:
        return
    who = owner(props)
    if who is None:
        say(f"the owner of {named(props)} is not known: write userName, because some owners are protected")
    elif any(fnmatchcase(who, pattern) for pattern in patterns):
        say(f"{named(props)} belongs to a protected owner: no stack may deactivate it")


def _active_keys(args: StackValidationArgs, report: ReportViolation) -> None:
    most = int(args.get_config()["most"])
    active: dict[str, list[PolicyResource]] = {}
    for resource in args.resources:
        if resource.resource_type not in facts.ACCESS_KEY_STATUS or known(resource.props, "status") != "Active":
            continue
        who = facts.ROOT if known(resource.props, "root") else known(resource.props, "owner")
        if who := who or known(resource.props, "user_name"):
            active.setdefault(str(who), []).append(resource)
    for who, keys in active.items():
        if len(keys) > most:
            ids = ", ".join(sorted(str(known(key.props, "access_key_id")) for key in keys))
            report(f"{who} has {len(keys)} active keys, and more than {most}: {ids}", keys[-1].urn)


def _aws_access_keys(args: StackValidationArgs, report: ReportViolation) -> None:
    statuses = [each for each in args.resources if each.resource_type in facts.ACCESS_KEY_STATUS]
    governed = {source.urn for each in statuses for source in each.property_dependencies.get("access_key_id", ())}
    declared = {known(each.props, "access_key_id") for each in statuses} - {None}
    for resource in args.resources:
        if resource.resource_type != facts.AWS_ACCESS_KEY:
            continue
        if args.get_config()["mode"] == "forbidden":
            report("creates an access key, whose secret is then in the state: use a role", resource.urn)
        elif resource.urn not in governed and known(resource.props, "id") not in declared:
            report("creates an access key without an AccessKeyStatus that can switch it off", resource.urn)


def _number(description: str, default: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "default": default, "description": description}


RULES: tuple[Policy, ...] = (
    ResourceValidationPolicy(
        "reason-required",
        "A key whose status is declared has a reason.",
        _of_each_key(_reason),
        EnforcementLevel.MANDATORY,
        PolicyConfigSchema({"pattern": {"type": "string", "default": ".", "description": "What the reason matches."}}),
        severity=Severity.MEDIUM,
    ),
    ResourceValidationPolicy(
        "no-active-root-key",
        "A key of the root user is Inactive.",
        _of_each_key(_root),
        EnforcementLevel.MANDATORY,
        severity=Severity.CRITICAL,
        framework=cis.framework(cis.NO_ROOT_KEY),
        tags=cis.tags(cis.NO_ROOT_KEY),
    ),
    ResourceValidationPolicy(
        "key-age",
        "A key that is old is not Active, except until a day that its reason names.",
        _of_each_key(_age),
        EnforcementLevel.ADVISORY,
        PolicyConfigSchema({"days": _number("The greatest age in days.", 90)}),
        severity=Severity.HIGH,
        framework=cis.framework(cis.ROTATED),
        tags=cis.tags(cis.ROTATED),
    ),
    ResourceValidationPolicy(
        "exemption-ends",
        "An entry that may pass guards names the day until which it may.",
        _of_each_key(_exemption),
        EnforcementLevel.ADVISORY,
        PolicyConfigSchema({"days": _number("How many days from now an exemption may end at the latest.", 365)}),
        severity=Severity.MEDIUM,
    ),
    ResourceValidationPolicy(
        "protected-owners",
        "No key of a protected owner is deactivated.",
        _of_each_key(_protected),
        EnforcementLevel.MANDATORY,
        PolicyConfigSchema(
            {
                "owners": {
                    "type": "array",
                    "items": {"type": "string"},
                    "default": [],
                    "description": "User names, or patterns with * and ?. root is the root user.",
                }
            }
        ),
        severity=Severity.HIGH,
    ),
    StackValidationPolicy(
        "active-keys-per-user",
        "A user has few active keys.",
        _active_keys,
        EnforcementLevel.ADVISORY,
        PolicyConfigSchema({"most": _number("The greatest number of active keys.", 1)}),
        severity=Severity.MEDIUM,
        framework=cis.framework(cis.ONE_ACTIVE_KEY),
        tags=cis.tags(cis.ONE_ACTIVE_KEY),
    ),
    StackValidationPolicy(
        "aws-access-key",
        "An aws.iam.AccessKey is governed by an AccessKeyStatus, or forbidden.",
        _aws_access_keys,
        EnforcementLevel.MANDATORY,
        PolicyConfigSchema(
            {
                "mode": {
                    "type": "string",
                    "enum": ["beside", "forbidden"],
                    "default": "beside",
                    "description": "Whether it may stand beside an AccessKeyStatus, or is forbidden.",
                }
            }
        ),
        severity=Severity.HIGH,
    ),
)
