"""What stands in every user's state and must be understood for ever: the pickled provider, inputs, outputs."""

import base64
import json
import pickletools
from pathlib import Path
from typing import Any

import dill
import pytest
from pulumi.dynamic.dynamic import serialize_provider

from keyswitch.resources.provider import AccessKeyStatusProvider
from keyswitch.sandbox.server import Sandbox
from tests.support.persisted import PROVIDER, PROVIDERS
from tests.support.provider_process import Checked, Difference, Host, Known
from tests.support.provider_states import SWITCHED
from tests.support.seeded import ALICE, ALICES_OLD, BOB, CI

STORED = {
    resource["id"]: resource
    for resource in json.loads((Path(__file__).parent / "recorded" / "state-0.1.json").read_text(encoding="utf-8"))
}
"""Four keys as version 0.1 and the real engine stored them."""


def stored(access_key_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs and outputs of a key, without the provider, whose blob the host adds."""
    resource = STORED[access_key_id]
    assert resource["inputs"]["__provider"] == resource["outputs"]["__provider"] == PROVIDERS[4]
    return tuple({k: v for k, v in resource[part].items() if k != "__provider"} for part in ("inputs", "outputs"))


@pytest.fixture
def as_stored(sandbox: Sandbox) -> None:
    """AWS as it was left by the run that was recorded."""
    for access_key_id, resource in STORED.items():
        sandbox.set_status(access_key_id, resource["outputs"]["status"])


class TestTheBlob:
    """`__provider`."""

    def test_it_is_the_same_for_ever(self) -> None:
        """The bytes are those in every state since 0.1; another value would update every key of every user."""
        assert serialize_provider(AccessKeyStatusProvider()) == PROVIDER

    @pytest.mark.parametrize("blob", PROVIDERS.values(), ids=PROVIDERS)
    def test_it_leads_to_the_class(self, blob: str) -> None:
        """What stands in a state becomes today's class, with no attributes of its own."""
        provider = dill.loads(base64.b64decode(blob))
        assert type(provider) is AccessKeyStatusProvider
        assert vars(provider) == {}

    def test_it_holds_two_names_and_no_code(self) -> None:
        """No bytecode, no source path, no captured value: only where the class is found."""
        operations = list(pickletools.genops(base64.b64decode(PROVIDER)))
        texts = [argument for _, argument, _ in operations if isinstance(argument, (str, bytes))]
        assert texts == ["keyswitch.resources.provider", "AccessKeyStatusProvider"]
        assert "REDUCE" not in {operation.name for operation, _, _ in operations}

    def test_it_is_not_made_a_secret(self) -> None:
        """It holds none, so no state is encrypted for its sake."""
        assert AccessKeyStatusProvider.serialize_as_secret_always is False


@pytest.mark.usefixtures("as_stored")
class TestAStateOfVersion01:
    """Today's code takes it on as its own."""

    def test_it_is_current(self, host: Host, sandbox: Sandbox) -> None:
        """An upgrade alone changes nothing: same inputs after check, no difference, the same after a refresh."""
        for access_key_id in STORED:
            inputs, outputs = stored(access_key_id)
            assert host.check(inputs, outputs) == Checked(inputs, [])
            assert host.diff(outputs, inputs) == Difference(False)
            assert host.read(outputs, inputs) == Known(access_key_id, outputs, inputs)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    @pytest.mark.parametrize("blob", PROVIDERS.values(), ids=PROVIDERS)
    def test_another_python_changes_nothing(self, host: Host, blob: str) -> None:
        """Python 3.14 pickles the provider with a newer protocol. No key is updated for that, there or back."""
        inputs, outputs = stored(BOB)
        for before, now in ((PROVIDERS[4], blob), (blob, PROVIDERS[4])):
            assert host.diff({**outputs, "__provider": before}, {**inputs, "__provider": now}) == Difference(False)

    def test_it_can_be_updated(self, host: Host, sandbox: Sandbox) -> None:
        """Each key is switched, and what was known of it is kept."""
        for access_key_id in (BOB, ALICE, CI):
            inputs, outputs = stored(access_key_id)
            updated = host.update(outputs, {**inputs, "status": "Active"})
            assert updated == {
                **outputs,
                "status": "Active",
                "declared_status": "Active",
                "last_switched_date": SWITCHED,
            }
            assert sandbox.statuses()[access_key_id] == "Active"

    def test_it_can_be_deleted(self, host: Host, sandbox: Sandbox) -> None:
        """What was to happen on removal happens: one is left, one restored, one deactivated."""
        sandbox.set_status(CI, "Active")
        for access_key_id in (BOB, ALICE, CI):
            host.delete(stored(access_key_id)[1])
        assert {key_id: sandbox.statuses()[key_id] for key_id in (BOB, ALICE, CI)} == {
            BOB: "Inactive",
            ALICE: "Active",
            CI: "Inactive",
        }

    def test_it_can_be_refreshed(self, host: Host, sandbox: Sandbox) -> None:
        """Drift of every key is read, into outputs and inputs; what is only observed gets no wish."""
        for access_key_id in STORED:
            sandbox.set_status(access_key_id, "Inactive" if access_key_id == ALICES_OLD else "Active")
        for access_key_id in STORED:
            inputs, outputs = stored(access_key_id)
            live = {"status": sandbox.statuses()[access_key_id]}
            wished = inputs if access_key_id == ALICES_OLD else {**inputs, **live}
            assert host.read(outputs, inputs) == Known(access_key_id, {**outputs, **live}, wished)
