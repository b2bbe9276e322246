"""How owners, spans of time, numbers and lists are said."""

from datetime import timedelta

import pytest

from keyswitch.access_key.phrases import age, ago, count, owner, some, span
from keyswitch.configuration.stack import parse_run
from tests.support.examples import NOW


@pytest.mark.parametrize(("user_name", "text"), [("bob", "bob"), (None, "root")])
def test_an_owner_is_named_and_root_is_root(user_name, text):
    """The first word of every line that is told."""
    assert owner(user_name) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(0), ""),
        (timedelta(seconds=59), ""),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=400, hours=5), "400 d"),
        (-timedelta(hours=1), ""),
    ],
    ids=str,
)
def test_a_time_is_told_in_its_largest_whole_unit(passed, text):
    """Never rounded up, and never in the future."""
    assert ago(NOW - passed, NOW) == (f"{text} ago" if text else "just now")
    assert age(NOW - passed, NOW) == (f"{text} old" if text else "just created")


@pytest.mark.parametrize("text", ["24h", "36h", "7d", "90d", "1h", "30m", "90m", "15m", "0h"])
def test_a_span_is_told_as_the_configuration_writes_it(text):
    """What `keyswitch:recentUse` accepts comes back as it was written, never as 0h."""
    assert span(parse_run({"keyswitch:recentUse": text}).policy.recent_use) == text


def test_a_day_is_told_in_hours():
    """As the default is documented."""
    assert span(timedelta(days=1)) == "24h"


@pytest.mark.parametrize(("number", "text"), [(0, "0 keys"), (1, "1 key"), (2, "2 keys")])
def test_one_is_told_as_one(number, text):
    """Nobody reads `1 keys`."""
    assert count(number, "key") == text


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "c"], "a, b, c"),
        (["a", "b", "c", "d"], "a, b, c and 1 other"),
        (list("abcdef"), "a, b, c and 3 others"),
    ],
    ids=["none", "one", "all that fit", "one too many", "several too many"],
)
def test_a_list_stays_short(items, text):
    """The first few by name, the others as a number."""
    assert some(items, 3) == text
