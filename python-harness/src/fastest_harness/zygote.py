"""The process that workers are forked from: warm, and of no other use.

It imports pytest and this package as soon as it starts, then what it is told to preload, and
then forks a worker whenever the runner asks for one, or becomes the only one itself.  The runner
holds the other end of its socket: when that closes, the workers are ended and so is this process.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import sys
import weakref
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from fastest_harness import PROTOCOL, fresh, transport, worker
from fastest_harness.control import Control, Received
from fastest_harness.preload import order_of, preload

if TYPE_CHECKING:
    import pytest

    from fastest_harness.channel import Message


LATE: Final = ("email.parser", "faulthandler", "pdb", "tomllib")
"""What pytest imports of the standard library after it has read its arguments."""


class Job(NamedTuple):
    """What this process is to be: a forked child, or the zygote itself."""

    channel: int
    message: Message


def main(address: str) -> NoReturn:
    """Run the zygote to its end, or, in a child of it, a worker."""
    gc.disable()
    transport.accept_interrupts()
    worker.arrange_path(cwd_on_path=False)
    control = Control(transport.connect(address, ""))
    config = warm()
    control.send({"type": "ready", "protocol": PROTOCOL, "pid": os.getpid()})
    job = Zygote(control).serve()
    if job is None:
        os._exit(0)
    worker.work(transport.adopt(job.channel), config)


def warm() -> pytest.Config | None:
    """Import what every worker needs, and make what every worker makes alike.

    Without pytest, workers say what is wrong.
    """
    # The first finalizer registers an exit function, whoever makes it.
    weakref.finalize(warm, int).detach()
    try:
        import pytest
    except ImportError:
        return None
    del pytest
    from fastest_harness import compat, compat_config, compat_fixtures, engine

    if compat.KNOWS_PHASES:
        importlib.import_module("fastest_harness.direct")
    for name in LATE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    engine.versions()
    compat_fixtures.show_excerpts()
    return compat_config.make_config()


def reaped(deaths: int) -> list[tuple[int, int]]:
    """Children that have ended, each with its status, and the pipe of their signals empty."""
    with contextlib.suppress(BlockingIOError):
        os.read(deaths, 4096)
    ended = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, status))
    return ended


class Zygote:
    """The loop, and the children it knows by the runner's names for them."""

    def __init__(self, control: Control) -> None:
        self._control: Final = control
        self._children: Final[dict[int, int]] = {}
        self._deaths, self._death = os.pipe()

    def serve(self) -> Job | None:
        """Obey until the runner is gone or has no more use; a job, in a process that has one."""
        os.set_blocking(self._deaths, False)
        os.set_blocking(self._death, False)
        signal.signal(signal.SIGCHLD, _nothing)
        signal.set_wakeup_fd(self._death, warn_on_full_buffer=False)
        control = self._control.fileno()
        self._reap()
        while True:
            readable, _, _ = select.select([control, self._deaths], [], [], self._patience())
            if self._deaths in readable or not readable:
                self._reap()
            while control in readable or self._control.has_message():
                readable = []
                received = self._control.receive()
                if received is None:
                    self._end()
                    return None
                if received.message["type"] == "leave":
                    return None
                job = self._obey(received)
                if job is not None:
                    return job

    def _obey(self, received: Received) -> Job | None:
        kind = received.message["type"]
        if kind == "preload":
            self._preload(received.message)
        elif kind == "fork":
            return self._fork(received)
        return None

    def _patience(self) -> float | None:
        """After how many seconds without anything to do it looks around; never."""
        return None

    def _preload(self, message: Message) -> None:
        reasons: dict[str, str] = {}
        # Without it workers have nothing to do but to say so.
        if "pytest" in sys.modules:
            reasons = preload(order_of(message), self._trying)
        self._control.send({"type": "preloaded", "unfit": reasons})

    def _trying(self, module: str, unfit: dict[str, str]) -> None:
        self._control.send({"type": "trying", "module": module, "unfit": unfit})

    def _fork(self, received: Received) -> Job | None:
        self._freeze()
        if received.message["in_place"]:
            self._control.send({"type": "forked", "id": received.message["id"], "pid": os.getpid()})
            transport.end_with(self._control.fileno())
            return self._become(received)
        pid = os.fork()
        if pid == 0:
            self._control.close()
            return self._become(received)
        for number in received.descriptors:
            os.close(number)
        # Also done by the child: whoever comes first, nobody sees it in our group.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        name = received.message["id"]
        self._children[pid] = name
        self._control.send({"type": "forked", "id": name, "pid": pid})
        return None

    def _freeze(self) -> None:
        """Keep the collector from touching, and so copying, what is shared with the children.

        What is garbage stays: to collect it takes 20 ms, and would leave holes all over, in
        which the children would put their objects and so copy the pages around them.
        """
        gc.freeze()

    def _make_worker(self, out: int, err: int, message: Message) -> None:
        fresh.make_worker(out, err, message)

    def _become(self, received: Received) -> Job:
        """A worker, as far as that is not the engine's."""
        on_child()
        os.close(self._deaths)
        os.close(self._death)
        channel, out, err, *leash = received.descriptors
        for number in leash:
            transport.end_with(number)
        self._make_worker(out, err, received.message)
        return Job(channel, received.message)

    def _reap(self) -> None:
        for pid, status in reaped(self._deaths):
            name = self._children.pop(pid, None)
            if name is not None:
                self._control.send({"type": "ended", "id": name, "status": status})

    def _end(self) -> None:
        """The runner is gone: no worker outlives it, nor what kept processes have forked."""
        for pid in self._children:
            _kill_below(pid)


def on_child() -> None:
    """Handle signals as a new process does, and lead a group."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)


def _kill_below(pid: int) -> None:
    """Kill a process with all below it.

    What it forks meanwhile is told nothing more and ends by itself.  (Nobody is stopped first: who
    does that may be killed before he goes on, and leave others stopped.)
    """
    children = _children_of(pid)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    for child in children:
        _kill_below(child)


def _children_of(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            return [int(child) for child in children.read().split()]
    except OSError:
        return []


def _nothing(_number: int, _frame: object) -> None:
    """A handler, so that the signal wakes `select`; ignored ones do not."""
