"""Diff: whether a known key is to be updated. It compares what is wanted with what is live."""

from typing import Any

import pytest

from keyswitch.sandbox.server import Sandbox
from tests.support.provider_process import UNKNOWN, Difference, Host, Refused, Start
from tests.support.provider_states import ACCOUNT, OTHER_ACCOUNT, inputs, recorded, seen
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING

SAME, CHANGED = Difference(False), Difference(True)
FULL = inputs(user_name="Bob", status="Active", reason="OPS-1", allow=["recentlyUsed"], on_removal="restore")


class TestWhatIsDeclared:
    """The live key is as recorded; the program saw it."""

    def test_the_same(self, offline: Host) -> None:
        """A key that is as declared and recorded is left alone."""
        offline.check({**FULL, "observed": seen()})
        assert offline.diff(recorded(FULL), FULL) == SAME

    @pytest.mark.parametrize(
        "other",
        [
            {"reason": "two\n  words"},
            {"allow": ["recentlyUsed", "lastActiveKey"]},
            {"root": "false"},
        ],
        ids=lambda other: ",".join(other),
    )
    def test_another_way_to_write_the_same(self, offline: Host, other: dict[str, Any]) -> None:
        """It is stored in one form, and does not count as a change the next time."""
        given = {**FULL, **other, "observed": seen()}
        stored = offline.check(given).inputs
        assert stored == offline.check(given, stored).inputs
        assert offline.diff(recorded(stored), stored) == SAME

    @pytest.mark.parametrize(
        "other",
        [
            {"status": "Inactive"},
            {"status": None},
            {"user_name": None},
            {"reason": "OPS-2"},
            {"reason": None, "allow": None},
            {"on_removal": "leave"},
            {"on_removal": "deactivate"},
            {"allow": ["lastActiveKey"]},
            {"allow": ["lastActiveKey", "recentlyUsed"]},
            {"allow": None},
        ],
        ids=lambda other: ",".join(f"{name}={value}" for name, value in other.items()).replace(" ", ""),
    )
    def test_another_input(self, offline: Host, other: dict[str, Any]) -> None:
        """Every input that changes is recorded anew; nothing is replaced."""
        news = {**FULL, **other}
        offline.check({**news, "observed": seen()})
        assert offline.diff(recorded(FULL), news) == CHANGED

    def test_a_first_status_for_an_observed_key(self, offline: Host) -> None:
        """A key that was only observed, and now is declared as it is, gets recorded as declared."""
        news = inputs(status="Active")
        offline.check({**news, "observed": seen()})
        assert offline.diff(recorded(inputs()), news) == CHANGED

    def test_another_key_replaces(self, offline: Host) -> None:
        """Another access key is another resource; the new one is adopted before the old one is let go."""
        assert offline.diff(recorded(inputs(BOB)), inputs(ALICES_OLD)) == Difference(True, ["access_key_id"], False)

    @pytest.mark.parametrize("name", ["access_key_id", "user_name", "status", "reason"])
    def test_an_unknown_input(self, offline: Host, name: str) -> None:
        """In a preview, what is not known yet counts as a change; nothing is looked up."""
        given = inputs(status="Active")
        assert offline.diff(recorded(given), given | {name: UNKNOWN}) == CHANGED


class TestDrift:
    """Somebody switched the key by hand; what the program saw is what counts."""

    @pytest.mark.parametrize("refreshed", [None, "Active"], ids=["without a refresh", "after a refresh"])
    def test_away_from_what_is_declared(self, offline: Host, refreshed: str | None) -> None:
        """It is to be mended, whether the state has heard of it or not."""
        given = inputs(status="Inactive")
        offline.check({**given, "observed": seen(status="Active")})
        assert offline.diff(recorded(given, status=refreshed or "Inactive"), given) == CHANGED

    def test_there_and_back(self, offline: Host) -> None:
        """The refreshed state says Active, but now it is Inactive as declared: the record is to be mended."""
        given = inputs(status="Inactive")
        offline.check({**given, "observed": seen(status="Inactive")})
        assert offline.diff(recorded(given, status="Active"), given) == CHANGED
        assert offline.diff(recorded(given), given) == SAME

    def test_of_a_key_that_is_only_observed(self, offline: Host) -> None:
        """The record follows."""
        offline.check({**inputs(), "observed": seen(status="Inactive")})
        assert offline.diff(recorded(inputs()), inputs()) == CHANGED
        assert offline.diff(recorded(inputs(), status="Inactive"), inputs()) == SAME

    def test_of_a_key_whose_status_is_ignored(self, offline: Host) -> None:
        """Neither the live nor the wanted status counts, but a new reason does."""
        given = inputs(status="Inactive", ignore_status=True)
        for live in ("Active", "Inactive"):
            offline.check({**given, "observed": seen(status=live)})
            assert offline.diff(recorded(given), given) == SAME
            assert offline.diff(recorded(given), given | {"status": "Active"}) == SAME
            assert offline.diff(recorded(given), given | {"reason": "new words"}) == CHANGED


class TestLooking:
    """Where the program did not look, diff does."""

    def test_drift_is_found(self, host: Host, sandbox: Sandbox) -> None:
        """Without the program's help, with and without a refresh; nothing is written."""
        given = inputs(BOB, status="Inactive")
        assert host.diff(recorded(given), given) == CHANGED
        assert host.diff(recorded(given, status="Active"), given) == CHANGED
        same = inputs(BOBS_SECOND, status="Inactive")
        assert host.diff(recorded(same), same) == SAME
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_a_renamed_owner_is_recorded(self, host: Host, sandbox: Sandbox) -> None:
        """A user who was renamed is followed in the record."""
        sandbox.rename_user("alice", "alice.smith")
        given = inputs(ALICE, status="Active")
        assert host.diff(recorded(given), given) == CHANGED

    def test_one_look_serves_check_and_diff(self, host: Host, sandbox: Sandbox) -> None:
        """What check looked at, diff does not ask for again."""
        given = inputs(CI, user_name="ci-deploy", status="Active")
        host.check(given)
        asked = len(sandbox.journal)
        assert host.diff(recorded(given), given) == SAME
        assert len(sandbox.journal) == asked

    def test_the_end_of_a_refresh(self, host: Host, sandbox: Sandbox) -> None:
        """A declared owner who was renamed does not fail the refresh; the next preview says what to write.

        The engine ends a refresh by comparing the refreshed outputs with the stored inputs.
        """
        given = inputs(ALICE, user_name="alice", status="Active")
        sandbox.rename_user("alice", "alice.smith")
        refreshed = host.read(recorded(given), given)
        assert host.diff(refreshed.outputs, refreshed.inputs).replaces == []
        with pytest.raises(Refused, match=r"^WrongOwner: .* belongs to user alice\.smith"):
            host.check(given)


class TestRefused:
    """What cannot be compared."""

    def test_a_state_of_another_account(self, host: Host) -> None:
        """A state that was made elsewhere is never compared with this account's keys; both accounts are told."""
        given = inputs(status="Active")
        host.check({**given, "observed": seen()})
        with pytest.raises(
            Refused,
            match=f"^WrongAccount: The state of this stack was made in account {OTHER_ACCOUNT}, but .*{ACCOUNT}",
        ):
            host.diff(recorded(given, account_id=OTHER_ACCOUNT), given)

    def test_credentials_of_another_account(self, start: Start, sandbox: Sandbox) -> None:
        """With credentials of another account it is the account that is wrong, not the key or its owner."""
        host = start(aws__assumeRole=f'{{"roleArn": "arn:aws:iam::{OTHER_ACCOUNT}:role/keyswitch"}}')
        given = inputs(status="Inactive", user_name="Bob")
        for operation in (host.diff, host.update):
            with pytest.raises(
                Refused, match=rf"^WrongAccount: .* was made in account {ACCOUNT}, but .* {OTHER_ACCOUNT}"
            ):
                operation(recorded(given), given)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_a_key_that_is_gone(self, host: Host) -> None:
        """A declared key that was deleted is an error that names it."""
        with pytest.raises(Refused, match=f"^AccessKeyNotFound: The access key {MISSING} is gone from AWS"):
            host.diff(recorded(inputs(MISSING)), inputs(MISSING))
