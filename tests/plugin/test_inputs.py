"""Which values of a whole change a review cannot show, and where they stand."""

import pytest
from pulumi.provider.experimental.property_value import PropertyValue

from keyswitch.plugin.inputs import unreviewable
from tests.support.provider_process import UNKNOWN
from tests.support.seeded import BOB

SECRET = PropertyValue("OPS-9999", is_secret=True)
NOT_KNOWN = PropertyValue(UNKNOWN)
NAMED = PropertyValue(BOB)


def keys(**fields: PropertyValue) -> dict[str, PropertyValue]:
    """The inputs of a component with one entry."""
    return {"access_keys": PropertyValue([PropertyValue(fields)])}


@pytest.mark.parametrize(
    ("inputs", "places"),
    [
        (keys(access_key_id=NAMED, reason=PropertyValue("OPS-1")), []),
        (keys(access_key_id=NAMED, reason=SECRET), [f"{BOB}.reason"]),
        (keys(access_key_id=NAMED, status=NOT_KNOWN, reason=SECRET), [f"{BOB}.reason", f"{BOB}.status"]),
        (keys(access_key_id=NAMED, allow=PropertyValue([SECRET])), [f"{BOB}.allow"]),
        (keys(access_key_id=NOT_KNOWN), ["access_keys[0].access_key_id"]),
        ({"access_keys": PropertyValue([PropertyValue({"reason": NAMED}, is_secret=True)])}, ["access_keys[0]"]),
        ({"access_keys": NOT_KNOWN}, ["access_keys"]),
        ({"access_keys": PropertyValue([], is_secret=True)}, ["access_keys"]),
    ],
    ids=["all shown", "a secret", "two", "inside", "unknown ID", "secret entry", "unknown list", "secret list"],
)
def test_each_is_named_and_never_shown(inputs: dict[str, PropertyValue], places: list[str]) -> None:
    """The message says where it stands and what to do, without the value."""
    problems = unreviewable(inputs)
    assert sorted(problem.field for problem in problems) == places
    assert "OPS-9999" not in " ".join(map(str, problems))
