"""Each method of the gateway declares the permission it needs; here it is compared with what is really asked."""

import inspect
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import boto3
import pytest

from keyswitch.access_key.model import Status
from keyswitch.iam.connection import Connection
from keyswitch.iam.directory import Directory
from keyswitch.iam.permissions import PERMISSIONS
from keyswitch.iam.session import connect
from keyswitch.sandbox.server import Sandbox

KEY = "AKIAIOSFODNN7EXAMPLE"
CALLS: dict[str, Callable[[Directory], object]] = {
    "caller": lambda gateway: gateway.caller(),
    "access_keys": lambda gateway: gateway.access_keys("Bob"),
    "last_used": lambda gateway: gateway.last_used(KEY),
    "set_status": lambda gateway: gateway.set_status(KEY, Status.INACTIVE, "Bob"),
    "quarantined": lambda gateway: gateway.quarantined(),
    "users": lambda gateway: gateway.users(),
    "user": lambda gateway: gateway.user("Bob"),
    "tags": lambda gateway: gateway.tags("Bob"),
    "root_has_keys": lambda gateway: gateway.root_has_keys(),
    "credential_report": lambda gateway: gateway.credential_report(),
    "trail": lambda gateway: gateway.trail(datetime.now(timezone.utc)),
}
SERVICES = {"GetCallerIdentity": "sts", "LookupEvents": "cloudtrail"}


@pytest.fixture
def directory(sandbox: Sandbox) -> Directory:
    """A directory for which the sandbox's clock advances instead of its waiting."""
    return Directory(connect(Connection()), lambda _: sandbox.world.clock.advance(timedelta(seconds=5)))


def test_every_method_declares_its_permission() -> None:
    """The table has each public method of the gateway, and nothing else."""
    methods = {name for name, _ in inspect.getmembers(Directory, inspect.isfunction) if not name.startswith("_")}
    assert PERMISSIONS.keys() == methods == CALLS.keys()


@pytest.mark.parametrize("method", CALLS)
def test_a_method_asks_for_what_it_declares(directory: Directory, sandbox: Sandbox, method: str) -> None:
    """Each call is a declared one. Only the second of the quarantine depends on the answer to the first."""
    if method != "caller":
        directory.caller()
        sandbox.journal.clear()
    CALLS[method](directory)
    asked = [f"{SERVICES.get(r.action, 'iam')}:{r.action}" for r in sandbox.journal]
    assert tuple(dict.fromkeys(asked)) == PERMISSIONS[method][: 1 if method == "quarantined" else None]


def test_a_quarantine_asks_for_both_that_it_declares(directory: Directory, sandbox: Sandbox) -> None:
    """Which of AWS's policies are attached, and to whom a quarantine is."""
    policy = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"
    boto3.client("iam", region_name="us-east-1").attach_user_policy(UserName="alice", PolicyArn=policy)
    sandbox.journal.clear()
    directory.quarantined()
    assert tuple(f"iam:{request.action}" for request in sandbox.journal) == PERMISSIONS["quarantined"]


def test_no_permission_creates_deletes_or_reads_a_secret() -> None:
    """Of all actions only one writes, and the report is the only thing that is made."""
    assert {permission for permissions in PERMISSIONS.values() for permission in permissions} == {
        "iam:ListAccessKeys",
        "iam:GetAccessKeyLastUsed",
        "iam:ListPolicies",
        "iam:ListEntitiesForPolicy",
        "iam:UpdateAccessKey",
        "iam:ListUsers",
        "iam:GetUser",
        "iam:ListUserTags",
        "iam:GetAccountSummary",
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
        "cloudtrail:LookupEvents",
        "sts:GetCallerIdentity",
    }
