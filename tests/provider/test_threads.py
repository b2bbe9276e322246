"""The provider process and many keys: many requests at once; AWS asked ahead of the writes, never for a preview."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from keyswitch.sandbox.faults import DELAY
from keyswitch.sandbox.seed import ACCOUNT, SeededKey
from keyswitch.sandbox.server import Fault, Sandbox
from keyswitch.switching.prefetch import AHEAD
from tests.support.provider_process import Host, Start
from tests.support.provider_states import SWITCHED
from tests.support.waiting import eventually

KEYS = [SeededKey(f"AKIATHREAD{n:08}EX", f"user-{n:03}") for n in range(3 * AHEAD)]


@pytest.fixture
def iam() -> Sandbox:
    """An account of many users with a key each."""
    return Sandbox(KEYS)


def switched_off(key: SeededKey, *ahead: SeededKey) -> dict[str, Any]:
    """The inputs of a key that is to be deactivated, as the program sends them; it names those that come later."""
    told = [[later.access_key_id, later.user_name, True] for later in ahead]
    return {
        "access_key_id": key.access_key_id,
        "user_name": key.user_name,
        "status": "Inactive",
        "on_removal": "leave",
        "reason": "OPS-1",
        "allow": ["lastActiveKey"],
        "observed": observed(key, told),
    }


def observed(key: SeededKey, ahead: object = (), status: str = "Active") -> str:
    """What the program saw, and which keys come later."""
    return json.dumps({"status": status, "owner": key.user_name, "account_id": ACCOUNT, "ahead": ahead})


def before(key: SeededKey) -> dict[str, Any]:
    """The outputs of a key that an earlier run has found Active."""
    wanted = {k: v for k, v in switched_off(key).items() if k != "observed"}
    return {
        **wanted,
        "status": "Active",
        "declared_status": "Active",
        "owner": key.user_name,
        "account_id": ACCOUNT,
        "status_at_adoption": "Active",
    }


def asked_about(sandbox: Sandbox, key: SeededKey) -> list[str]:
    """What AWS was asked of a key and of its user, in order."""
    return [r.action for r in sandbox.journal if {key.access_key_id, key.user_name} & set(r.parameters.values())]


def test_it_serves_sixteen_requests_at_once(host: Host, sandbox: Sandbox) -> None:
    """Pulumi's own four would make an update wait for AWS most of the time."""
    sandbox.faults.append(Fault("UpdateAccessKey", DELAY, seconds=1.0, times=AHEAD))
    inputs = [host.check(switched_off(key), before(key)).inputs for key in KEYS[:AHEAD]]
    with ThreadPoolExecutor(AHEAD) as pool:
        updated = list(pool.map(host.update, [before(key) for key in KEYS[:AHEAD]], inputs))
    assert {outputs["status"] for outputs in updated} == {"Inactive"}
    writes = [request.in_flight for request in sandbox.journal if request.action == "UpdateAccessKey"]
    assert max(writes) >= 16


class TestAhead:
    """What the later writes have to know is under way when the first is done."""

    FIRST, *LATER = KEYS[: AHEAD + 1]

    def test_a_preview_asks_nothing(self, host: Host, sandbox: Sandbox) -> None:
        """The program has looked already: check and diff of all keys cost no call at all, named ahead or not."""
        for key in (self.FIRST, *self.LATER):
            checked = host.check(switched_off(key, *self.LATER), before(key))
            assert host.diff(before(key), checked.inputs).changes
        assert sandbox.actions() == {}

    def test_the_first_write_looks_at_those_that_come_later(self, host: Host, sandbox: Sandbox) -> None:
        """Their lists and last uses are asked for while the first is written, and are not asked for again."""
        inputs = {}
        for key in (self.FIRST, *self.LATER):
            ahead = self.LATER if key is self.FIRST else ()
            inputs[key] = host.check(switched_off(key, *ahead), before(key)).inputs
        host.update(before(self.FIRST), inputs[self.FIRST])
        looks = ["GetAccessKeyLastUsed", "ListAccessKeys"]
        eventually(lambda: all(sorted(asked_about(sandbox, key)) == looks for key in self.LATER))
        for key in self.LATER:
            host.update(before(key), inputs[key])
        for key in self.LATER:
            looked, (write, *look_back) = asked_about(sandbox, key)[:2], asked_about(sandbox, key)[2:]
            assert sorted(looked) == looks
            assert (write, look_back) == ("UpdateAccessKey", ["ListAccessKeys"])

    def test_an_activation_needs_no_last_use(self, host: Host, sandbox: Sandbox) -> None:
        """Of a later key that is switched on only the list is asked for."""
        first, later = switched_off(self.FIRST), self.LATER[0]
        first["observed"] = observed(self.FIRST, [[later.access_key_id, later.user_name, False]])
        host.update(before(self.FIRST), host.check(first, before(self.FIRST)).inputs)
        eventually(lambda: asked_about(sandbox, later) == ["ListAccessKeys"])

    def test_the_key_itself_is_looked_at_in_one_go(self, host: Host, sandbox: Sandbox) -> None:
        """Its list and its last use are asked for side by side; for an activation only the list."""
        first, second, third = KEYS[:3]
        host.update(before(first), host.check(switched_off(first), before(first)).inputs)
        for action in ("ListAccessKeys", "GetAccessKeyLastUsed"):
            sandbox.faults.append(Fault(action, DELAY, seconds=0.5))
        sandbox.journal.clear()
        host.update(before(second), host.check(switched_off(second), before(second)).inputs)
        assert max(request.in_flight for request in sandbox.journal) == 2
        sandbox.set_status(third.access_key_id, "Inactive")
        wanted = {**switched_off(third), "status": "Active", "observed": observed(third, status="Inactive")}
        host.update(before(third), host.check(wanted, before(third)).inputs)
        assert asked_about(sandbox, third) == ["ListAccessKeys", "UpdateAccessKey", "ListAccessKeys"]

    def test_a_key_that_is_written_meanwhile_is_looked_at_again(self, start: Start, sandbox: Sandbox) -> None:
        """A write makes the provider forget what it had seen of that user, so that nothing is written twice."""
        host, key = start(), self.FIRST
        inputs = host.check(switched_off(key), before(key)).inputs
        first, second = host.update(before(key), inputs), host.update(before(key), inputs)
        assert first == {**second, "last_switched_date": SWITCHED}
        assert sandbox.statuses()[key.access_key_id] == "Inactive"
        assert sandbox.actions()["UpdateAccessKey"] == 1
