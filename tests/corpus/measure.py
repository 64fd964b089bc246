"""Run a command and measure it: wall time, CPU time and peak memory of its process tree (Linux)."""
from __future__ import annotations

import collections
import dataclasses
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

INTERVAL = 0.1
"""Seconds between two looks at the memory; a look at a 400 MB process takes about 1 ms here."""


@dataclasses.dataclass
class Measured:
    """What a command took."""

    exit: int
    seconds: float
    cpu: float
    peak_pss: int
    timed_out: bool = False


def measured(command: list[str], cwd: Path, env: dict[str, str], out: Path, cap: float) -> Measured:
    """Run a command with its output in ``out``; past ``cap`` seconds it is killed, with every
    process of its session."""
    with open(out, "wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        watch = _Watch(process.pid)
        killer = threading.Timer(cap, _kill_session, [process.pid])
        watch.start()
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        timed_out = not killer.is_alive()
        killer.cancel()
        watch.stopping.set()
        watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(process.returncode, seconds, usage.ru_utime + usage.ru_stime, watch.peak,
                    timed_out)


class _Watch(threading.Thread):
    """Looks at the memory of a process tree as long as it lives."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.stopping = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(INTERVAL):
            self.peak = max(self.peak, sum(map(_pss, _tree(self.pid))))


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = collections.defaultdict(list)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path("/proc", entry, "stat").read_bytes()
            except OSError:
                continue
            children[int(stat.rpartition(b")")[2].split()[1])].append(int(entry))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo.extend(children[pid])
    return found


def _pss(pid: int) -> int:
    """The proportional set size of a process in bytes; 0 once it is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:
            for line in rollup:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass
