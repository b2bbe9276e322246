"""What an update left in the state, and a configuration beside it, as the engine passes them to a program."""

import json
from collections.abc import Mapping
from typing import Any

from keyswitch.sandbox.seed import ACCOUNT
from tests.support.persisted import ACCESS_KEY_STATUS, ACCESS_KEYS
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI

OWNERS = {BOB: "Bob", BOBS_SECOND: "Bob", ALICE: "alice", ALICES_OLD: "alice", CI: "ci-deploy"}


def declaring(keys: Mapping[str, Any]) -> dict[str, str]:
    """A configuration as Pulumi hands it to a program."""
    return {"keyswitch:keys": json.dumps(keys)}


def urn(access_key_id: str, parents: str = ACCESS_KEYS) -> str:
    """The URN of a key."""
    return f"urn:pulumi:test::keyswitch::{parents}${ACCESS_KEY_STATUS}::{access_key_id}"


def left(access_key_id: str, declared: str | None, status: str = "Active", **more: Any) -> dict[str, dict[str, Any]]:
    """A key as the last update left it in the state, by its URN."""
    outputs = {
        "access_key_id": access_key_id,
        "on_removal": "leave",
        "status": declared or status,
        "declared_status": declared,
        "owner": OWNERS.get(access_key_id, "alice"),
        "account_id": ACCOUNT,
        "status_at_adoption": "Active",
        **more,
    }
    return {urn(access_key_id): {name: value for name, value in outputs.items() if value is not None}}
