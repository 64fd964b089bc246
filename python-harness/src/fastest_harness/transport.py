"""How a worker reaches the process that started it: every call that depends on the system.

Tests own the standard streams, so the worker talks over a socket of its own.
"""

from __future__ import annotations

import os
import signal
import socket
import sys


def connect(address: str, secret: str) -> socket.socket:
    """The socket for ``fd:NUMBER`` (inherited) or ``tcp:PORT`` (loopback, opened by ``secret``)."""
    kind, _, value = address.partition(":")
    if kind == "fd":
        return adopt(int(value))
    if kind == "tcp":
        return _loopback(int(value), secret)
    raise ValueError(f"unknown address `{address}`")


def accept_interrupts() -> None:
    """Let SIGINT interrupt, even where a shell started us in the background and has it ignored.

    The process that runs us sends it when the user wants the run to end, and only then.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def end_with(number: int) -> None:
    """Have the system kill this process's group once the other end of a socket closes."""
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(number, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(number, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(number, fcntl.F_GETFL)
        fcntl.fcntl(number, fcntl.F_SETFL, flags | os.O_ASYNC)


def adopt(number: int) -> socket.socket:
    """The socket behind a descriptor that this process holds."""
    connection = socket.socket(fileno=number)
    # The tests' own child processes must not hold the channel open.
    os.set_inheritable(connection.fileno(), False)
    return connection


def _loopback(port: int, secret: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(secret.encode("ascii"))
    return connection
