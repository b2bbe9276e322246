"""What the program says to Pulumi, with hostile texts from AWS, the state and the configuration."""

import json
from datetime import timedelta

import pulumi
import pytest

from keyswitch.resources.component import AccessKeys
from keyswitch.resources.program import run
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.sandbox.seed import SeededKey, plant
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.hostile import PAYLOADS, SECRET, harm
from tests.support.left_state import declaring, left
from tests.support.mocked_engine import MockedEngine
from tests.support.seeded import ALICE, ALICES_OLD, BOB

pytestmark = pytest.mark.usefixtures("process")

EVES = "AKIAEVEEXAMPLE000001"
IN_XML = {name: text for name, text in PAYLOADS.items() if not set(text) & set("\x1b\x07\r\n\ud800\udc80\x85\x9b")}


def _said(engine: MockedEngine) -> str:
    return "\n".join(message for _, message in engine.said)


@pytest.mark.parametrize("text", IN_XML.values(), ids=IN_XML)
def test_services_of_aws_and_reasons_of_the_state_are_only_read(
    engine: MockedEngine, sandbox: Sandbox, text: str
) -> None:
    """A line of the summary is a line; so is each text of the stack's outputs, which Pulumi prints."""
    plant([SeededKey(EVES, "eve", last_used=timedelta(days=95), service_name=text[:300], region=text[:300])])
    engine.recorded = left(ALICES_OLD, "Active", reason=text, on_removal="deactivate")
    engine.run(run, declaring({EVES: "Inactive", BOB: "Inactive"}))
    assert EVES in _said(engine)
    assert harm(_said(engine)) == []
    assert harm(json.dumps(engine.exported["summary"], ensure_ascii=False)) == []


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_refused_configuration_is_only_read(engine: MockedEngine, sandbox: Sandbox, text: str) -> None:
    """Names of fields, keys and settings, and values."""
    config = {
        **declaring({BOB: {"status": text, text: 1, "reason": text}, text: "Active"}),
        f"keyswitch:{text}": "1",
        "keyswitch:recentUse": text,
        "aws:profile": text,
    }
    with pytest.raises(SystemExit):
        engine.run(run, config)
    assert "not valid" in _said(engine)
    assert harm(_said(engine)) == []


@pytest.mark.parametrize("text", IN_XML.values(), ids=IN_XML)
def test_a_message_of_aws_is_only_read(engine: MockedEngine, sandbox: Sandbox, text: str) -> None:
    """In the program that ends with it, and in the error that another program gets."""
    sandbox.faults.append(Fault("ListAccessKeys", "AccessDenied", 403, text, times=None))
    with pytest.raises(SystemExit):
        engine.run(run, declaring({BOB: {"userName": "Bob", "status": "Inactive"}, ALICE: "Inactive"}), preview=True)
    assert "was denied" in _said(engine)
    assert harm(_said(engine)) == []
    with pytest.raises(pulumi.RunError) as caught:
        engine.run(AccessKeys, declaring({BOB: {"userName": "Bob"}}), preview=True)
    assert harm(str(caught.value)) == []


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_the_name_of_a_resource_is_only_read(text: str) -> None:
    """In the error about an option that it does not take."""
    provider = pulumi.ResourceOptions(provider=object.__new__(pulumi.ProviderResource))
    with pytest.raises(pulumi.RunError) as caught:
        AccessKeyStatus(text, access_key_id=BOB, opts=provider)
    assert harm(str(caught.value)) == []


def test_a_state_that_cannot_be_read_is_told_in_one_line(
    engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message of an engine or a backend may hold anything."""
    text = f"x\n::error::x <{{%bogus%}}> {SECRET}"

    def away(_: str) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr("keyswitch.resources.sdk.stack_resources", away)
    engine.run(run, declaring({BOB: "Active"}))
    (warning,) = engine.lines("WARNING")
    assert harm(warning) == []
