"""What the recorded switches of an account tell of its keys."""

from datetime import datetime, timedelta

import pytest

from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.trail import Switch, Trail
from tests.support.examples import ALICES, NOW, OLD


def switch(status: str, days_ago: int, key_id: str = OLD) -> Switch:
    """A switch by an operator, so many days ago."""
    return Switch(key_id, status, NOW - timedelta(days=days_ago), "arn:aws:iam::123456789012:user/mallory")


def trail(*switches: Switch) -> Trail:
    """A trail that is complete for 90 days; the newest switch comes first."""
    return Trail(switches, NOW - timedelta(days=90))


def days_ago(number: int) -> datetime:
    return NOW - timedelta(days=number)


@pytest.mark.parametrize(
    ("switches", "status", "at"),
    [
        pytest.param([], "Active", None, id="nothing is recorded"),
        pytest.param([switch("Active", 1)], "Active", days_ago(1), id="one switch"),
        pytest.param([switch("Inactive", 1)], "Active", None, id="the latest switch is not recorded yet"),
        pytest.param(
            [switch("Active", 1), switch("Active", 2), switch("Inactive", 3), switch("Active", 4)],
            "Active",
            days_ago(2),
            id="a repeated call switches nothing",
        ),
        pytest.param([switch("Inactive", 1, ALICES), switch("Active", 2)], "Active", days_ago(2), id="of another key"),
        pytest.param([switch("Inactive", 1)], "Expired", None, id="a status that nobody sets"),
    ],
)
def test_the_switch_that_gave_a_key_its_status(switches: list[Switch], status: str, at: datetime | None) -> None:
    """It is the first of the last calls with this status; where the record does not explain the status, none is."""
    found = trail(*switches).switched(AccessKey(OLD, "bob", status))
    assert (found and found.at) == at


def test_when_keys_were_deactivated() -> None:
    """Of keys whose last switch was a deactivation; the report shows this date."""
    switches = [switch("Active", 1, ALICES), switch("Inactive", 2), switch("Inactive", 3, ALICES)]
    assert trail(*switches).deactivated == {OLD: days_ago(2)}
