"""keyswitch itself against the keys of root: only root sees them, and root names no user."""

from collections.abc import Iterator

import pytest

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import WrongOwner
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName, GuardPolicy
from keyswitch.iam.connection import Connection
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE
from keyswitch.sandbox.server import Sandbox
from keyswitch.switching.execution import execute_all
from keyswitch.switching.plan import plan
from tests.support.sandbox_client import ALICE, BOB, ROOT, ROOT_INACTIVE, ROOT_KEYS


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The example with two keys of root, and the environment that leads to it."""
    with Sandbox([*EXAMPLE, *ROOT_KEYS]) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        yield sandbox


def as_root(monkeypatch: pytest.MonkeyPatch, access_key_id: str = ROOT) -> Gateway:
    """A gateway for root, whose credentials are in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key_id)
    return Gateway(connect(Connection()))


def test_root_switches_its_own_key(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planned, executed, read back; planned again there is nothing to do; no request names a user."""
    gateway = as_root(monkeypatch)
    wanted = [Desired(ROOT_INACTIVE, status=Status.ACTIVE, root=True)]
    planned = plan(gateway, wanted, ACCOUNT, GuardPolicy())
    assert planned.errors == ()
    assert planned.caller.is_root
    (outcome,) = execute_all(gateway, planned.changes)
    assert outcome.error is None
    assert outcome.after is not None
    assert (outcome.after.status, outcome.after.user_name) == ("Active", None)
    assert account.statuses()[ROOT_INACTIVE] == "Active"
    assert plan(gateway, wanted, ACCOUNT, GuardPolicy()).writes == ()
    assert account.actions()["UpdateAccessKey"] == 1
    assert [r.parameters for r in account.journal if "UserName" in r.parameters] == []


def test_root_switches_its_key_off(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its other key in the environment root deactivates a key, and that key signs no more."""
    account.set_status(ROOT_INACTIVE, "Active")
    gateway = as_root(monkeypatch)
    planned = plan(gateway, [Desired(ROOT_INACTIVE, status=Status.INACTIVE, root=True)], ACCOUNT, GuardPolicy())
    assert planned.errors == ()
    (outcome,) = execute_all(gateway, planned.changes)
    assert outcome.error is None
    assert account.statuses()[ROOT_INACTIVE] == "Inactive"
    assert account.statuses()[ROOT] == "Active"


def test_root_does_not_cut_off_itself(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that signs is guarded, root's as anybody's: the plan is refused, and says which guard."""
    wanted = [Desired(ROOT, status=Status.INACTIVE, root=True)]
    planned = plan(as_root(monkeypatch), wanted, ACCOUNT, GuardPolicy())
    (error,) = planned.errors
    assert GuardName.OWN_CREDENTIALS.value in str(error)
    assert account.statuses()[ROOT] == "Active"


def test_root_and_users_in_one_plan(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may switch the keys of users in the same run; theirs are named, its own are not."""
    gateway = as_root(monkeypatch)
    wanted = [
        Desired(ROOT_INACTIVE, status=Status.ACTIVE, root=True),
        Desired(BOB, "Bob", Status.INACTIVE),
        Desired(ALICE, status=Status.ACTIVE),
    ]
    planned = plan(gateway, wanted, ACCOUNT, GuardPolicy())
    assert planned.errors == ()
    assert [outcome.error for outcome in execute_all(gateway, planned.changes)] == [None, None]
    assert account.statuses()[ROOT_INACTIVE] == "Active"
    assert account.statuses()[BOB] == "Inactive"
    named = [r.parameters.get("UserName") for r in account.journal if r.action == "UpdateAccessKey"]
    assert sorted(named, key=str) == ["Bob", None]


def test_a_user_cannot_switch_roots_key(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a user's credentials it is refused before anything is written, and says who signs."""
    gateway = as_root(monkeypatch, ALICE)
    planned = plan(gateway, [Desired(ROOT_INACTIVE, status=Status.ACTIVE, root=True)], ACCOUNT, GuardPolicy())
    (error,) = planned.errors
    assert isinstance(error, WrongOwner)
    assert "user/alice signs" in str(error)
    assert planned.writes == ()
    assert account.actions()["UpdateAccessKey"] == 0


def test_a_key_of_root_that_is_not_declared_so(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `root` it is not switched, though root signs: the remedy is in the message."""
    planned = plan(as_root(monkeypatch), [Desired(ROOT_INACTIVE, status=Status.ACTIVE)], ACCOUNT, GuardPolicy())
    assert planned.writes == ()
    assert planned.errors != ()
    assert account.statuses()[ROOT_INACTIVE] == "Inactive"


def test_a_users_key_declared_as_roots(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's key is not among root's: not found, nothing is written."""
    planned = plan(as_root(monkeypatch), [Desired(BOB, status=Status.INACTIVE, root=True)], ACCOUNT, GuardPolicy())
    assert len(planned.errors) == 1
    assert planned.writes == ()
    assert account.statuses()[BOB] == "Active"
