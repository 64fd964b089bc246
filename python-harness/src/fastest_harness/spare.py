"""A fork that is made before it is asked for, and waits until it is told what for.

To fork takes a millisecond, and each page that a fork writes to is copied first, at 4 µs each:
two thirds of what a short test takes.  Both are done here while nobody waits.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import time
from typing import TYPE_CHECKING, Final

from fastest_harness.control import Control

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastest_harness.channel import Message
    from fastest_harness.control import Received

_LENGTH: Final = struct.Struct(">I")
_ENTRY: Final = struct.Struct("=Q")
_PRESENT: Final = 1 << 63
_WAITING: Final = b"."
_LOOKS: Final = 200
_MOMENT: Final = 0.001
_LONGEST: Final = 256
"""So many pages at most are copied at once."""


class Spare:
    """The waiting process, as its parent knows it."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid: Final = pid
        self._connection: Final = connection

    def wake(self, message: Message, descriptors: Sequence[int]) -> bool:
        """Tell it what it is for, and let it go; whether it was there."""
        told = {"type": "fork", "id": message["id"], "descriptors": len(descriptors)}
        body = json.dumps(told).encode()
        try:
            socket.send_fds(self._connection, [_LENGTH.pack(len(body)) + body], descriptors)
        except OSError:
            return False
        finally:
            self._connection.close()
        return True


def make() -> Spare | Received:
    """Fork; in the parent the process that waits, in that, once it is woken, what for."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        theirs.send(_WAITING)
        control = Control(theirs)
        received = control.receive()
        if received is None:
            os._exit(0)
        control.close()
        return received
    theirs.close()
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    # Where the system does not let us, its pages are copied when it writes to them.
    with contextlib.suppress(OSError, ValueError):
        if ours.recv(len(_WAITING)) and sleeps(pid):
            unshare(pid)
    return Spare(pid, ours)


def unshare(pid: int) -> None:
    """Have a child own the memory that it shares with us.

    Each page is written back as it is, which copies it.  The child sleeps meanwhile: it waits for
    what only we send.  (It is not stopped, for it would stay so if we were killed.)
    """
    memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
    try:
        for start, size in _runs(pid):
            os.pwrite(memory, os.pread(memory, size, start), start)
    finally:
        os.close(memory)


def sleeps(pid: int) -> bool:
    """Whether a child that was about to wait does so, after a moment."""
    for _ in range(_LOOKS):
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            if stat.read().rpartition(")")[2].split()[0] == "S":
                return True
        time.sleep(_MOMENT)
    return False


def _runs(pid: int) -> Iterator[tuple[int, int]]:
    """Addresses and sizes of memory that is there and may be written to."""
    page = os.sysconf("SC_PAGE_SIZE")
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        for begin, end in _writable(pid):
            pagemap.seek(begin // page * _ENTRY.size)
            entries = pagemap.read((end - begin) // page * _ENTRY.size)
            first = None
            for place, (entry,) in enumerate(_ENTRY.iter_unpack(entries)):
                is_there = bool(entry & _PRESENT)
                if first is not None and (not is_there or place - first >= _LONGEST):
                    yield begin + first * page, (place - first) * page
                    first = None
                if is_there and first is None:
                    first = place
            if first is not None:
                yield begin + first * page, end - begin - first * page


def _writable(pid: int) -> Iterator[tuple[int, int]]:
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            addresses, rights, _ = line.split(maxsplit=2)
            if rights == "rw-p":
                begin, _, end = addresses.partition("-")
                yield int(begin, 16), int(end, 16)
