"""A session that is shown excerpts of pytest's plugins has the same fixtures as one that is not."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

from fastest_harness import compat_fixtures

SOURCE = Path(compat_fixtures.__file__).resolve().parents[1]

LISTED = """
import sys
sys.path.insert(0, sys.argv[1])
import pytest
if sys.argv[2] == "shown":
    from fastest_harness import compat_fixtures
    compat_fixtures.show_excerpts()
sys.exit(pytest.main(["--fixtures", "-vv", "-p", "pytester", sys.argv[3]]))
"""


def listed(how: str, folder: Path) -> str:
    command = [sys.executable, "-c", LISTED, str(SOURCE), how, str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    # The last line has the time that it took.
    return done.stdout.rstrip().rpartition("\n")[0]


def test_fixtures_are_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    text = "import pytest\n@pytest.fixture\ndef own(tmp_path): 'Its words.'\n"
    (folder / "conftest.py").write_text(text)
    (folder / "test_x.py").write_text("def test(own, monkeypatch, caplog): pass\n")
    shown = listed("shown", folder)
    assert shown == listed("whole", folder)
    for name in ("own", "tmp_path", "pytestconfig", "pytester", "caplog"):
        assert f"\n{name}" in shown


def test_most_plugins_have_nothing_to_show() -> None:
    excerpts = compat_fixtures.Excerpts()
    import _pytest.terminal
    import _pytest.tmpdir

    shown = excerpts.of(_pytest.tmpdir)
    assert isinstance(shown, types.ModuleType)
    assert {"tmp_path", "tmp_path_factory"} <= set(vars(shown))
    assert "TempPathFactory" not in vars(shown)
    nothing = excerpts.of(_pytest.terminal)
    assert nothing is not _pytest.terminal
    assert not [name for name in vars(nothing) if not name.startswith("__")]


def test_what_has_changed_is_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    import _pytest.terminal

    excerpts = compat_fixtures.Excerpts()
    monkeypatch.setattr(_pytest.terminal, "added", pytest.fixture(lambda: 1), raising=False)
    assert excerpts.of(_pytest.terminal) is _pytest.terminal


def test_a_plugin_of_somebody_else_is_shown_whole() -> None:
    class Plugin:
        @pytest.fixture
        def theirs(self) -> int:
            return 1

    plugin = Plugin()
    assert compat_fixtures.Excerpts().of(plugin) is plugin


def test_a_fixture_behind_a_decorator_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest 9 warns of such."""
    import _pytest.terminal

    fixture = pytest.fixture(lambda: 1)
    monkeypatch.setattr(_pytest.terminal, "hidden", staticmethod(fixture), raising=False)
    shown = compat_fixtures.Excerpts().of(_pytest.terminal)
    assert ("hidden" in vars(shown)) == hasattr(staticmethod(fixture), "__wrapped__")
