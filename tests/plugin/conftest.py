"""Processes of the real provider, led to the sandbox."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from keyswitch.sandbox.server import Sandbox
from tests.support.plugin_process import Plugin, plugin

Start = Callable[..., Plugin]
"""Starts a process; settings as `account="…"`."""


@pytest.fixture
def start(tmp_path: Path, sandbox: Sandbox) -> Iterator[Start]:
    """Start a process as the operator of the sandbox."""
    with ExitStack() as running:

        def begun(environment: dict[str, str] | None = None, **settings: str) -> Plugin:
            return running.enter_context(plugin(tmp_path, {**sandbox.environment, **(environment or {})}, settings))

        yield begun


@pytest.fixture
def host(start: Start) -> Plugin:
    """A process without any settings."""
    return start()


@pytest.fixture(scope="package")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    """One process, without credentials and with nowhere to go, for all that must not need AWS."""
    with plugin(tmp_path_factory.mktemp("offline"), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}) as host:
        yield host
