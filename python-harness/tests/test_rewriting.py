"""Assertions are rewritten to the code that pytest rewrites them to."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

from fastest_harness import compat_rewrite

FILES = sorted(Path(__file__).parent.parent.rglob("*.py"))

EVERYTHING = """
import pytest
async def test(numbers, *rest, **named):
    assert (n := len(numbers)) == 2 and not rest, f"{n!r:>9} of {named}"
    assert all(x < 3 for x in numbers if x), [y for y in numbers]
    assert numbers[1:2] < {**named} or (lambda a, /, b=1, *, c: a + b)
    try:
        assert -numbers is not None if rest else numbers @ rest
    except (ValueError, AssertionError) as error:
        with pytest.raises(KeyError) as caught:
            assert await error in caught
    class Inner:
        def method(self):
            assert self.method() != print(*rest, end="")
"""


class Config:
    def getini(self, _name: str) -> bool:
        return False


def rewritten(source: str) -> str:
    tree = ast.parse(source)
    rewrite.rewrite_asserts(tree, source.encode(), "test.py", Config())  # type: ignore[arg-type]
    compile(tree, "test.py", "exec")
    return ast.dump(tree, include_attributes=True)


@pytest.mark.parametrize(
    "source",
    [EVERYTHING, *(path.read_text(encoding="utf-8") for path in FILES)],
    ids=["everything", *(path.name for path in FILES)],
)
def test_code_and_places_are_pytests(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rewritten(source)
    # So that it is as it was afterwards.
    monkeypatch.setattr(rewrite, "traverse_node", rewrite.traverse_node)
    compat_rewrite.hasten()
    assert rewritten(source) == expected
