"""The zygote's conversation with the runner: frames, and descriptors that travel with them.

The stream is that of ``channel`` but for ``SCM_RIGHTS``: a message that says ``descriptors: N``
takes the next N of those that arrived.  Only Unix has it, and only the zygote imports it.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from fastest_harness.channel import encode

if TYPE_CHECKING:
    from fastest_harness.channel import Message

_LENGTH: Final = struct.Struct(">I")
_MOST_DESCRIPTORS: Final = 16
_CLOSE_ON_EXEC: Final = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


class Received(NamedTuple):
    """A message and what came with it."""

    message: Message
    descriptors: list[int]


class Control:
    """The zygote's end."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection: Final = connection
        self._bytes: Final = bytearray()
        self._descriptors: Final[deque[int]] = deque()

    def fileno(self) -> int:
        """For ``select``."""
        return self._connection.fileno()

    def send(self, message: Message) -> None:
        """Send one message; a runner that is gone hears nothing, and is noticed on receiving."""
        body = encode(message)
        try:
            self._connection.sendall(_LENGTH.pack(len(body)) + body)
        except OSError:
            return

    def receive(self) -> Received | None:
        """The next message, waited for, or ``None`` once the runner is gone."""
        while not self.has_message():
            if not self._read():
                return None
        end = _LENGTH.size + self._body_length()
        message: Message = json.loads(bytes(self._bytes[_LENGTH.size : end]))
        del self._bytes[:end]
        count = message.get("descriptors", 0)
        return Received(message, [self._descriptors.popleft() for _ in range(count)])

    def has_message(self) -> bool:
        """Whether ``receive`` would return at once, without asking the system."""
        held = len(self._bytes)
        return held >= _LENGTH.size and held >= _LENGTH.size + self._body_length()

    def close(self) -> None:
        """Let go of the socket and of what nobody took."""
        self._connection.close()
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def _body_length(self) -> int:
        (length,) = _LENGTH.unpack_from(self._bytes)
        return int(length)

    def _read(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(
                self._connection, 1 << 16, _MOST_DESCRIPTORS, _CLOSE_ON_EXEC
            )
        except OSError:
            return False
        self._descriptors.extend(descriptors)
        self._bytes.extend(data)
        return bool(data)
