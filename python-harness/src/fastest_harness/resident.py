"""A warm process that stays from one run to the next: each run gets a zygote that is a fork of it.

It does nothing but accept and fork.  What a connection says is read by a child of its own, so that
no run can keep another waiting, and a run owns the zygote that it was given as if it had started
it.  Whether the process is still what a fresh one would be is asked for every run: by the runner,
who says what it would start one with, and by `Loaded`, which looks at the files behind it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Final, NoReturn

from fastest_harness import PROTOCOL, fresh, transport, worker
from fastest_harness.control import Control
from fastest_harness.zygote import Job, Zygote, on_child, reaped, warm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastest_harness.channel import Message

LOOK_SECONDS: Final = 30.0
"""How often the process looks whether anybody can still want it."""

HELLO_SECONDS: Final = 5.0
"""How long a child waits for whoever has connected to say what for."""

NOTHING_RUN: Final = 3
"""The exit code of a child that was only asked something."""


def main(terms: str) -> NoReturn:
    """Stay until nobody wants the process; or, in a fork of it, be a zygote or a worker."""
    started = time.time_ns()
    gc.disable()
    transport.accept_interrupts()
    worker.arrange_path(cwd_on_path=False)
    wanted: Message = json.loads(terms)
    listener = transport.adopt(wanted["listener"])
    config = warm()
    # Without pytest a worker that is started anew says what is wrong.
    job = None if config is None else Resident(listener, wanted, Loaded(started)).serve()
    if job is None:
        os._exit(0)
    worker.work(transport.adopt(job.channel), config)


class Loaded:
    """The files that this process has loaded, and what could hide them, as they were then."""

    def __init__(self, started: int) -> None:
        self._files: Final = _files()
        self._hiding: Final = _hiding()
        newest = max((changed for changed, _ in self._files.values()), default=0)
        # One that was written while it was read may be either.
        self._is_certain: Final = newest < started

    def is_as_before(self) -> bool:
        """Whether a process that was started now would load the same."""
        is_loaded = self._files == _stamps(self._files)
        return self._is_certain and is_loaded and self._hiding == _hiding()


def _files() -> dict[str, tuple[int, int]]:
    modules = [getattr(module, "__dict__", {}) for module in list(sys.modules.values())]
    paths = (names.get("__file__") for names in modules)
    return _stamps(path for path in paths if isinstance(path, str))


def _stamps(paths: Iterable[str]) -> dict[str, tuple[int, int]]:
    stamps = {}
    for path in paths:
        try:
            found = os.stat(path)
        except OSError:
            stamps[path] = (0, 0)
        else:
            stamps[path] = (found.st_mtime_ns, found.st_size)
    return stamps


def _hiding() -> list[tuple[str, frozenset[str]]]:
    """What lies on each folder of the path by the name of a module that is loaded."""
    tops = {name.partition(".")[0] for name in sys.modules}
    found = []
    for folder in sys.path:
        try:
            names = {name.partition(".")[0] for name in os.listdir(folder or ".")}
        except OSError:
            names = set()
        found.append((folder, frozenset(names & tops)))
    return found


class Resident:
    """The loop, and the zygotes that were made."""

    def __init__(self, listener: socket.socket, terms: Message, loaded: Loaded) -> None:
        self._listener: Final = listener
        self._path: Final[str] = terms["path"]
        self._grounds: Final[str] = terms["grounds"]
        self._idle: Final[float] = terms["idle"]
        self._rootdir: Final[str] = terms["rootdir"]
        self._loaded: Final = loaded
        self._place: Final = _place(self._path)
        self._pid: Final = os.getpid()
        self._session: Final = os.getsid(0)
        self._deaths, self._death = os.pipe()
        self._children = 0
        self._last = time.monotonic()
        self._is_over = False

    def serve(self) -> Job | None:
        """Accept until nobody wants the process; a job, in a fork that is to be a worker."""
        for end in (self._deaths, self._death):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, _nothing)
        signal.signal(signal.SIGTERM, self._end)
        signal.set_wakeup_fd(self._death, warn_on_full_buffer=False)
        self._listener.setblocking(False)
        gc.freeze()
        while self._is_wanted():
            wait = min(LOOK_SECONDS, self._idle)
            listener = self._listener.fileno()
            readable, _, _ = select.select([listener, self._deaths], [], [], wait)
            self._reap()
            if listener in readable:
                connection = self._accept()
                if connection is not None:
                    return self._serve_one(connection)
        if _place(self._path) == self._place:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
        return None

    def _accept(self) -> socket.socket | None:
        """The next connection, in a child that is to serve it."""
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return None
        try:
            pid = os.fork()
        except OSError:
            # Whoever has connected sees the end of it, and does without.
            connection.close()
            return None
        if pid == 0:
            return connection
        connection.close()
        self._children += 1
        return None

    def _serve_one(self, connection: socket.socket) -> Job | None:
        on_child()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._listener.close()
        os.close(self._deaths)
        os.close(self._death)
        connection.settimeout(HELLO_SECONDS)
        control = Control(connection)
        received = control.receive() if _is_ours(connection) else None
        if received is None or not self._answer(control, received.message):
            os._exit(NOTHING_RUN)
        connection.settimeout(None)
        # A zygote that was started has no such module.
        sys.modules.pop(__name__, None)
        return Zygote(control).serve()

    def _answer(self, control: Control, message: Message) -> bool:
        """Answer the first message; whether a zygote is wanted and may be had."""
        kind = message["type"]
        if kind == "status":
            control.send(self._status())
        elif kind == "stop":
            self._stop()
            control.send({"type": "stopping", "pid": self._pid})
        elif message.get("grounds") != self._grounds or not self._loaded.is_as_before():
            self._stop()
            control.send({"type": "stale"})
        else:
            importlib.invalidate_caches()
            fresh.restart_clock()
            control.send({"type": "ready", "protocol": PROTOCOL, "pid": os.getpid()})
            return True
        return False

    def _status(self) -> Message:
        return {
            "type": "status",
            "pid": self._pid,
            "python": sys.executable,
            "rootdir": self._rootdir,
            "running": self._children,
            "idle": time.monotonic() - self._last,
            "limit": self._idle,
        }

    def _stop(self) -> None:
        """Have the process end that this is a fork of; runs that it has helped to start go on."""
        if os.getppid() == self._pid:
            os.kill(self._pid, signal.SIGTERM)

    def _is_wanted(self) -> bool:
        is_idle = self._children == 0 and time.monotonic() - self._last >= self._idle
        return not (self._is_over or is_idle) and self._is_known() and self._has_session()

    def _is_known(self) -> bool:
        """Whether a runner would still find this process, and not another in its place."""
        return _place(self._path) == self._place

    def _has_session(self) -> bool:
        """Whether the terminal's session goes on in which it was started."""
        try:
            os.kill(self._session, 0)
        except ProcessLookupError:
            return False
        except OSError:
            pass
        return True

    def _reap(self) -> None:
        for _, status in reaped(self._deaths):
            self._children -= 1
            if os.waitstatus_to_exitcode(status) != NOTHING_RUN:
                self._last = time.monotonic()

    def _end(self, _number: int, _frame: object) -> None:
        self._is_over = True


def _place(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_ours(connection: socket.socket) -> bool:
    """Whether the user who has connected is the one whom this process belongs to."""
    if not hasattr(socket, "SO_PEERCRED"):
        return False
    layout = struct.Struct("3i")
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, layout.size)
    _, user, _ = layout.unpack(data)
    return bool(user == os.getuid())


def _nothing(_number: int, _frame: object) -> None:
    """A handler, so that the signal wakes `select`; ignored ones do not."""
