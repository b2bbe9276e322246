"""A sandbox in a process of its own, so that neither its CPU nor its memory counts, and what it has seen.

Every measurement gets a fresh one: its keys are all Active, its journal is empty.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from scripts.pulumi_cli import REPOSITORY, isolated
from tests.bench.measure import MeasuredAFailureError
from tests.bench.work import KEYS_PER_USER, Keys


@dataclass(frozen=True)
class Seen:
    """What was asked of a sandbox.

    Attributes:
        calls: how many calls of each action.
        at_once: the most that were under way at the same time.
        refused: how many calls of each outcome that is not `ok`.
    """

    calls: dict[str, int]
    at_once: int
    refused: dict[str, int]


class RunningSandbox:
    """A sandbox that is up.

    Attributes:
        environment: the variables that lead an AWS client there.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._begun = 0

    @property
    def endpoint(self) -> str:
        return self.environment["AWS_ENDPOINT_URL"]

    def make(self, statuses: Mapping[str, str], owners: Mapping[str, str]) -> None:
        """Switch keys by plain calls, so that they are as given."""
        iam = boto3.Session(
            self.environment["AWS_ACCESS_KEY_ID"],
            self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_REGION"],
        ).client("iam", endpoint_url=self.endpoint)
        there = self.statuses()
        for key, status in statuses.items():
            if there[key] != status:
                iam.update_access_key(UserName=owners[key], AccessKeyId=key, Status=status)

    def begin(self, latency: float) -> None:
        """From now on every call counts, and takes at least so many seconds."""
        self._administer("latency", {"seconds": latency})
        self._begun = len(self._administer("journal"))

    def seen(self) -> Seen:
        """What has come in since `begin`."""
        journal = self._administer("journal")[self._begun :]
        return Seen(
            dict(sorted(Counter(request["action"] for request in journal).items())),
            max((request["in_flight"] for request in journal), default=0),
            dict(Counter(request["outcome"] for request in journal if request["outcome"] != "ok")),
        )

    def statuses(self) -> dict[str, str]:
        """The status of each key."""
        return self._administer("statuses")

    def _administer(self, what: str, given: Mapping[str, Any] | None = None) -> Any:
        data = None if given is None else json.dumps(given).encode()
        token = {"Authorization": f"Bearer {self.environment['KEYSWITCH_SANDBOX_TOKEN']}"}
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{what}", data, token)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def running(keys: Keys) -> Iterator[RunningSandbox]:
    """A fresh sandbox with these keys, all Active.

    Raises:
        MeasuredAFailureError: it does not start.
    """
    command = [sys.executable, "-m", "keyswitch", "sandbox"]
    command += ["--users", str(keys.users), "--keys-per-user", str(KEYS_PER_USER)]
    environment = isolated(os.environ)
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield RunningSandbox({**environment, **_exported(process)})
        finally:
            process.terminate()


def _exported(process: subprocess.Popen[str]) -> dict[str, str]:
    """The variables that a sandbox prints before it is ready."""
    exported: dict[str, str] = {}
    for line in process.stdout or ():
        if line.startswith("# ready"):
            return exported
        name, _, value = line.removeprefix("export ").strip().partition("=")
        exported[name] = value
    raise MeasuredAFailureError("keyswitch sandbox did not start; what it says stands above")
