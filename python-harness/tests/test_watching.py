"""What the project does while it is imported, and what a kept process rests on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastest_harness import fitness
from fastest_harness.grounds import Grounds

SOURCES = Path(__file__).parent.parent / "src"

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import datetime, os, pathlib, random, shutil, tempfile, time, uuid
from fastest_harness.grounds import Grounds
from fastest_harness.watching import Watch
sys.path.insert(0, '.')
grounds = Grounds()
watch = Watch(grounds)
watch.start()
import project
watch.stop()
for reason in watch.reasons:
    print(reason.partition(' when ')[0])
for path in sorted(grounds._files):
    print('file', os.path.basename(path))
for path, everything in sorted(grounds._folders):
    if everything:
        print('folder', os.path.basename(path))
"""


def watched(folder: Path, source: str) -> list[str]:
    """What is said of a module that is imported."""
    (folder / "project.py").write_text(source, encoding="utf-8")
    arguments = [sys.executable, "-S", "-B", "-c", PROGRAM, str(SOURCES)]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    return [line for line in lines if line != "file project.py"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time; time.time()", "reads the clock"),
        ("import datetime; datetime.date.today()", "reads the clock"),
        ("import datetime\nclass Own(datetime.datetime): pass\nOwn.now()", "reads the clock"),
        ("import random; random.choice([1, 2])", "uses random numbers"),
        ("import random; random.Random()", "uses random numbers"),
        ("import uuid; uuid.uuid4()", "asks for random numbers"),
        ("import os; os.getpid()", "asks for its own id"),
        ("import tempfile; tempfile.mkdtemp(dir='.')", "asks for its own id"),
        ("open('new', 'w').close()", "writes a file"),
        ("import os; os.mkdir('new')", "reaches out of its process"),
        ("import os; os.system('true')", "reaches out of its process"),
        ("import os; os.stat('project.py')", "looks at files"),
        ("open('/proc/self/stat').close()", "reads what the system tells"),
        ("import sys; sys.setprofile(print); sys.setprofile(None)", "it sets a profile function"),
    ],
)
def test_what_is_another_each_time_is_seen(tmp_path: Path, source: str, found: str) -> None:
    if sys.version_info < (3, 10) and "mkdtemp" in source:
        pytest.skip("names come from another place there")
    assert found in watched(tmp_path, source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import random; random.Random(1).random()", []),
        ("import logging; logging.getLogger('x')", []),
        ("import dataclasses, enum, json, typing, email.message", []),
        ("open('data').read()", ["file data"]),
        ("import os; os.path.exists('absent')", ["file absent"]),
        ("import pathlib; pathlib.Path('absent').is_dir()", ["file absent"]),
        ("import os; os.listdir('below')", ["folder below"]),
        ("def test(): import time; time.time()", []),
    ],
)
def test_what_is_read_is_kept_and_nothing_is_objected_to(
    tmp_path: Path, source: str, found: list[str]
) -> None:
    (tmp_path / "data").write_text("1", encoding="utf-8")
    (tmp_path / "below").mkdir()
    assert watched(tmp_path, source) == found


def test_grounds_change_with_what_they_rest_on(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("1", encoding="utf-8")
    grounds = Grounds()
    for name in ("data", "absent"):
        grounds.note_file(str(tmp_path / name))
    grounds.note_folder(str(tmp_path), everything=False)
    assert grounds.changed() is None
    assert grounds.unsettled() == str(tmp_path / "data")
    (tmp_path / "result").write_text("", encoding="utf-8")
    (tmp_path / "result.txt").write_text("", encoding="utf-8")
    assert grounds.changed() is None
    for name in ("new.py", "package"):
        path = tmp_path / name
        path.mkdir()
        assert grounds.changed() == str(tmp_path)
        path.rmdir()
        assert grounds.changed() is None
    (tmp_path / "absent").mkdir()
    assert grounds.changed() == str(tmp_path / "absent")
    (tmp_path / "absent").rmdir()
    os.utime(tmp_path / "data", (1, 1))
    assert grounds.changed() == str(tmp_path / "data")


def test_what_was_settled_before_stays_so(tmp_path: Path) -> None:
    before, later = tmp_path / "before", tmp_path / "later"
    before.write_text("1", encoding="utf-8")
    os.utime(before, (1, 1))
    grounds = Grounds()
    grounds.note_file(str(before))
    # Written after it was looked at, which shows as a change and not as too young.
    before.write_text("2", encoding="utf-8")
    later.write_text("1", encoding="utf-8")
    grounds.begin_again()
    assert grounds.unsettled() is None
    grounds.note_file(str(later))
    assert grounds.unsettled() == str(later)
    assert grounds.changed() == str(before)
    assert grounds.files() == [str(before), str(later)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (b"import sys\nNAME = sys.argv[0]\n", True),
        (b"from sys import argv\n", True),
        (b"def helper(config):\n    return config.invocation_params\n", True),
        (b"def test_main(monkeypatch):\n    monkeypatch.setattr(sys.argv, [])\n", False),
        (b"TEXT = 'argv'\n", False),
        (b"def argv(:\n", True),
    ],
)
def test_who_reads_the_arguments_is_known(source: bytes, found: bool) -> None:
    assert fitness.reads_arguments(source) is found


def test_what_a_package_does_for_the_project_is_the_projects_doing(tmp_path: Path) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    (packages / "helper.py").write_text(
        "import time\nSTARTED = time.time()\n\ndef now():\n    return time.time()\n",
        encoding="utf-8",
    )
    begin = f"import sys\nsys.path.insert(0, {str(packages)!r})\nimport helper\n"
    assert watched(tmp_path, begin) == ["file helper.py"]
    assert watched(tmp_path, begin + "NOW = helper.now()\n")[0] == "reads the clock"


def registers(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: it is")


def asks(config: pytest.Config) -> None:
    config.addinivalue_line("markers", str(config.args))


def test_a_hook_that_asks_for_arguments_is_known() -> None:
    assert not fitness.mentions_arguments(registers)
    assert fitness.mentions_arguments(asks)
    assert fitness.mentions_arguments(len)
