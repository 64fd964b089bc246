"""What a zygote becomes while nobody needs forks: a small process that only watches its workers.

Its own memory, which it shares less and less with the workers the more they change theirs, is a
good part of a run's.  ``exec`` gives it back and keeps the process with its children.  It is the
zygote again, after the tenth of a second that this takes, when the runner sends something.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

WATCH: Final = r"""
import _signal, _socket, os, select, struct, sys
fd, python, boot, folder, *pairs = sys.argv[1:]
children = dict(tuple(map(int, pair.split(':'))) for pair in pairs)
control = _socket.socket(fileno=int(fd))
deaths, death = os.pipe()
os.set_blocking(death, False)
_signal.signal(_signal.SIGCHLD, lambda number, frame: None)
_signal.set_wakeup_fd(death, warn_on_full_buffer=False)
while True:
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid in children:
                body = b'{"type":"ended","id":%d,"status":%d}' % (children.pop(pid), status)
                try:
                    control.sendall(struct.pack('>I', len(body)) + body)
                except OSError:
                    pass
    except ChildProcessError:
        pass
    readable = select.select([control, deaths], [], [])[0]
    if deaths in readable:
        os.read(deaths, 4096)
    if control in readable:
        break
try:
    gone = not control.recv(1, _socket.MSG_PEEK)
except OSError:
    gone = True
if gone:
    for pid in children:
        try:
            os.killpg(pid, _signal.SIGKILL)
        except OSError:
            pass
    os._exit(0)
os.set_inheritable(control.fileno(), True)
pairs = ['%d:%d' % pair for pair in children.items()]
os.execv(python, [python, '-c', boot, folder, 'fd:' + fd, *pairs])
"""
"""The program of that process.  It imports nothing that is not built in, or nearly so."""


def rest(control: int, boot: str, children: Mapping[int, int]) -> NoReturn:
    """Become that process; ``boot`` is what makes a zygote of an interpreter."""
    os.set_inheritable(control, True)
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    pairs = [f"{pid}:{name}" for pid, name in children.items()]
    program = [sys.executable, "-I", "-S", "-c", WATCH]
    os.execv(sys.executable, [*program, str(control), sys.executable, boot, folder, *pairs])


def watched() -> dict[int, int]:
    """The children of a zygote that has rested: process ids, and the runner's names of them."""
    pairs = (pair.partition(":") for pair in sys.argv[3:])
    return {int(pid): int(name) for pid, _, name in pairs}
