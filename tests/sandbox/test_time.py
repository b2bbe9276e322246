"""Time passes as in AWS, and as fast as a test likes: the clock is moved, nobody sleeps."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keyswitch.sandbox.clock import Clock
from keyswitch.sandbox.server import Sandbox
from keyswitch.sandbox.world import World
from tests.support.sandbox_client import ALICE, ALICE_OLD, BOB, BOB_INACTIVE, aws, raw, refused, shown

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def use(sandbox: Sandbox, access_key_id: str) -> None:
    """Let a key sign a request."""
    assert raw(sandbox, "GetCallerIdentity", access_key_id, service="sts").status == 200


def last_use(sandbox: Sandbox, access_key_id: str) -> datetime | None:
    """When a key was used last, as AWS shows it now."""
    found = aws(sandbox).get_access_key_last_used(AccessKeyId=access_key_id)["AccessKeyLastUsed"].get("LastUsedDate")
    assert found is None or isinstance(found, datetime)
    return found


def test_the_clock_moves_forward_alone() -> None:
    """Advance adds up; a step back is refused and changes nothing."""
    clock = Clock()
    before = clock.now()
    clock.advance(HOUR)
    clock.advance(HOUR)
    assert timedelta() <= clock.now() - before - 2 * HOUR < MINUTE
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-MINUTE)
    assert clock.now() - before >= 2 * HOUR


@pytest.mark.parametrize("minutes", [0, 7, 30], ids=lambda minutes: f"{minutes} minutes")
def test_a_use_is_seen_after_the_delay(minutes: int) -> None:
    """A use shows when World.last_used_delay has passed, not before."""
    with Sandbox(world=World(last_used_delay=timedelta(minutes=minutes))) as sandbox:
        before = last_use(sandbox, ALICE)
        use(sandbox, ALICE)
        if minutes:
            sandbox.world.clock.advance(minutes * MINUTE - timedelta(seconds=30))
            assert last_use(sandbox, ALICE) == before
        sandbox.world.clock.advance(MINUTE)
        after = last_use(sandbox, ALICE)
        assert before is not None
        assert after is not None
        assert after > before


def test_a_use_is_recorded_once_in_fifteen_minutes() -> None:
    """The first use in the span counts; the next is recorded when 15 minutes have passed since."""
    with Sandbox(world=World(last_used_delay=timedelta())) as sandbox:
        clock = sandbox.world.clock
        use(sandbox, ALICE)
        first = last_use(sandbox, ALICE)
        clock.advance(14 * MINUTE)
        use(sandbox, ALICE)
        assert last_use(sandbox, ALICE) == first
        clock.advance(2 * MINUTE)
        use(sandbox, ALICE)
        second = last_use(sandbox, ALICE)
        assert first is not None
        assert second is not None
        assert timedelta(minutes=15) <= second - first < timedelta(minutes=17)


def test_a_key_in_steady_use_shows_a_recent_use() -> None:
    """A use every minute for an hour: what is shown is never older than the delay and the span together."""
    with Sandbox() as sandbox:
        for minute in range(60):
            use(sandbox, ALICE)
            sandbox.world.clock.advance(MINUTE)
            seen = last_use(sandbox, ALICE)
            assert seen is not None
            if minute > 22:
                assert sandbox.world.clock.now() - seen <= timedelta(minutes=23)


def test_a_refused_signature_is_no_use() -> None:
    """An Inactive key that signs is not used by it."""
    with Sandbox(world=World(last_used_delay=timedelta())) as sandbox:
        assert raw(sandbox, "GetCallerIdentity", BOB_INACTIVE, service="sts").status == 403
        sandbox.world.clock.advance(HOUR)
        assert last_use(sandbox, BOB_INACTIVE) is None


def test_a_status_propagates() -> None:
    """Until then the list shows the old status and the key signs; statuses() knows what was written at once."""
    with Sandbox(world=World(propagation=timedelta(seconds=10))) as sandbox:
        iam = aws(sandbox)
        iam.update_access_key(UserName="alice", AccessKeyId=ALICE, Status="Inactive")
        iam.update_access_key(UserName="Bob", AccessKeyId=BOB_INACTIVE, Status="Active")
        assert shown(sandbox, "alice")[ALICE] == "Active"
        assert shown(sandbox, "Bob")[BOB_INACTIVE] == "Inactive"
        assert sandbox.statuses()[ALICE] == "Inactive"
        use(sandbox, ALICE)
        assert raw(sandbox, "GetCallerIdentity", BOB_INACTIVE, service="sts").code == "InvalidClientTokenId"
        sandbox.world.clock.advance(timedelta(seconds=11))
        assert shown(sandbox, "alice")[ALICE] == "Inactive"
        assert shown(sandbox, "Bob")[BOB_INACTIVE] == "Active"
        assert raw(sandbox, "GetCallerIdentity", ALICE, service="sts").code == "InvalidClientTokenId"
        use(sandbox, BOB_INACTIVE)


def test_a_change_taken_back_on_its_way_is_never_seen() -> None:
    """Inactive and Active again before anybody saw it: the key is Active throughout."""
    with Sandbox(world=World(propagation=timedelta(seconds=10))) as sandbox:
        for status in ("Inactive", "Active"):
            aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=BOB, Status=status)
        for _ in range(4):
            assert shown(sandbox, "Bob")[BOB] == "Active"
            sandbox.world.clock.advance(timedelta(seconds=4))


def test_a_change_repeated_on_its_way_is_not_put_off() -> None:
    """The same status written again, every few seconds: the first write is seen when its time has come."""
    with Sandbox(world=World(propagation=timedelta(seconds=10))) as sandbox:
        for _ in range(2):
            aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Inactive")
            sandbox.world.clock.advance(timedelta(seconds=6))
        assert shown(sandbox, "Bob")[BOB] == "Inactive"


def test_a_switch_behind_everybodys_back_is_seen_at_once() -> None:
    """Sandbox.set_status waits for no propagation, also while another change is on its way."""
    with Sandbox(world=World(propagation=HOUR)) as sandbox:
        aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Inactive")
        sandbox.set_status(BOB, "Inactive")
        assert shown(sandbox, "Bob")[BOB] == "Inactive"


@pytest.mark.parametrize("seconds", [900, 3600], ids=lambda seconds: f"{seconds} s")
@pytest.mark.parametrize("kind", ["role", "GetSessionToken"])
def test_a_session_ends_when_it_said_it_would(sandbox: Sandbox, kind: str, seconds: int) -> None:
    """DurationSeconds is kept: Expiration says so, just before it is accepted, just after it is ExpiredToken 403."""
    sts = aws(sandbox, service="sts")
    answer: dict[str, Any] = (
        sts.get_session_token(DurationSeconds=seconds)
        if kind == "GetSessionToken"
        else sts.assume_role(
            RoleArn="arn:aws:iam::123456789012:role/admin", RoleSessionName="jane", DurationSeconds=seconds
        )
    )  # fmt: skip
    session = answer["Credentials"]
    left = session["Expiration"] - sandbox.world.clock.now()
    assert timedelta(seconds=seconds - 20) < left <= timedelta(seconds=seconds)
    signed = aws(sandbox, session, "sts")
    sandbox.world.clock.advance(timedelta(seconds=seconds - 30))
    signed.get_caller_identity()
    sandbox.world.clock.advance(timedelta(seconds=30))
    with pytest.raises(ClientError) as error:
        signed.get_caller_identity()
    assert refused(error)[:2] == ("ExpiredToken", 403)


def test_a_report_ages(sandbox: Sandbox) -> None:
    """STARTED, ReportInProgress, COMPLETE, the same bytes for four hours, ReportExpired, and a new one."""
    iam, clock = aws(sandbox), sandbox.world.clock
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert raw(sandbox, "GetCredentialReport").code == "ReportInProgress"
    clock.advance(timedelta(seconds=3))
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    made = iam.get_credential_report()
    iam.update_access_key(UserName="alice", AccessKeyId=ALICE_OLD, Status="Inactive")
    iam.create_user(UserName="newcomer")
    clock.advance(4 * HOUR - MINUTE)
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    later = iam.get_credential_report()
    assert (later["Content"], later["GeneratedTime"]) == (made["Content"], made["GeneratedTime"])
    clock.advance(MINUTE)
    assert raw(sandbox, "GetCredentialReport").code == "ReportExpired"
    assert iam.generate_credential_report()["State"] == "STARTED"
    clock.advance(timedelta(seconds=3))
    fresh = iam.get_credential_report()
    assert fresh["Content"] != made["Content"]
    assert b"\nnewcomer," in fresh["Content"]
    assert fresh["GeneratedTime"] - made["GeneratedTime"] >= 4 * HOUR
