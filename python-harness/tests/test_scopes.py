"""Which tests of a file stay together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastest_harness import scopes

if TYPE_CHECKING:
    from pathlib import Path

CASES = """
import unittest

class {first}(unittest.TestCase):
    def test_b(self): pass
    def test_a(self): pass

class {second}(unittest.TestCase):
    def test_c(self): pass

def test_function(): pass
"""


class Keep:
    """A plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def scopes_of(source: str, folder: Path) -> list[int | None]:
    """What the scheduler is told of a file with this text."""
    path = folder / f"test_{folder.name}.py"
    path.write_text(source, encoding="utf-8")
    keep = Keep()
    arguments = ["--collect-only", "-qq", "-p", "no:cacheprovider", f"--rootdir={folder}"]
    assert pytest.main([*arguments, str(path)], plugins=[keep]) == 0
    described: list[int | None] = scopes.describe(keep.items)["scopes"]
    return described


def test_classes_of_unittest_are_given_to_different_workers(tmp_path: Path) -> None:
    source = CASES.format(first="TestRead", second="TestWrite")
    assert scopes_of(source, tmp_path) == [0, 0, 1, None]


@pytest.mark.parametrize(("first", "second"), [("Test02_Read", "Test04_Write"), ("Step1", "Step2")])
def test_numbered_classes_of_unittest_stay_together(
    first: str, second: str, tmp_path: Path
) -> None:
    source = CASES.format(first=first, second=second)
    assert scopes_of(source, tmp_path) == [0, 0, 0, 0]


def test_a_set_up_of_the_module_keeps_its_classes_together(tmp_path: Path) -> None:
    source = CASES.format(first="TestRead", second="TestWrite")
    source += "\ndef setUpModule(): pass\n"
    assert scopes_of(source, tmp_path) == [0, 0, 0, 0]
