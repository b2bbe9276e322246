"""How stored properties become the domain's types: with or without the model of an entry, it means the same."""

from typing import Any

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.entry import parse_entry
from keyswitch.resources.properties import wanted
from tests.support.provider_states import inputs
from tests.support.seeded import BOB


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(inputs(), id="observed"),
        pytest.param(inputs(status="Inactive", user_name="Bob", reason="OPS-1", on_removal="restore"), id="plain"),
        pytest.param(inputs(allow=["recentlyUsed", "ownCredentials"], reason="r"), id="unsorted"),
        pytest.param(inputs(allow=[], root=False), id="empty"),
        pytest.param(inputs(root=True), id="root"),
        pytest.param(inputs(root="false"), id="a truth value as a text"),
        pytest.param(inputs(root="true"), id="another truth value as a text"),
        pytest.param(inputs(reason="  two \n words "), id="a reason of several lines"),
        pytest.param(inputs(status="inactive"), id="wrong status"),
        pytest.param(inputs(on_removal="delete"), id="wrong action"),
        pytest.param(inputs(allow=["lastUsed"], reason="r"), id="wrong guard"),
        pytest.param(inputs(allow="recentlyUsed", reason="r"), id="a text for a list"),
        pytest.param(inputs(allow=[["recentlyUsed"]], reason="r"), id="a list in a list"),
        pytest.param(inputs(reason=["a"]), id="a list for a text"),
        pytest.param(inputs("AKIASHORT"), id="no access key ID"),
        pytest.param({"access_key_id": None}, id="nothing"),
    ],
)
def test_inputs_mean_what_the_same_entry_means(given: dict[str, Any]) -> None:
    """The shorter way is for the canonical form only; every other form takes the model's way, with its problems."""
    desired, problems = parse_entry(given["access_key_id"], {n: v for n, v in given.items() if n != "access_key_id"})
    if desired is not None:
        assert wanted(given) == desired
        return
    with pytest.raises(InvalidConfiguration) as refused:
        wanted(given)
    assert refused.value.problems == tuple(problems)


def test_a_canonical_entry_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model would be loaded for nothing."""
    monkeypatch.setattr("keyswitch.configuration.entry.parse_entry", None)
    assert wanted(inputs(status="Inactive", reason="OPS-1", allow=["recentlyUsed"], root=True)).access_key_id == BOB
