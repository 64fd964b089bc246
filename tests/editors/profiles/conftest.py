"""A project, and the real server with a client of each profile on it."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from audit import broken
from editor import Editor
from profiles import NAMES, profile
from pytest_lsp import ClientServerConfig, LanguageClient
from recording import recording_client

CONFTEST = '''\
import pytest


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A database with *tables*."""
    yield tmp_path_factory.mktemp("db")
'''

CART = '''\
# Preise: 5 €, 😀
import pytest


@pytest.mark.parametrize("size, name", [(1, "é😀"), (2, "b")])
def test_size(database, size, name):
    assert (size, "é😀") == (1, name) and database


class TestCart:
    def test_empty(self, tmp_path):
        assert not list(tmp_path.iterdir())


def test_typo(databse):
    assert (databse, "so")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a conftest and a test file."""
    folder = tmp_path.resolve() / "shop"
    folder.mkdir()
    files = {"pytest.ini": "[pytest]\n", "conftest.py": CONFTEST, "test_cart.py": CART}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """The name of a profile."""
    name: str = request.param
    return name


def configuration() -> ClientServerConfig:
    """The server's binary, and the client that it is started with."""
    binary = os.environ.get("FASTEST_TEST_BINARY")
    if not binary:
        pytest.fail("FASTEST_TEST_BINARY names the binary that is tested")
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    return ClientServerConfig([binary], client_factory=recording_client, server_env=env)


@pytest_asyncio.fixture
async def editor(name: str, folder: Path) -> AsyncIterator[Editor]:
    """An editor on the project.  When it has said goodbye, nothing that was said may be wrong."""
    client = await configuration().start()
    assert isinstance(client, LanguageClient)
    editor = Editor(client, folder, profile(name))
    try:
        await editor.start()
        yield editor
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]
    assert client.error is None
    assert client._server is not None and client._server.returncode == 0
    assert broken(editor.traffic) == []


def pytest_report_header() -> str:
    """Which interpreter runs the project's tests."""
    return f"server: {os.environ.get('FASTEST_TEST_BINARY')}, tests: {sys.executable}"
