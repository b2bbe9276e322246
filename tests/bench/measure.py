"""One command as a whole process tree: how long it took, how much CPU and memory it needed, and what it said.

A process belongs to the tree if it is in the session that the command was started in: plugins whose parent has gone
count, too. Memory is looked at every 50 ms, but never for more than a tenth of the time, so that looking does not slow
down what is looked at.
"""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

try:
    import psutil
except ImportError:  # only `make bench` installs it
    psutil = None

INTERVAL = 0.05
TIMEOUT = 3600.0


class MeasuredAFailureError(Exception):
    """A command did not do its work; carries what it wrote."""


@dataclass(frozen=True)
class Command:
    """A command, and where it runs."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Usage:
    """What a command needed.

    Attributes:
        code: its exit code.
        output: everything it wrote.
        wall: seconds from its start to its end.
        cpu: seconds of CPU of the whole tree, user and system.
        memory: the peak of the tree's memory in bytes, pages that are shared counted once (PSS); None without psutil.
        rss: the peak of the sum of the resident sizes in bytes, shared pages counted for each process.
    """

    code: int
    output: str
    wall: float
    cpu: float
    memory: int | None
    rss: int | None


def memory_is() -> str:
    """What `memory` stands for here."""
    if psutil is None:
        return "not measured: psutil is not installed"
    return "PSS" if _has_pss() else "RSS: this system has no PSS"


def measured(command: Command) -> Usage:
    """Run a command to its end.

    Raises:
        MeasuredAFailureError: it did not end within an hour, and was killed.
    """
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        late = threading.Timer(TIMEOUT, _end, [process.pid])
        late.daemon = True
        late.start()
        with _Watch(process.pid) as watch:
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                _end(process.pid)
                raise
            finally:
                late.cancel()
            wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if wall >= TIMEOUT:
        raise MeasuredAFailureError(f"{' '.join(command.arguments)} did not end within {TIMEOUT:.0f} s:\n{said}")
    # The first knows every process that was waited for, the second also those that were left behind.
    cpu = max(usage.ru_utime + usage.ru_stime, watch.cpu)
    return Usage(process.returncode, said, wall, cpu, watch.memory, watch.rss)


class _Watch:
    """Looks at a tree in a thread of its own, as long as the context lasts."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._cpu: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self.memory: int | None = None
        self.rss: int | None = None

    @property
    def cpu(self) -> float:
        """Seconds of CPU of every process that was seen, each up to when it was last seen."""
        return sum(self._cpu.values())

    def __enter__(self) -> "_Watch":
        if psutil is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if psutil is not None:
            self._thread.join()

    def _look_on(self) -> None:
        pause = 0.0
        while not self._over.wait(pause):
            begun = time.perf_counter()
            self._look()
            pause = max(INTERVAL, 9 * (time.perf_counter() - begun))

    def _look(self) -> None:
        memory = rss = 0
        for pid in psutil.pids():
            try:
                if os.getsid(pid) != self._session:
                    continue
                process = psutil.Process(pid)
                times = process.cpu_times()
                self._cpu[pid] = times.user + times.system
                resident = process.memory_info().rss
                rss += resident
                memory += process.memory_full_info().pss if _has_pss() else resident
            except (OSError, psutil.Error):  # it has ended meanwhile
                continue
        self.memory = max(self.memory or 0, memory)
        self.rss = max(self.rss or 0, rss)


def _has_pss() -> bool:
    return Path("/proc/self/smaps_rollup").exists()


def _end(session: int) -> None:
    """Kill everything in a session that this module has started."""
    pids = [session] if psutil is None else [pid for pid in psutil.pids() if _session(pid) == session]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
