"""What the report takes from an exported state, and what is no such state."""

import io
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.exported import deactivated

DYNAMIC, REAL = "pulumi-python:dynamic/keyswitch:AccessKeyStatus", "keyswitch:index:AccessKeyStatus"
DATE = "2026-01-02T03:04:05+00:00"


def resource(
    access_key_id: str, kind: str = DYNAMIC, status: str = "Inactive", date: str | None = DATE
) -> dict[str, Any]:
    """A resource as Pulumi exports it."""
    outputs = {"access_key_id": access_key_id, "status": status, "last_switched_date": date}
    return {"type": kind, "outputs": {name: value for name, value in outputs.items() if value}}


def exported(*resources: dict[str, Any]) -> io.BytesIO:
    """The output of `pulumi stack export`."""
    return io.BytesIO(json.dumps({"version": 3, "deployment": {"resources": resources}}).encode())


def test_only_keys_that_the_stack_left_inactive_have_a_date() -> None:
    """Of both providers; not of active keys, of keys without a date, and of other resources."""
    stack = {"type": "pulumi:pulumi:Stack", "outputs": {"statuses": {}}}
    state = exported(
        stack,
        {"type": DYNAMIC},
        resource("AKIAEXPORTED00001"),
        resource("AKIAEXPORTED00002", REAL),
        resource("AKIAEXPORTED00003", status="Active"),
        resource("AKIAEXPORTED00004", date=None),
        resource("AKIAEXPORTED00005", "other:index:Thing"),
    )
    then = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert deactivated(state, "--state") == {"AKIAEXPORTED00001": then, "AKIAEXPORTED00002": then}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"deployment": null}',
        b'{"deployment": {"resources": [1]}}',
        b'{"deployment": {"resources": {"a": 1}}}',
        b"[" * 100_000,
        json.dumps({"deployment": {"resources": [resource("AKIAEXPORTED00001", date="soon")]}}).encode(),
    ],
    ids=["nothing", "a list", "another map", "no text", "no deployment", "numbers", "a map", "too deep", "no date"],
)
def test_what_is_no_state_is_refused(content: bytes) -> None:
    """The message says how to write one, and shows nothing of the content."""
    with pytest.raises(InvalidConfiguration, match="--state: is no state: write one with  pulumi stack export"):
        deactivated(io.BytesIO(content), "--state")
