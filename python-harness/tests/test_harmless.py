"""Hooks that are proven to treat each item for itself, and hooks that are not."""

from __future__ import annotations

import importlib.util
import textwrap
from typing import TYPE_CHECKING

import pytest

from fastest_harness import harmless

if TYPE_CHECKING:
    from pathlib import Path

HARMLESS = {
    "marks": """
        def hook(config, items):
            if config.getoption("--runslow"):
                return
            skip = pytest.mark.skip(reason="slow")
            for item in items:
                if "slow" in item.keywords:
                    item.add_marker(skip)
    """,
    "locals of an item": """
        def hook(items):
            '''Says what it does.'''
            for item in items:
                name = item.name.lower()
                if name.startswith("x") or any(m.name == "y" for m in item.iter_markers()):
                    continue
                path = Path(str(item.fspath)).relative_to("/")
                for part in path.parts:
                    if part == "unit":
                        item.add_marker(pytest.mark.unit)
                item.fixturenames.insert(0, "fixture")
    """,
    "session.items": """
        def hook(session):
            for item in session.items:
                item.seen = True
    """,
    "environment": """
        def hook(items):
            if os.environ.get("CI") and sys.platform != "win32":
                for item in items:
                    item.add_marker("ci")
    """,
}

NOT_PROVEN = {
    "reorders": "def hook(items): items.sort()",
    "reverses": "def hook(items): items[:] = items[::-1]",
    "drops": """
        def hook(items):
            for item in list(items):
                items.remove(item)
    """,
    "counts": """
        def hook(items):
            n = 0
            for item in items:
                n = n + 1
                item.add_marker(str(n))
    """,
    "counts in place": """
        def hook(items):
            n = 0
            for item in items:
                n += 1
    """,
    "remembers": """
        def hook(items):
            for item in items:
                if item.name == "a":
                    last = item
                elif last:
                    item.add_marker("after")
    """,
    "collects": """
        def hook(items):
            for item in items:
                SEEN.append(item)
    """,
    "only the first": """
        def hook(items):
            for item in items:
                item.add_marker("first")
                return
    """,
    "breaks": """
        def hook(items):
            for item in items:
                break
    """,
    "length": """
        def hook(items):
            if len(items) > 1:
                for item in items:
                    item.add_marker("many")
    """,
    "compares": """
        def hook(items):
            for item in items:
                for other in items:
                    item.add_marker(other.name)
    """,
    "enumerates": """
        def hook(items):
            for number, item in enumerate(items):
                item.add_marker(str(number))
    """,
    "deselects": """
        def hook(config, items):
            config.hook.pytest_deselected(items=items)
    """,
    "calls": """
        def hook(items):
            for item in items:
                helper(item)
    """,
    "own any": """
        def any(values): return SEEN.append(values)
        def hook(items):
            for item in items:
                if any(item.name):
                    item.add_marker("x")
    """,
    "walrus": """
        def hook(items):
            for item in items:
                if (n := item.name):
                    item.add_marker(n)
    """,
    "wraps": """
        def hook(items):
            yield
    """,
    "global": """
        def hook(items):
            global SEEN
            for item in items:
                SEEN = item
    """,
    "session attribute": """
        def hook(session, items):
            session.total = 1
    """,
    "lambda": """
        def hook(items):
            for item in items:
                item.add_marker(pytest.mark.skipif(lambda: 1))
    """,
}

HEAD = "import os, sys\nfrom pathlib import Path\nimport pytest\nSEEN = []\n"


def check(source: str, folder: Path, config: object = None) -> str | None:
    """What is objected to the function `hook` of such a module."""
    path = folder / "a_conftest.py"
    path.write_text(HEAD + textwrap.dedent(source), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("a_conftest", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return harmless.objection(module.hook, config)


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless(name: str, tmp_path: Path) -> None:
    assert check(HARMLESS[name], tmp_path) is None


@pytest.mark.parametrize("name", NOT_PROVEN)
def test_not_proven(name: str, tmp_path: Path) -> None:
    assert check(NOT_PROVEN[name], tmp_path)


class Config:
    """As much of pytest's as the hooks below ask for."""

    backend = None

    def getoption(self, name: str) -> bool:
        return name == "--given"


def test_conditions_on_the_configuration_are_decided(tmp_path: Path) -> None:
    source = """
        def hook(config, items):
            backend = config.backend
            if backend:
                backend.load()(items)
            if not config.getoption("--given"):
                items.sort()
            for item in items:
                item.add_marker("x")
    """
    assert check(source, tmp_path)
    assert check(source, tmp_path, Config()) is None
    assert check(source.replace("not config", "config"), tmp_path, Config())


def test_no_source() -> None:
    assert harmless.objection(len)
