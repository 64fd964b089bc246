"""A worker under a debugger: debugpy listens on loopback, and nothing runs until it has a client.

Where a test fails, the debugger stops in the frame that failed, as it does for an exception that
nobody catches: to the debugger's client pytest's own ``except`` would hide it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastest_harness.channel import Channel

PATIENCE: Final = 60.0
"""Seconds that a client has to come."""


class Debugging(NamedTuple):
    """How a worker is to be debugged."""

    path: str | None
    """A folder that holds debugpy, for interpreters that have none."""


def await_client(channel: Channel, debugging: Debugging) -> bool:
    """Listen, say so, and wait for a client; whether one came."""
    debugpy = _load(debugging.path)
    if debugpy is None:
        channel.send({"type": "no_debugger", "executable": sys.executable})
        return False
    # The adapter is a process of its own, and must not be debugged in turn.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    _, port = debugpy.listen(("127.0.0.1", 0))
    channel.send({"type": "debugger", "port": port})
    timer = threading.Timer(PATIENCE, debugpy.wait_for_client.cancel)
    timer.daemon = True
    timer.start()
    debugpy.wait_for_client()
    timer.cancel()
    return bool(debugpy.is_client_connected())


def _load(path: str | None) -> Any:
    if path is not None:
        sys.path.insert(0, path)
    try:
        return importlib.import_module("debugpy")
    except ImportError:
        return None
    finally:
        if path is not None:
            sys.path.remove(path)


class Stops:
    """The plugin that stops where a test fails."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        excinfo = call.excinfo
        if excinfo is None or excinfo.errisinstance((pytest.skip.Exception, pytest.exit.Exception)):
            return
        pydevd = sys.modules.get("pydevd")
        debugger = None if pydevd is None else pydevd.get_global_debugger()
        if debugger is None:
            return
        thread = threading.current_thread()
        info = getattr(thread, "additional_info", None)
        if info is None:
            return
        info.is_tracing += 1
        try:
            trace = (excinfo.type, excinfo.value, excinfo.tb)
            with unmonitored():
                debugger.stop_on_unhandled_exception(debugger, thread, info, trace)
        finally:
            info.is_tracing -= 1


@contextlib.contextmanager
def unmonitored() -> Iterator[None]:
    """Have pydevd take no notice of its own work in this thread, from Python 3.12 on.

    It asks the thread to stop before it stops at the exception.  In a callback of `sys.monitoring`,
    where it does that itself, nothing comes between; here the next event would stop it, in our
    frame.
    """
    pydevd_monitoring = sys.modules.get("_pydevd_sys_monitoring.pydevd_sys_monitoring")
    if pydevd_monitoring is None or not hasattr(sys, "monitoring"):
        yield
        return
    pydevd_monitoring.stop_monitoring()
    try:
        yield
    finally:
        pydevd_monitoring.start_monitoring()
