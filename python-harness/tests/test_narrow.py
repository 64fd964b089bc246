"""What is made of files that lie beside those which are named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent / "src"

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import pytest
from fastest_harness import compat_narrow

class Plugin:
    def pytest_collection(self, session):
        original = pytest.Module.from_parent.__func__
        made = []
        def from_parent(cls, parent, **named):
            made.append(named["path"].name)
            return original(cls, parent, **named)
        pytest.Module.from_parent = classmethod(from_parent)
        with compat_narrow.named_files_only(session):
            session.perform_collect()
        print("made", *made)
        print("items", *(item.nodeid for item in session.items))
        return True

Plugin.pytest_collection.__module__ = "fastest_harness.tests"
pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]], plugins=[Plugin()])
"""

TEST = "def test(): pass\n"


def collected(folder: Path, *arguments: str) -> tuple[list[str], list[str]]:
    """The files that nodes are made of, and the items."""
    command = [sys.executable, "-B", "-c", PROGRAM, str(SOURCES), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    found = {line[0]: line[1:] for line in lines if line and line[0] in ("made", "items")}
    return found["made"], found["items"]


@pytest.fixture(name="suite")
def make_suite(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for name in ("test_a", "below/__init__", "below/test_b", "below/test_c", "more/test_d"):
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(TEST, encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(not hasattr(pytest, "Directory"), reason="there are no such nodes")
def test_nothing_is_made_of_what_lies_beside(suite: Path) -> None:
    made, items = collected(suite, "below/test_b.py::test")
    assert (made, items) == (["test_b.py"], ["below/test_b.py::test"])
    made, items = collected(suite, "more/test_d.py", "test_a.py")
    assert (sorted(set(made)), items) == (
        ["test_a.py", "test_d.py"],
        ["more/test_d.py::test", "test_a.py::test"],
    )


def test_folders_that_are_named_are_listed(suite: Path) -> None:
    _, items = collected(suite, "test_a.py", "below")
    assert items == ["test_a.py::test", "below/test_b.py::test", "below/test_c.py::test"]
    _, items = collected(suite)
    assert len(items) == 4


@pytest.mark.skipif(not hasattr(pytest, "Directory"), reason="there are no such nodes")
@pytest.mark.parametrize(
    "hook", ["pytest_ignore_collect(collection_path)", "pytest_collectreport(report)"]
)
def test_everything_is_made_where_somebody_is_told(suite: Path, hook: str) -> None:
    (suite / "conftest.py").write_text(f"def {hook}: pass\n", encoding="utf-8")
    made, items = collected(suite, "below/test_b.py")
    assert {"test_b.py", "test_c.py"} <= set(made)
    assert items == ["below/test_b.py::test"]
