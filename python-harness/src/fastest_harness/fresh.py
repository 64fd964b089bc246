"""What makes a fork a process of its own, as if it had been started anew."""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastest_harness.channel import Message


def make_worker(out: int, err: int, message: Message) -> None:
    """Take the streams, the working directory, the environment; start randomness anew."""
    for number, stream in ((1, out), (2, err)):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(message["dir"].encode("latin-1"))
    set_environment(message["env"])
    reseed()
    gc.enable()


def reseed() -> None:
    """Give each fork random numbers of its own, from generators that seed themselves."""
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


def restart_clock() -> None:
    """Have `logging` count from now on, as in a process that was started now."""
    logging = sys.modules.get("logging")
    start = getattr(logging, "_startTime", None)
    if start is not None:
        vars(logging)["_startTime"] = time.time_ns() if isinstance(start, int) else time.time()


def set_environment(pairs: list[list[str]]) -> None:
    """Make the environment what it is to be; each character stands for one byte."""
    wanted = {name.encode("latin-1"): value.encode("latin-1") for name, value in pairs}
    for name in os.environb.keys() - wanted.keys():
        del os.environb[name]
    for name, value in wanted.items():
        if os.environb.get(name) != value:
            os.environb[name] = value
