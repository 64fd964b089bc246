"""What a fork begins anew."""

from __future__ import annotations

import gc
import random
import sys
from typing import TYPE_CHECKING

from fastest_harness import fresh
from fastest_harness.preload import Order, preload

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GENERATORS = """
import random
class Own(random.Random):
    pass
by_itself, given, given_later = random.Random(), random.Random(7), Own()
given_later.seed(3)
own = Own()
"""


def test_generators_of_modules_imported_early_are_seeded_anew_unless_they_were_given_a_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "has_generators.py").write_text(GENERATORS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "has_generators", raising=False)
    order = Order(
        modules=["has_generators"], roots=(f"{tmp_path}/",), untouched=frozenset(), careful=False
    )
    assert preload(order, lambda *_: None) == {}
    generators = {
        name: value
        for name, value in vars(sys.modules["has_generators"]).items()
        if isinstance(value, random.Random)
    }
    before = {name: generator.getstate() for name, generator in generators.items()}
    fresh.reseed()
    changed = {
        name for name, generator in generators.items() if generator.getstate() != before[name]
    }
    assert (changed, set(before)) == (
        {"by_itself", "own"},
        {"by_itself", "own", "given", "given_later"},
    )


def test_garbage_is_looked_for_as_often_as_before_or_as_the_project_says() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(700, 10, 10)
        with fresh.little_garbage():
            assert gc.get_threshold()[0] == fresh.RARELY
        assert gc.get_threshold()[0] == 700
        with fresh.little_garbage():
            gc.set_threshold(300, 10, 10)
        assert gc.get_threshold()[0] == 300
        for mine in (0, fresh.RARELY + 1):
            gc.set_threshold(mine, 10, 10)
            with fresh.little_garbage():
                assert gc.get_threshold()[0] == mine
    finally:
        gc.set_threshold(*before)
