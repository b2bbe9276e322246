"""A pytest fixture for your own tests: `pytest_plugins = ["keyswitch.sandbox.fixture"]`."""

import os
from collections.abc import Iterator

import pytest

from keyswitch.sandbox.server import Sandbox


@pytest.fixture
def iam_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A local IAM with the example's keys, and an environment that leads every AWS client to it and nowhere else."""
    with Sandbox() as running:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
