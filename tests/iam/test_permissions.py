"""Each method of the gateway declares the permission it needs; here it is compared with what is really asked."""

import inspect
from collections.abc import Callable

import boto3
import pytest

from keyswitch.access_key.model import Status
from keyswitch.iam.gateway import PERMISSIONS, Gateway
from keyswitch.sandbox.server import Sandbox

KEY = "AKIAIOSFODNN7EXAMPLE"
CALLS: dict[str, Callable[[Gateway], object]] = {
    "caller": lambda gateway: gateway.caller(),
    "access_keys": lambda gateway: gateway.access_keys("Bob"),
    "last_used": lambda gateway: gateway.last_used(KEY),
    "set_status": lambda gateway: gateway.set_status(KEY, Status.INACTIVE, "Bob"),
    "quarantined": lambda gateway: gateway.quarantined(),
}


def test_every_method_declares_its_permission() -> None:
    """The table has each public method of the gateway, and nothing else."""
    methods = {name for name, _ in inspect.getmembers(Gateway, inspect.isfunction) if not name.startswith("_")}
    assert PERMISSIONS.keys() == methods == CALLS.keys()


@pytest.mark.parametrize("method", CALLS)
def test_a_method_asks_for_what_it_declares(gateway: Gateway, sandbox: Sandbox, method: str) -> None:
    """One call is one action, a declared one, once."""
    if method != "caller":
        gateway.caller()
        sandbox.journal.clear()
    CALLS[method](gateway)
    assert [f"{'sts' if r.action == 'GetCallerIdentity' else 'iam'}:{r.action}" for r in sandbox.journal] == [
        PERMISSIONS[method][0]
    ]


def test_a_quarantine_asks_for_both_that_it_declares(gateway: Gateway, sandbox: Sandbox) -> None:
    """Which of AWS's policies are attached, and to whom a quarantine is."""
    policy = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"
    boto3.client("iam", region_name="us-east-1").attach_user_policy(UserName="alice", PolicyArn=policy)
    sandbox.journal.clear()
    gateway.quarantined()
    assert tuple(f"iam:{request.action}" for request in sandbox.journal) == PERMISSIONS["quarantined"]


def test_no_permission_creates_deletes_or_reads_a_secret() -> None:
    """The whole of it is five actions of IAM, one of which writes, and the one of STS that everybody has."""
    assert {permission for permissions in PERMISSIONS.values() for permission in permissions} == {
        "iam:ListAccessKeys",
        "iam:GetAccessKeyLastUsed",
        "iam:ListPolicies",
        "iam:ListEntitiesForPolicy",
        "iam:UpdateAccessKey",
        "sts:GetCallerIdentity",
    }
