"""Run a command on a terminal of its own and talk with it.

    pty_session.py STEPS COMMAND...

STEPS is a JSON list of pairs: what to wait for after what was waited for before, and what to type
then; a pair may be followed by a file to write then, and its text.  Prints everything that appeared
on the terminal; the exit status is the command's, or 99 if something did not come.
"""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

LIMIT = 60.0
"""Seconds that one answer may take: a busy machine starts Python slowly."""


def main() -> int:
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    said = bytearray()
    seen = 0
    for word, answer, *edit in steps:
        seen = wait(terminal, said, word.encode(), seen)
        if seen < 0:
            os.kill(pid, signal.SIGKILL)
            print(said.decode(errors="replace"), f"\nnothing like {word!r} came", sep="")
            return 99
        os.write(terminal, answer.encode())
        if edit:
            Path(edit[0]).write_text(edit[1], encoding="utf-8")
    wait(terminal, said, None, seen)
    _, status = os.waitpid(pid, 0)
    print(said.decode(errors="replace"))
    return os.waitstatus_to_exitcode(status)


def wait(terminal: int, said: bytearray, word: bytes | None, start: int) -> int:
    """Read until the word comes from a place on, or to the end if there is none to wait for.

    Returns the place after the word, or -1.
    """
    end = time.monotonic() + LIMIT
    while word is None or word not in said[start:]:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        try:
            data = os.read(terminal, 4096) if ready else b""
        except OSError:  # What a terminal says on Linux when its other end is closed.
            data = b""
        if not data:
            return -1
        said += data
    return said.index(word, start) + len(word)


if __name__ == "__main__":
    sys.exit(main())
