"""A provider process for each test, led to the sandbox."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from keyswitch.sandbox.server import Sandbox
from tests.support.provider_process import Host, Start, provider


@pytest.fixture
def start(tmp_path: Path, sandbox: Sandbox) -> Iterator[Start]:
    """Start a provider process as the operator of the sandbox; settings as `keyswitch__account="…"`."""
    with ExitStack() as running:

        def begun(environment: dict[str, str] | None = None, **config: str) -> Host:
            settings = {name.replace("__", ":"): value for name, value in config.items()}
            process: AbstractContextManager[Host] = provider(
                tmp_path, {**sandbox.environment, **(environment or {})}, settings
            )
            return running.enter_context(process)

        yield begun


@pytest.fixture
def host(start: Start) -> Host:
    """A provider process without any settings of keyswitch."""
    return start()


@pytest.fixture(scope="package")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One process, without credentials and with nowhere to go, for all that must not need AWS."""
    with provider(tmp_path_factory.mktemp("offline"), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}) as host:
        yield host
