"""What importing a module may change in its process, and whether it did.

Preloaded modules are imported before pytest starts and in another process than the tests.  That
must be invisible, so a module whose import does more than define things is not preloaded.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import locale
import logging
import os
import signal
import sys
import tempfile
import threading
import warnings
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

State = dict[str, object]

EXIT_FUNCTIONS: Final = ("logging", "multiprocessing.util", "rlcompleter")
"""Modules of the standard library that register one exit function each when they are imported,
which does in a fork what it should."""


EXITS: Final = "registers an exit function"


class Guard:
    """Watches the process while modules are imported."""

    def __init__(self) -> None:
        self._modules: frozenset[str] = frozenset(sys.modules)
        self._before: State = state()
        self._streams = references_to_streams()

    def change(self) -> str | None:
        """What changed since the last look, as a fragment that follows "its import"."""
        streams, self._streams = self._streams, references_to_streams()
        if self._streams != streams:
            # What pytest captures are the streams that it puts in their place.
            return "keeps a standard stream"
        before, self._before = self._before, state()
        known, self._modules = self._modules, frozenset(sys.modules)
        for name, value in self._before.items():
            if value == before[name]:
                continue
            if name == EXITS and _are_known(before[name], value, self._modules - known):
                continue
            return name
        return None


def state() -> State:
    """What the rest of the process can see, by what a change of it is called."""
    return {
        "starts a thread": threads(),
        "opens a file": _descriptors(),
        "changes the environment": dict(os.environ),
        "changes the working directory": os.getcwd(),
        "changes `sys.path`": list(sys.path),
        "installs an import hook": (list(sys.meta_path), list(sys.path_hooks)),
        "handles a signal": [signal.getsignal(number) for number in signal.valid_signals()],
        "filters warnings": list(warnings.filters),
        EXITS: exit_functions(),
        "replaces a hook of the interpreter": _hooks(),
        "changes the recursion limit": sys.getrecursionlimit(),
        "tunes the garbage collector": (gc.isenabled(), gc.get_threshold()),
        "changes the locale": locale.setlocale(locale.LC_ALL),
        "adds built-in names": set(vars(sys.modules["builtins"])),
        "configures logging": (list(logging.root.handlers), logging.root.level),
    }


@contextlib.contextmanager
def recorded() -> Iterator[list[str]]:
    """Note, when done, warnings and output that importing gave rise to; nobody else sees them."""
    found: list[str] = []
    with warnings.catch_warnings(record=True) as seen, _silence() as wrote:
        warnings.simplefilter("always")
        yield found
    if seen:
        found.append("warns")
    if wrote:
        found.append("writes output")


@contextlib.contextmanager
def _silence() -> Iterator[list[str]]:
    """Send the standard streams to a file, and say (when done) whether anything came."""
    wrote: list[str] = []
    with tempfile.TemporaryFile() as file:
        kept = [os.dup(1), os.dup(2)]
        _flush()
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield wrote
        finally:
            _flush()
            for number, copy in enumerate(kept, start=1):
                os.dup2(copy, number)
                os.close(copy)
        if os.fstat(file.fileno()).st_size:
            wrote.append("output")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _are_known(before: object, after: object, new: frozenset[str]) -> bool:
    """Whether all new exit functions are those of the standard library's own modules."""
    return int(str(after)) - int(str(before)) <= len(new.intersection(EXIT_FUNCTIONS))


def exit_functions() -> int:
    """How many are registered; 0 where the interpreter does not tell."""
    count = getattr(atexit, "_ncallbacks", None)
    return count() if count else 0


def threads() -> int:
    """Threads of any kind where the system tells, else Python's."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


def _descriptors() -> int:
    """How many are open; `listdir` itself holds one each time."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 0


def references_to_streams() -> list[int]:
    """How many references there are to each standard stream and to what is below it."""
    streams = [stream for stream in (sys.stdin, sys.stdout, sys.stderr) if stream is not None]
    buffers = [getattr(stream, "buffer", stream) for stream in streams]
    return [sys.getrefcount(stream) for stream in (*streams, *buffers)]


def _hooks() -> tuple[object, ...]:
    streams = (sys.stdin, sys.stdout, sys.stderr)
    errors = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    return (*streams, *errors, sys.displayhook, sys.gettrace(), sys.getprofile())
