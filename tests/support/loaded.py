"""Loads the command `keyswitch` once and runs it many times; each run is a process forked from the loaded one.

It is for tests that run the command a hundred times. A real start is tested where `run_to_its_end` is used.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import botocore.session

import keyswitch
from tests.support.aws_models import read_once

_REPOSITORY = Path(__file__).parents[2]
_PATIENCE = 30  # seconds
_WITHOUT = ("keyswitch.__main__", "keyswitch.access.", "keyswitch.plugin", "keyswitch.resources", "keyswitch.sandbox.")
"""What the commands about a stack do not load."""


class LoadedCommand:
    """The loaded process. It ends with the `with` block."""

    def __enter__(self) -> "LoadedCommand":
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=_REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, *arguments: str, env: Mapping[str, str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, with exactly this environment, in this folder or the test's."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            asked = {"arguments": arguments, "env": dict(env), "out": str(out), "err": str(err)}
            asked["folder"] = str(cwd or Path.cwd())
            print(json.dumps(asked), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))


def _serve() -> None:
    """Load the command. For every line of standard input fork a run, and print its exit code."""
    for module in pkgutil.walk_packages(keyswitch.__path__, "keyswitch."):
        if not module.name.startswith(_WITHOUT):
            importlib.import_module(module.name)
    read_once()
    for service in ("iam", "sts"):
        botocore.session.Session().create_client(service, "us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _become(asked: Mapping[str, Any]) -> None:
    """Run the command in the child process; never returns."""
    code: object = 1
    try:
        for stream, file in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
            os.dup2(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), stream)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["env"])
        signal.alarm(_PATIENCE)
        sys.argv = ["keyswitch", *asked["arguments"]]
        importlib.import_module("keyswitch.cli.main").main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _serve()
