"""What makes a fork a process of its own, as if it had been started anew."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import sys
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastest_harness.channel import Message

_GENERATORS: Final[dict[int, random.Random]] = {}
"""Generators of modules that were imported early, which have seeded themselves."""


def make_worker(out: int, err: int, message: Message) -> None:
    """Take the streams, the working directory, the environment; start randomness anew."""
    for number, stream in ((1, out), (2, err)):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(message["dir"].encode("latin-1"))
    set_environment(message["env"])
    reseed()
    gc.enable()


RARELY: Final = 50_000
"""How many new objects there must be until garbage is looked for, while most of them stay."""


@contextlib.contextmanager
def little_garbage() -> Iterator[None]:
    """Look for garbage rarely meanwhile: nearly all that is made stays, and is gone through again
    and again.  Whoever sets how often that is done meanwhile has it so afterwards.
    """
    before = gc.get_threshold()
    if not 0 < before[0] < RARELY:
        yield
        return
    meanwhile = (RARELY, *before[1:])
    gc.set_threshold(*meanwhile)
    try:
        yield
    finally:
        if gc.get_threshold() == meanwhile:
            gc.set_threshold(*before)


@contextlib.contextmanager
def noted_generators() -> Iterator[None]:
    """Remember the generators that seed themselves meanwhile, and are given no seed afterwards."""
    seed = random.Random.seed

    def noted(self: random.Random, a: Any = None, version: int = 2) -> None:
        if a is None:
            _GENERATORS[id(self)] = self
        else:
            _GENERATORS.pop(id(self), None)
        seed(self, a, version)

    setattr(random.Random, "seed", noted)  # noqa: B010
    try:
        yield
    finally:
        setattr(random.Random, "seed", seed)  # noqa: B010


def reseed() -> None:
    """Give each fork random numbers of its own, from generators that seed themselves."""
    random.seed()
    for generator in _GENERATORS.values():
        generator.seed()
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
