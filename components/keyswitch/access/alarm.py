"""The pattern of the events that raise the alarm: keys that anybody but the apply role makes, switches or deletes."""

from typing import Any

SESSION_PREFIX = "keyswitch-"
"""How the names of the sessions begin in which keyswitch's own pipeline uses the apply role."""

ACTIONS = ("CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey")
"""The actions that raise the alarm."""


def alarm_pattern(account_id: str, partition: str, apply_role: str) -> dict[str, Any]:
    """Return the EventBridge pattern of the alarm.

    Denied attempts match, too. `anything-but` matches no event that lacks the field, and the events of users and of
    root lack the role, so they have an alternative of their own.

    Args:
        account_id: 12 digits.
        partition: such as `aws`.
        apply_role: the name of the apply role, after its path if it has one (`ci/keyswitch-apply`).
    """
    role_arn = f"arn:{partition}:iam::{account_id}:role/{apply_role}"
    sessions = f"arn:{partition}:sts::{account_id}:assumed-role/{apply_role.rpartition('/')[2]}/{SESSION_PREFIX}"
    return {
        "source": ["aws.iam"],
        "detail-type": ["AWS API Call via CloudTrail", "Amazon API Call via CloudTrail"],  # the latter in China
        "detail": {
            "eventName": list(ACTIONS),
            "$or": [
                _signed_by({"exists": False}),
                _signed_by({"anything-but": [role_arn]}),
                _signed_by(role_arn, arn=[{"anything-but": {"prefix": sessions}}]),
            ],
        },
    }


def _signed_by(role: str | dict[str, Any], **identity: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the part of a pattern about who signed: the role of the session, and other fields of the identity."""
    return {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [role]}}, **identity}}
