"""What is imported before the fork."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from fastest_harness.preload import Order, preload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def modules() -> Iterator[None]:
    """None that a test imports is there for the next one."""
    before = frozenset(sys.modules)
    yield
    for name in frozenset(sys.modules) - before:
        del sys.modules[name]


def test_all_modules_of_an_unfit_package_are_found_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modules: None
) -> None:
    del modules
    files = {
        "keeper/__init__.py": "import sys; OUT = sys.stdout",
        "keeper/one.py": "",
        "keeper/two.py": "",
        "needs_keeper.py": "import keeper",
        "plain_module.py": "",
    }
    (tmp_path / "keeper").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    names = ["keeper.one", "plain_module", "keeper.two", "needs_keeper"]
    roots = (f"{tmp_path}/",)
    order = Order(modules=names, roots=roots, untouched=frozenset(), careful=True)
    said: list[str] = []
    unfit = preload(order, lambda name, _: said.append(name))
    assert unfit == dict.fromkeys(
        ["keeper.one", "keeper.two", "needs_keeper"], "keeps a standard stream"
    )
    assert said == names
