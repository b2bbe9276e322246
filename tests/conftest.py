"""No test reaches beyond loopback, and none sees the developer's own AWS or Pulumi settings."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from keyswitch.iam.connection import Connection
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, SeededRole
from keyswitch.sandbox.server import Sandbox
from tests.support.aws_models import read_once

ROLES = tuple(
    SeededRole(f"arn:aws:iam::{role}")
    for role in (
        f"{ACCOUNT}:role/admin",
        f"{ACCOUNT}:role/deployer",
        f"{ACCOUNT}:role/keyswitch",
        "210987654321:role/keyswitch",
        "210987654321:role/x",
    )
)


def pytest_configure() -> None:
    """Spare the tests what reading botocore's files a thousand times takes."""
    read_once()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Use a process more than there are processors: many tests wait for a command, a browser or a delay."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away everything by which a test could find a real account, and the way there."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "PULUMI_", "KEYSWITCH_")) and name != "KEYSWITCH_REQUIRE_ENGINE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")  # a fault that lasts is to be seen soon
    connect_anywhere = socket.socket.connect

    def connect_to_loopback(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect_anywhere(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_to_loopback)


@pytest.fixture
def iam() -> Sandbox:
    """A local IAM with the example's keys and a few roles, not running yet; tests that need another one override it."""
    return Sandbox([*EXAMPLE, *ROLES])


@pytest.fixture
def sandbox(iam: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A local IAM, and the environment that leads to it."""
    with iam as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def gateway(sandbox: Sandbox) -> Gateway:
    """A gateway to the sandbox, as the operator."""
    return Gateway(connect(Connection()))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests ran on the real engine, so that nobody takes a skip for a proof."""

    def of_engine(outcome: str) -> int:
        return sum("engine" in report.keywords for report in terminalreporter.stats.get(outcome, ()))

    ran, skipped = of_engine("passed") + of_engine("failed"), of_engine("skipped")
    if ran or skipped:
        terminalreporter.write_line(f"on the real Pulumi engine: {ran} tests ran, {skipped} skipped")
