"""Peers that do nothing: an empty Pulumi program, and an empty Python process. No tool of their kind can be faster."""

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bench.measure import Command, Usage
from tests.bench.peers.peer import Peer
from tests.bench.peers.pulumi import AS_INSTALLED, found_cli
from tests.bench.work import Keys, Work
from tests.support.engine import Project


class _Floor(Peer):
    is_idle = True

    def complaint(self, work: Work, keys: Keys, done: Usage) -> str | None:
        return f"exit code {done.code}" if done.code else None


class EmptyProgram(_Floor):
    """A program without a line, with the SDK, the virtual environment and the backend of the peer `pulumi`."""

    name, title = "empty", "empty program (pulumi)"
    works = frozenset({"no-change", "flip-1-preview", "flip-1"})
    most = 10

    def __init__(self) -> None:
        self._cli = found_cli()
        self._project: Project | None = None

    def prepare(self, keys: Keys, folder: Path) -> None:
        self._project = Project(folder, self._cli, {}, program="", python=AS_INSTALLED)
        self._project.environment = self._cli.environment(folder / "home", {})  # without what makes tests faster
        done = self._project.up()
        assert done.succeeded, done.output

    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        assert self._project is not None
        arguments = ("up", "--yes", "--skip-preview") if work.carried_out else ("preview",)
        return Command(self._project.command(*arguments), self._project.folder, self._project.environment)


class EmptyProcess(_Floor):
    """Python starts and ends."""

    name, title = "python", "python -c pass"
    works = frozenset({"no-change"})
    most = 10

    def prepare(self, keys: Keys, folder: Path) -> None:
        self._folder = folder

    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        return Command([sys.executable, "-c", "pass"], self._folder, environment)
