"""Frames: a big-endian length of four bytes, then that many bytes of a UTF-8 JSON object."""

from __future__ import annotations

import json
import os
import select
import struct
import threading
from typing import TYPE_CHECKING, Any, Final

from fastest_harness.clocks import CLOCKS

if TYPE_CHECKING:
    import socket

Message = dict[str, Any]

_LENGTH: Final = struct.Struct(">I")

_OFTEN: Final = 0.002
"""So many seconds may pass until it is asked again whether there is a message."""

_encode: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode

_MOST_POSTED: Final = 1 << 16
"""So many bytes are not held back any longer."""


class Channel:
    """One end of the conversation.  Any thread may send; the main thread receives.

    No thread of ours waits for messages: tests see (and `os.fork` warns of) every thread.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock: Final = threading.Lock()
        self._owner = os.getpid()
        self._posted: Final = bytearray()
        self._asked = 0.0

    def is_ours(self) -> bool:
        """Whether this is the process that the channel belongs to, and not a fork of it."""
        return os.getpid() == self._owner

    def send(self, message: Message) -> None:
        """Send one message after those that were posted."""
        self._add(message, now=True)

    def post(self, message: Message) -> None:
        """Have a message sent with the next that is sent, or by ``flush``, or ``receive``."""
        self._add(message, now=len(self._posted) > _MOST_POSTED)

    def flush(self) -> None:
        """Send what was posted; a process that a test forked off sends nothing."""
        with self._lock:
            self._flush()

    def receive(self) -> Message | None:
        """The next message, or ``None`` once the other side has closed."""
        self.flush()
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

    def may_have_message(self) -> bool:
        """The same, but asked at most every few milliseconds: short tests take less."""
        now = CLOCKS[1]()
        if now < self._asked + _OFTEN:
            return False
        self._asked = now
        return self.has_message()

    def _add(self, message: Message, *, now: bool) -> None:
        body = encode(message)
        with self._lock:
            self._posted.extend(_LENGTH.pack(len(body)))
            self._posted.extend(body)
            if now:
                self._flush()

    def _flush(self) -> None:
        if not self._posted or not self.is_ours():
            return
        try:
            # Not `sendall`: an interrupt within it would leave half a message behind.
            while self._posted:
                del self._posted[: self._connection.send(self._posted)]
        except OSError:
            # The other side is gone: whoever receives sees that too and ends the process.
            self._posted.clear()

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
        return _encode(message).encode("utf-8")
    except UnicodeEncodeError:
        return _encode(_without_surrogates(message)).encode("utf-8")


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
