"""Measures one command with its whole process tree: time, CPU, memory and output.

The tree contains all processes in the session of the command, including plugins whose parent has ended. The memory is
sampled every 50 ms. Sampling takes at most a tenth of the time, so that it does not slow down the command.
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
    """A command did not do its work. The message contains the output of the command."""


@dataclass(frozen=True)
class Command:
    """A command, its working folder and its environment."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Usage:
    """The resources that a command used.

    Attributes:
        code: the exit code.
        output: everything that the command wrote.
        wall: seconds from start to end.
        cpu: CPU seconds of the whole tree, user and system.
        memory: the peak memory of the tree in bytes, with shared pages counted once (PSS); None without psutil.
        rss: the peak sum of the resident sizes in bytes, with shared pages counted for each process.
    """

    code: int
    output: str
    wall: float
    cpu: float
    memory: int | None
    rss: int | None


def memory_is() -> str:
    """Return the meaning of `memory` on this system."""
    if psutil is None:
        return "not measured: psutil is not installed"
    return "PSS" if _has_pss() else "RSS: this system has no PSS"


def measured(command: Command) -> Usage:
    """Run a command to its end.

    Raises:
        MeasuredAFailureError: the command did not end within an hour and was killed.
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
    # The first counts every process that its parent waited for, the second also the remaining ones.
    cpu = max(usage.ru_utime + usage.ru_stime, watch.cpu)
    return Usage(process.returncode, said, wall, cpu, watch.memory, watch.rss)


class _Watch:
    """Samples a process tree in a separate thread while the context lasts."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._cpu: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self.memory: int | None = None
        self.rss: int | None = None

    @property
    def cpu(self) -> float:
        """Return the CPU seconds of all sampled processes, each at its last sample."""
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
            except (OSError, psutil.Error):  # the process has ended
                continue
        self.memory = max(self.memory or 0, memory)
        self.rss = max(self.rss or 0, rss)


def _has_pss() -> bool:
    return Path("/proc/self/smaps_rollup").exists()


def _end(session: int) -> None:
    """Kill all processes in a session that this module has started."""
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
