"""The list of tests that were seen is what pytest itself would have written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fastest_harness import compat_cache

SOURCE = Path(compat_cache.__file__).resolve().parents[1]

RUN = """
import sys
source, how, *args = sys.argv[1:]
sys.path.insert(0, source)
import pytest
if how == "late":
    from fastest_harness import compat_cache
    compat_cache.read_late()
sys.exit(pytest.main(args))
"""


def run(how: str, folder: Path, *args: str) -> str:
    command = [sys.executable, "-c", RUN, str(SOURCE), how, "-v", *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 5), done.stdout
    return done.stdout


def seen(folder: Path) -> list[str]:
    listed: list[str] = json.loads((folder / ".pytest_cache/v/cache/nodeids").read_text())
    return listed


@pytest.fixture(params=["late", "pytest"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_what_ran_is_remembered_beside_what_was_known(tmp_path: Path, how: str) -> None:
    (tmp_path / "test_x.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    run(how, tmp_path, "-k", "test_b")
    assert seen(tmp_path) == ["test_x.py::test_b"]
    run(how, tmp_path, "test_x.py::test_a")
    assert seen(tmp_path) == ["test_x.py::test_a", "test_x.py::test_b"]
    run(how, tmp_path, "--collect-only", "--cache-clear")
    assert not (tmp_path / ".pytest_cache/v/cache/nodeids").exists()


def test_an_empty_run_leaves_an_empty_list(tmp_path: Path, how: str) -> None:
    run(how, tmp_path)
    assert seen(tmp_path) == []


def test_the_newest_come_first_when_asked(tmp_path: Path, how: str) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n")
    run(how, tmp_path)
    (tmp_path / "test_b.py").write_text("def test_b(): pass\n")
    shown = run(how, tmp_path, "--nf")
    assert shown.index("test_b.py::test_b PASSED") < shown.index("test_a.py::test_a PASSED")
    assert seen(tmp_path) == ["test_a.py::test_a", "test_b.py::test_b"]


def test_nothing_is_written_when_nothing_is_new(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text("def test_a(): pass\n")
    run("late", tmp_path)
    written = (tmp_path / ".pytest_cache/v/cache/nodeids").stat().st_mtime_ns
    run("late", tmp_path)
    assert (tmp_path / ".pytest_cache/v/cache/nodeids").stat().st_mtime_ns == written
