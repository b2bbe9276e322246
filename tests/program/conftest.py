"""An engine of mocks, and a project folder to run in."""

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from tests.support.mocked_engine import MockedEngine


@pytest.fixture
def engine() -> Iterator[MockedEngine]:
    """An engine that knows nothing yet.

    Of a refused registration the SDK leaves errors that nobody takes. Asyncio logs them when they are collected: here,
    and not in the middle of whatever else runs.
    """
    engine = MockedEngine()
    yield engine
    if engine.refusing is not None:
        gc.collect()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a `stacks` folder, which is where the program runs."""
    (tmp_path / "Pulumi.yaml").write_text(
        "name: keyswitch\nruntime: python\nstackConfigDir: stacks\n", encoding="utf-8"
    )
    (tmp_path / "stacks").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def process(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A project folder; and afterwards the process as it was: `run` sets signals, the collector and Pulumi's log."""
    monkeypatch.setattr(pulumi.log, "debug", pulumi.log.debug)
    before, thresholds = signal.getsignal(signal.SIGINT), gc.get_threshold()
    yield
    signal.signal(signal.SIGINT, before)
    gc.set_threshold(*thresholds)
