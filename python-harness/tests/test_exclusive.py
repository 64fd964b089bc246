"""Fixtures that only one process can have, and others."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
from types import FunctionType
from typing import Any

import pytest

from fastest_harness.exclusive import holds_exclusively


def start(target: Any) -> Any:
    thread = threading.Thread(target=target)
    thread.start()
    return thread


def through_a_helper() -> Any:
    return start(print)


def a_server() -> Any:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 8000))
        yield listener


def a_process() -> Any:
    return subprocess.Popen(["database"])


def for_workers(worker_id: str) -> Any:
    return subprocess.Popen(["database", worker_id])


def with_a_free_port(unused_port: int) -> Any:
    listener = socket.socket()
    listener.bind(("127.0.0.1", unused_port))
    return listener


def a_folder() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield folder


def settings() -> Any:
    return {"a": 1}


@pytest.mark.parametrize("function", [through_a_helper, a_server, a_process])
def test_exclusive(function: FunctionType) -> None:
    assert holds_exclusively(function)


@pytest.mark.parametrize("function", [for_workers, with_a_free_port, a_folder, settings])
def test_not_exclusive(function: FunctionType) -> None:
    assert not holds_exclusively(function)
