"""Peers that only make calls: a boto3 loop with one worker and with sixteen, and the AWS CLI with one process a call.

They list the users or update the keys. They make no comparisons and no checks and keep no state. They are lower bounds,
not alternatives to keyswitch.
"""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.pulumi_cli import REPOSITORY
from tests.bench.measure import Command, Usage
from tests.bench.peers.peer import NotHereError, Peer
from tests.bench.work import Keys, Work


class _Calls(Peer):
    """Lists if there is nothing to change, updates otherwise. A file contains the arguments of each call."""

    works = frozenset({"no-change", "flip-1", "flip-all", "discover"})

    def __init__(self) -> None:
        self._file = Path()

    def prepare(self, keys: Keys, folder: Path) -> None:
        self._file = folder / "calls"

    def complaint(self, work: Work, keys: Keys, done: Usage) -> str | None:
        return f"exit code {done.code}" if done.code else None

    def _write(self, work: Work, keys: Keys) -> None:
        owners, found = keys.owners(), work.found(keys)
        updates = [
            f"{owners[key]} {key} {status}" for key, status in work.declared(keys).items() if status != found[key]
        ]
        lines = updates if work.carried_out else sorted(set(owners.values()))
        self._file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


class Loop(_Calls):
    """`tests/bench/loop.py` with one worker."""

    name, title = "loop-1", "boto3 loop, 1 worker"
    workers = 1
    most: int | None = 1000

    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        self._write(work, keys)
        arguments = ["update" if work.carried_out else "list", str(self._file), str(self.workers)]
        return Command([sys.executable, "-m", "tests.bench.loop", *arguments], REPOSITORY, environment)


class ManyLoops(Loop):
    """`tests/bench/loop.py` with sixteen workers."""

    name, title = "loop-16", "boto3 loop, 16 workers"
    workers = 16
    most = None


class AwsCli(_Calls):
    """The AWS CLI in a shell loop."""

    name, title = "aws-cli", "AWS CLI"
    most = 10

    def __init__(self) -> None:
        super().__init__()
        found = shutil.which("aws")
        if found is None:
            raise NotHereError("there is no aws on PATH")
        self._aws = found
        done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotHereError(f"aws --version fails: {' '.join((done.stdout + done.stderr).split())}")
        self._version = done.stdout.split()[0]

    def version(self) -> str:
        return self._version

    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        self._write(work, keys)
        call = '"$0" iam list-access-keys --user-name "$user"'
        if work.carried_out:
            call = '"$0" iam update-access-key --user-name "$user" --access-key-id "$key" --status "$status"'
        script = f'set -e; while read -r user key status; do {call}; done < "$1"'
        there = {**environment, "AWS_DEFAULT_REGION": environment["AWS_REGION"], "AWS_PAGER": ""}
        return Command(["sh", "-c", script, self._aws, str(self._file)], self._file.parent, there)
