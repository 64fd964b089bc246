"""Which hooks tests meet on their way, in sessions of real pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastest_harness import compat

if TYPE_CHECKING:
    from pathlib import Path

    from fastest_harness.ways import Ways

if not compat.KNOWS_PHASES:
    pytest.skip("with this pytest, tests go through all hooks", allow_module_level=True)

from fastest_harness import ways

# In a worker the terminal reporter has no hooks of its own.
SILENT = ("-p", "no:terminal")
ALONE = ("-p", "no:cacheprovider", "--import-mode=importlib", "-o", "addopts=")


class Asks:
    """A plugin that asks for the way of each test in the place of running them."""

    def __init__(self) -> None:
        self.found: dict[str, Ways | None] = {}
        self.is_alone = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        ways_of = ways.Map(session.config)
        self.found = {item.name: ways_of.of(item) for item in session.items}
        self.is_alone = ways_of.around is not None
        return True


def asked(folder: Path, files: dict[str, str], *args: str) -> Asks:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    asks = Asks()
    pytest.main([str(folder), *ALONE, *args], plugins=[asks])
    return asks


def test_where_nobody_else_takes_part_nothing_is_asked(tmp_path: Path) -> None:
    asks = asked(tmp_path, {"test_a.py": "def test_1(): pass"}, *SILENT)
    way = asks.found["test_1"]
    assert way is not None and asks.is_alone
    assert all(phase is not None for phase in way.phases.values())
    assert way.starts and way.reports


def test_each_hook_is_looked_at_for_itself_in_its_folder(tmp_path: Path) -> None:
    conftest = """
import pytest
def pytest_runtest_setup(item): pass
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item): yield
def pytest_runtest_logreport(report): pass
"""
    files = {
        "test_a.py": "def test_1(): pass",
        "sub/conftest.py": conftest,
        "sub/test_b.py": "def test_2(): pass",
    }
    found = asked(tmp_path, files, *SILENT).found
    here, below = found["test_1"], found["test_2"]
    assert here is not None and below is not None
    assert here.reports and here.phases["call"] is not None
    assert not below.reports and below.phases["call"] is None
    setup, more = here.phases["setup"], below.phases["setup"]
    assert setup is not None and more is not None
    assert len(more.steps) == len(setup.steps) + 1


@pytest.mark.parametrize("options", [("--setup-show",), ("--pdb",), ("-o", "log_cli=true")])
def test_what_is_shown_within_tests_needs_all_hooks(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    asks = asked(tmp_path, {"test_a.py": "def test_1(): pass"}, *options)
    assert asks.found == {"test_1": None}


def test_somebody_around_whole_tests_is_seen(tmp_path: Path) -> None:
    conftest = "def pytest_runtest_protocol(item): return None"
    asks = asked(tmp_path, {"conftest.py": conftest, "test_a.py": "def test_1(): pass"})
    assert asks.found["test_1"] is not None and not asks.is_alone
