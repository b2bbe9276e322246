"""Runs a sandbox in a separate process and reads its journal. Its CPU and memory do not count in a measurement.

Every measurement gets a fresh sandbox, with only Active keys and an empty journal.
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
    """The calls that a sandbox received.

    Attributes:
        calls: the number of calls of each action.
        at_once: the maximum of concurrent calls.
        refused: the number of calls of each outcome except `ok`, and except that a credential report is not made yet.
    """

    calls: dict[str, int]
    at_once: int
    refused: dict[str, int]


class RunningSandbox:
    """A running sandbox.

    Attributes:
        environment: the environment variables that point an AWS client to the sandbox.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._begun = 0

    @property
    def endpoint(self) -> str:
        return self.environment["AWS_ENDPOINT_URL"]

    def make(self, statuses: Mapping[str, str], owners: Mapping[str, str]) -> None:
        """Give the keys these statuses with plain calls."""
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
        """Start to count calls, and set their minimum duration in seconds."""
        self._administer("latency", {"seconds": latency})
        self._begun = len(self._administer("journal"))

    def seen(self) -> Seen:
        """Return the calls since `begin`."""
        journal = self._administer("journal")[self._begun :]
        return Seen(
            dict(sorted(Counter(request["action"] for request in journal).items())),
            max((request["in_flight"] for request in journal), default=0),
            dict(
                Counter(
                    request["outcome"] for request in journal if request["outcome"] not in ("ok", "ReportInProgress")
                )
            ),
        )

    def statuses(self) -> dict[str, str]:
        """Return the status of each key."""
        return self._administer("statuses")

    def _administer(self, what: str, given: Mapping[str, Any] | None = None) -> Any:
        data = None if given is None else json.dumps(given).encode()
        token = {"Authorization": f"Bearer {self.environment['KEYSWITCH_SANDBOX_TOKEN']}"}
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{what}", data, token)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def running(keys: Keys) -> Iterator[RunningSandbox]:
    """Run a fresh sandbox with these keys, all Active.

    Raises:
        MeasuredAFailureError: the sandbox does not start.
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
    """Return the environment variables that a sandbox prints before it is ready."""
    exported: dict[str, str] = {}
    for line in process.stdout or ():
        if line.startswith("# ready"):
            return exported
        name, _, value = line.removeprefix("export ").strip().partition("=")
        exported[name] = value
    raise MeasuredAFailureError("keyswitch sandbox did not start; its output is above")
