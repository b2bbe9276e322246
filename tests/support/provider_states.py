"""Inputs and outputs of the example's keys, as a state holds them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from keyswitch.sandbox.seed import ACCOUNT
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING


class _Now:
    """Equals the text of a date of the last minutes, and the unknown value of a preview."""

    def __eq__(self, other: object) -> bool:
        if other == UNKNOWN:
            return True
        try:
            return timedelta() <= datetime.now(timezone.utc) - datetime.fromisoformat(str(other)) < timedelta(minutes=5)
        except (TypeError, ValueError):
            return False

    __hash__ = None  # type: ignore[assignment]


SWITCHED = _Now()
"""The stored date of a key that a run has just switched."""

OTHER_ACCOUNT = "210987654321"
OWNERS = {BOB: "Bob", BOBS_SECOND: "Bob", ALICE: "alice", ALICES_OLD: "alice", CI: "ci-deploy", MISSING: "nobody"}


def inputs(access_key_id: str = BOB, **given: Any) -> dict[str, Any]:
    """The inputs of a key, as the constructor makes them."""
    return {"access_key_id": access_key_id, "on_removal": "leave", **given}


def recorded(wanted: Mapping[str, Any], **known: Any) -> dict[str, Any]:
    """The outputs in the state for these inputs: the key was Active and is as declared. None leaves an output out."""
    status = wanted.get("status")
    outputs = {
        **wanted,
        "status": status or "Active",
        "declared_status": status,
        "owner": OWNERS[wanted["access_key_id"]],
        "account_id": ACCOUNT,
        "status_at_adoption": "Active",
        **known,
    }
    return {name: value for name, value in outputs.items() if value is not None}


def seen(
    access_key_id: str = BOB,
    status: str = "Active",
    account_id: str = ACCOUNT,
    checked: Mapping[str, Any] | None = None,
) -> str:
    """What the program saw of a key, and the fields that it has checked."""
    known = {"status": status, "owner": OWNERS[access_key_id], "account_id": account_id}
    return json.dumps(known if checked is None else {**known, "checked": checked})
