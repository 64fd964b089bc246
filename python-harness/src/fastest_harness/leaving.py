"""How a forked worker ends: as the interpreter does, but for what only frees memory.

To take every module and object apart touches, and so copies, most of the memory that a fork
shares, which takes longer than many a run.  What others can see of an orderly end is kept.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import sys
import threading
from typing import Final, NoReturn

HOLDING: Final = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
"""Files that may hold what is not written yet."""


def leave(code: int) -> NoReturn:
    """Wait for threads, run exit functions, write out what files hold; end the process."""
    for step in (threading._shutdown, atexit._run_exitfuncs, flush_files, flush_streams):  # type: ignore[attr-defined]
        # Each has told what went wrong; nothing of it changes the exit code.
        with contextlib.suppress(BaseException):
            step()
    os._exit(code)


def flush_files() -> None:
    """Write out what is left in files that nobody closed, as their finalizers would."""
    # Lazy objects do what they have put off when they are asked for their class (`isinstance`).
    for file in [thing for thing in gc.get_objects() if issubclass(type(thing), HOLDING)]:
        with contextlib.suppress(OSError, ValueError):
            if not file.closed:
                file.flush()


def flush_streams() -> None:
    """Write out what was printed."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
