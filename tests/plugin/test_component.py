"""The component `AccessKeys`: the order in which it declares keys."""

from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.desired import Desired
from keyswitch.plugin.component import _mixed
from tests.support.examples import ALICES, NEW, OLD, ROOTS, key


def unchanged(access_key_id: str, user_name: str | None) -> Change:
    return decide(Desired(access_key_id), key(access_key_id, user_name))


def test_the_keys_of_a_user_are_far_apart() -> None:
    """The engine reads neighbours at a time; with the keys of one user it would wait for the same call."""
    changes = [unchanged(ROOTS, None), unchanged(ALICES, "alice"), unchanged(NEW, "bob"), unchanged(OLD, "bob")]
    changes.insert(0, unchanged("AKIAALICEEXAMPLE0002", "alice"))
    assert [change.observed.user_name for change in _mixed(changes)] == ["alice", None, "bob", "alice", "bob"]
