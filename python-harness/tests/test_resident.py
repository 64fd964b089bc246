"""The process that stays: whom it serves, and when it goes."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")

SOURCES = Path(__file__).resolve().parent.parent / "src"
BOOT = (
    "import sys; sys.path[:1] = [sys.argv[1]];"
    "from fastest_harness.resident import main; main(sys.argv[2])"
)
PATIENCE = 60.0


class Resident:
    """A process that stays, and its socket."""

    def __init__(self, folder: Path, idle: float) -> None:
        self.path = folder / "it.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        listener.listen()
        number = listener.fileno()
        terms = {"listener": number, "path": str(self.path), "grounds": "same", "idle": idle}
        command = [sys.executable, "-c", BOOT, str(SOURCES), json.dumps({**terms, "rootdir": "/r"})]
        environment = {**os.environ, "PYTHONPATH": str(folder / "early")}
        self.process = subprocess.Popen(
            command, pass_fds=[number], cwd=folder, env=environment, start_new_session=False
        )
        listener.close()

    def ask(self, **message: str) -> tuple[socket.socket, dict[str, Any]]:
        """The connection, and the answer."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(str(self.path))
        body = json.dumps(message).encode()
        connection.sendall(struct.pack(">I", len(body)) + body)
        answers = connection.makefile("rb")
        (length,) = struct.unpack(">I", answers.read(4))
        answer: dict[str, Any] = json.loads(answers.read(length))
        return connection, answer

    def goes(self) -> bool:
        """Whether it ends by itself, and takes its socket with it."""
        return self.process.wait(PATIENCE) == 0 and not self.path.exists()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Resident]]:
    (tmp_path / "early").mkdir()
    (tmp_path / "early/sitecustomize.py").write_text("VALUE = 1\n", encoding="utf-8")
    # What is younger than the process may have been read before or after it was written.
    os.utime(tmp_path / "early/sitecustomize.py", (1, 1))
    started = []

    def start(idle: float = PATIENCE) -> Resident:
        started.append(Resident(tmp_path, idle))
        return started[-1]

    yield start
    for resident in started:
        resident.process.kill()
        resident.process.wait()


def test_it_serves_several_at_once(start: Callable[..., Resident]) -> None:
    resident = start()
    first, answer = resident.ask(type="attach", grounds="same")
    second, other = resident.ask(type="attach", grounds="same")
    assert answer["type"] == other["type"] == "ready"
    assert answer["pid"] != other["pid"]
    _, status = resident.ask(type="status")
    assert (status["pid"], status["running"]) == (resident.process.pid, 2)
    first.close()
    second.close()


def test_who_says_nothing_keeps_nobody_waiting(start: Callable[..., Resident]) -> None:
    resident = start()
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(str(resident.path))
    _, answer = resident.ask(type="attach", grounds="same")
    assert answer["type"] == "ready"
    silent.close()


def test_on_other_grounds_it_goes(start: Callable[..., Resident]) -> None:
    resident = start()
    served, _ = resident.ask(type="attach", grounds="same")
    _, answer = resident.ask(type="attach", grounds="other")
    assert answer["type"] == "stale"
    assert resident.goes()
    # Whom it has served goes on.
    body = b'{"type": "preload", "modules": [], "roots": [], "untouched": [], "careful": false}'
    served.sendall(struct.pack(">I", len(body)) + body)
    assert served.recv(1)
    served.close()


def test_it_goes_when_a_loaded_file_has_changed(start: Callable[..., Resident]) -> None:
    resident = start()
    resident.ask(type="attach", grounds="same")[0].close()
    (resident.path.parent / "early/sitecustomize.py").write_text("VALUE = 2\n", encoding="utf-8")
    _, answer = resident.ask(type="attach", grounds="same")
    assert answer["type"] == "stale"
    assert resident.goes()


def test_it_goes_when_a_loaded_module_is_hidden(start: Callable[..., Resident]) -> None:
    resident = start()
    resident.ask(type="attach", grounds="same")[0].close()
    (resident.path.parent / "early/other.py").write_text("", encoding="utf-8")
    assert resident.ask(type="attach", grounds="same")[1]["type"] == "ready"
    (resident.path.parent / "early/json.py").write_text("", encoding="utf-8")
    assert resident.ask(type="attach", grounds="same")[1]["type"] == "stale"
    assert resident.goes()


def test_it_goes_when_nobody_uses_it(start: Callable[..., Resident]) -> None:
    assert start(idle=0.2).goes()


def test_it_goes_when_it_is_told_to(start: Callable[..., Resident]) -> None:
    resident = start()
    _, answer = resident.ask(type="stop")
    assert answer == {"type": "stopping", "pid": resident.process.pid}
    assert resident.goes()


def test_it_stays_while_a_run_goes_on(start: Callable[..., Resident]) -> None:
    resident = start(idle=0.2)
    connection, answer = resident.ask(type="attach", grounds="same")
    while resident.ask(type="status")[1]["idle"] < 2 * 0.2:
        pass
    connection.close()
    assert resident.goes()
    with pytest.raises(ProcessLookupError):
        os.kill(answer["pid"], signal.SIGKILL)
