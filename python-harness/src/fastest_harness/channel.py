"""Frames: a big-endian length of four bytes, then that many bytes of a UTF-8 JSON object."""

from __future__ import annotations

import json
import os
import select
import struct
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import socket

Message = dict[str, Any]

_LENGTH: Final = struct.Struct(">I")


class Channel:
    """One end of the conversation.  Any thread may send; the main thread receives.

    No thread of ours waits for messages: tests see (and `os.fork` warns of) every thread.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection: Final = connection
        self._lock: Final = threading.Lock()
        self._owner: Final = os.getpid()

    def send(self, message: Message) -> None:
        """Send one message; a process that a test forked off sends nothing."""
        if os.getpid() != self._owner:
            return
        body = encode(message)
        try:
            with self._lock:
                self._connection.sendall(_LENGTH.pack(len(body)) + body)
        except OSError:
            # The other side is gone: the receiving thread sees that too and ends the process.
            return

    def receive(self) -> Message | None:
        """The next message, or ``None`` once the other side has closed."""
        head = self._exactly(_LENGTH.size)
        body = head and self._exactly(_LENGTH.unpack(head)[0])
        if not body:
            return None
        message: Message = json.loads(body)
        return message

    def close(self) -> None:
        """Say that nothing more will come."""
        self._connection.close()

    def has_message(self) -> bool:
        """Whether ``receive`` would return at once."""
        ready, _, _ = select.select([self._connection], [], [], 0)
        return bool(ready)

    def _exactly(self, size: int) -> bytes | None:
        chunks = bytearray()
        while len(chunks) < size:
            try:
                chunk = self._connection.recv(min(size - len(chunks), 1 << 20))
            except OSError:
                return None
            if not chunk:
                return None
            chunks += chunk
        return bytes(chunks)


def encode(message: Message) -> bytes:
    """The message as UTF-8 JSON; lone surrogates, which no JSON reader takes, become text."""
    try:
        return json.dumps(message, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(_without_surrogates(message), ensure_ascii=False).encode("utf-8")


def clean(text: str) -> str:
    """The text with lone surrogates spelled out (``\\udc80``)."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_surrogates(item) for item in value]
    return value
