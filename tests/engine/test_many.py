"""A hundred keys on the real engine: a small state, no needless call, many writes at a time."""

import json
from collections import Counter
from itertools import pairwise

import pytest

from keyswitch.sandbox.faults import Fault, Request
from keyswitch.sandbox.seed import SeededKey
from keyswitch.sandbox.server import Sandbox
from keyswitch.switching.memory import FRESH_SECONDS
from tests.support.engine import Project

SEED = tuple(SeededKey(f"AKIAENGINE{n:06}EX", f"user-{n:02}") for n in range(100))
OF_THE_PROGRAM = 2
"""How often the program itself looks at a key that is to be switched off: its user's list, its last use."""


@pytest.fixture
def iam() -> Sandbox:
    """An account with a hundred users, each with one Active key."""
    return Sandbox(SEED)


def declare(project: Project, status: str) -> None:
    """Declare all keys with one status."""
    project.declare({key.access_key_id: {"userName": key.user_name, "status": status} for key in SEED})


def made_again(journal: list[Request], key_id: str) -> int:
    """How often the provider looked again because a prefetched answer was too old, as happens on a busy machine."""
    user = next(key.user_name for key in SEED if key.access_key_id == key_id)
    about = [r for r in journal if key_id == r.access_key_id or user == r.parameters.get("UserName")]
    ahead = about[: [r.action for r in about].index("UpdateAccessKey")]
    found = 0
    for action in ("ListAccessKeys", "GetAccessKeyLastUsed"):
        times = [r.time for r in ahead if r.action == action][1:]  # the first was the program's
        found += sum((then - before).total_seconds() > FRESH_SECONDS / 2 for before, then in pairwise(times))
    return found


def test_a_hundred_keys(project: Project, sandbox: Sandbox) -> None:
    """Adopting, changing nothing, deactivating all: each makes only the calls it needs, and the state stays small."""
    declare(project, "Active")
    assert project.up().counts == {"created": len(SEED) + 2}
    exported = project.exported()
    resources = [r for r in json.loads(exported)["deployment"]["resources"] if r.get("id", "").startswith("AKIAENGINE")]
    assert len(resources) == len(SEED)
    assert not any("stackTrace" in resource for resource in resources), "a place in a program, the same for all"
    assert max(len(json.dumps(resource)) for resource in resources) < 1500, "bytes a key, as the engine sends them"

    sandbox.journal.clear()
    assert project.up().changes_nothing
    assert sandbox.actions() == {"GetCallerIdentity": 1, "ListAccessKeys": len(SEED)}

    sandbox.journal.clear()
    sandbox.latency = 0.1
    declare(project, "Inactive")
    assert project.up().counts == {"updated": len(SEED), "unchanged": 2}
    assert set(sandbox.statuses().values()) == {"Inactive"}
    assert sandbox.actions()["UpdateAccessKey"] == len(SEED)
    asked = Counter(
        r.access_key_id or f"AKIAENGINE{int(r.parameters['UserName'][-2:]):06}EX"
        for r in sandbox.journal
        if r.action in ("ListAccessKeys", "GetAccessKeyLastUsed", "UpdateAccessKey")
    )
    assert set(asked) == {key.access_key_id for key in SEED}
    for key_id, times in asked.items():
        assert times <= OF_THE_PROGRAM + 4 + made_again(sandbox.journal, key_id), key_id
    assert max(r.in_flight for r in sandbox.journal if r.action == "UpdateAccessKey") > 4


@pytest.mark.parametrize("arguments", [(), ("--continue-on-error",)], ids=["stop", "continue"])
def test_the_first_of_them_fails(project: Project, sandbox: Sandbox, arguments: tuple[str, ...]) -> None:
    """The failed key is named; the others are switched only with --continue-on-error."""
    first, *others = (key.access_key_id for key in SEED)
    sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, "no", times=None, about=first))
    declare(project, "Inactive")
    failed = project.up(*arguments)
    assert not failed.succeeded
    assert failed.is_clean
    assert f"error: AccessDenied: iam:UpdateAccessKey for {first} of user user-00 was denied" in failed.output
    assert sandbox.statuses()[first] == "Active"
    done = [key for key in others if sandbox.statuses()[key] == "Inactive"]
    assert (done == others) is bool(arguments)
    sandbox.faults.clear()
    assert project.up().succeeded
    assert set(sandbox.statuses().values()) == {"Inactive"}
    assert project.up().changes_nothing


def test_keys_that_do_not_fit_into_the_configuration(project: Project, sandbox: Sandbox) -> None:
    """A keys file may be larger than the environment variable in which Pulumi passes the configuration."""
    keys = {key.access_key_id: {"userName": key.user_name, "status": "Inactive"} for key in SEED[:4]}
    for entry in keys.values():
        entry["reason"] = "a long story " * 3_000
    assert len(json.dumps(keys)) > 128 * 1024
    project.declare(keys, keys_file="keys.yaml")
    assert project.up().counts == {"created": len(keys) + 2}
    assert project.preview().changes_nothing
    assert [sandbox.statuses()[key] for key in keys] == ["Inactive"] * len(keys)
    project.declare({**keys, SEED[0].access_key_id: "inactive"}, keys_file="keys.yaml")
    refused = project.preview()
    assert refused.is_clean
    assert f"stacks/keys.yaml:2: keyswitch:keys.{SEED[0].access_key_id}: 'inactive' is not a status" in refused.output
