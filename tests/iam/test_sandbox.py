"""The sandbox is what it says: on loopback, from its seed alone, with bad luck on request."""

import socket

import pytest

from keyswitch.access_key.model import Status
from keyswitch.iam.connection import Connection
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.sandbox.seed import EXAMPLE
from keyswitch.sandbox.server import Fault, Sandbox

SEEDED = {key.access_key_id: key.status for key in EXAMPLE}


def enter(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Gateway:
    """A gateway to a sandbox that runs."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return Gateway(connect(Connection()))


def test_each_sandbox_starts_from_its_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done in an earlier sandbox of the same process is gone: no key is there twice, or switched."""
    for _ in range(2):
        with Sandbox() as sandbox:
            gateway = enter(monkeypatch, sandbox)
            keys = gateway.access_keys("Bob")
            assert keys is not None
            assert [(k.access_key_id, k.status) for k in keys] == [
                ("AKIAIOSFODNN7EXAMPLE", "Active"),
                ("AKIAI44QH8DHBEXAMPLE", "Inactive"),
            ]
            assert sandbox.statuses() == SEEDED
            gateway.set_status("AKIAIOSFODNN7EXAMPLE", Status.INACTIVE, "Bob")


def test_it_listens_on_loopback_alone(sandbox: Sandbox) -> None:
    """Its address is 127.0.0.1, at a port that was free."""
    assert sandbox.endpoint.startswith("http://127.0.0.1:")
    assert sandbox.port > 0


def test_a_port_that_is_taken_is_an_os_error() -> None:
    """The docstring's promise; nothing is printed and nobody exits."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"), Sandbox(port=taken.getsockname()[1]):
            pytest.fail("it claims to run on a port that is taken")


def test_a_switch_behind_everybodys_back_is_seen(gateway: Gateway, sandbox: Sandbox) -> None:
    """`set_status` is the colleague in the console: it is in no journal, and the next look sees it."""
    sandbox.set_status("AKIAIOSFODNN7EXAMPLE", "Inactive")
    assert sandbox.journal == []
    assert "Inactive" in [k.status for k in gateway.access_keys("Bob") or () if k.access_key_id.startswith("AKIAIO")]


def test_bad_luck_hits_what_it_is_about_as_often_as_asked(gateway: Gateway, sandbox: Sandbox) -> None:
    """A fault about one user leaves the others alone, and is used up."""
    sandbox.faults.append(Fault("ListAccessKeys", "NoSuchEntity", 404, about="alice"))
    assert gateway.access_keys("Bob")
    assert gateway.access_keys("alice") is None
    assert gateway.access_keys("alice")


def test_a_cut_connection_makes_no_noise(gateway: Gateway, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """A fault on request is no accident of the server: it logs no traceback."""
    sandbox.faults.append(Fault("ListAccessKeys", ""))
    assert gateway.access_keys("Bob")
    assert [record.name for record in caplog.records if record.name == "werkzeug"] == []
