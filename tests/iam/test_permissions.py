"""Each method of the gateway declares the permission it needs; here it is compared with what is really asked."""

import inspect
from collections.abc import Callable

import pytest

from keyswitch.access_key.model import Status
from keyswitch.iam.gateway import PERMISSIONS, Gateway
from keyswitch.sandbox.server import Sandbox

KEY = "AKIAIOSFODNN7EXAMPLE"
CALLS: dict[str, Callable[[Gateway], object]] = {
    "caller": lambda gateway: gateway.caller(),
    "access_keys": lambda gateway: gateway.access_keys("Bob"),
    "last_used": lambda gateway: gateway.last_used(KEY),
    "owner": lambda gateway: gateway.owner(KEY),
    "set_status": lambda gateway: gateway.set_status(KEY, Status.INACTIVE, "Bob"),
    "quarantined": lambda gateway: gateway.quarantined(),
}


def test_every_method_declares_its_permission() -> None:
    """The table has each public method of the gateway, and nothing else."""
    methods = {name for name, _ in inspect.getmembers(Gateway, inspect.isfunction) if not name.startswith("_")}
    assert PERMISSIONS.keys() == methods == CALLS.keys()


@pytest.mark.parametrize("method", CALLS)
def test_a_method_asks_for_what_it_declares(gateway: Gateway, sandbox: Sandbox, method: str) -> None:
    """One call is one action, the declared one, once; a quarantine has three policies, so it asks three times."""
    if method != "caller":
        gateway.caller()
        sandbox.journal.clear()
    CALLS[method](gateway)
    ((action, times),) = sandbox.actions().items()
    service = "sts" if action == "GetCallerIdentity" else "iam"
    assert f"{service}:{action}" == PERMISSIONS[method]
    assert times == (3 if method == "quarantined" else 1)


def test_no_permission_creates_deletes_or_reads_a_secret() -> None:
    """The whole of it is four actions of IAM, one of which writes, and the one of STS that everybody has."""
    assert set(PERMISSIONS.values()) == {
        "iam:ListAccessKeys",
        "iam:GetAccessKeyLastUsed",
        "iam:ListEntitiesForPolicy",
        "iam:UpdateAccessKey",
        "sts:GetCallerIdentity",
    }
