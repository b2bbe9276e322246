"""What the provider's process says, with hostile texts in its inputs, in its state and from AWS."""

import pytest

from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.hostile import PAYLOADS, harm
from tests.support.provider_process import Host, Refused
from tests.support.provider_states import inputs, recorded, seen
from tests.support.seeded import BOB

IN_XML = {name: text for name, text in PAYLOADS.items() if not set(text) & set("\x1b\x07\r\n\ud800\udc80\x85\x9b")}
IN_GRPC = {name: text for name, text in PAYLOADS.items() if "\udc80" not in text}


@pytest.mark.parametrize("text", IN_GRPC.values(), ids=IN_GRPC)
@pytest.mark.parametrize("name", ["access_key_id", "user_name", "status", "reason", "on_removal"])
def test_a_failure_of_check_is_only_read(offline: Host, name: str, text: str) -> None:
    """One line, whatever was given."""
    for failed, reason in offline.check(inputs(**{"observed": seen(BOB), name: text})).failures:
        assert failed == name
        assert harm(reason) == []
        assert "\n" not in reason


@pytest.mark.parametrize("text", IN_XML.values(), ids=IN_XML)
def test_an_error_is_only_read(host: Host, sandbox: Sandbox, text: str) -> None:
    """A message of AWS reaches the engine as one line."""
    sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, text, times=None))
    with pytest.raises(Refused) as caught:
        host.create(inputs(BOB, status="Inactive", user_name="Bob"))
    assert "was denied" in str(caught.value)
    assert harm(str(caught.value)) == []
    assert harm(host.said()) == []


@pytest.mark.parametrize("text", IN_GRPC.values(), ids=IN_GRPC)
def test_what_is_said_of_a_removed_key_is_only_read(host: Host, sandbox: Sandbox, text: str) -> None:
    """A reason that an older version has stored is said with what was done."""
    host.delete(recorded({**inputs(BOB, status="Active", reason=text), "on_removal": "deactivate"}))
    assert BOB in host.said()
    assert harm(host.said()) == []
