"""Plain tests of a small module."""

from __future__ import annotations

import os, sys as system
from pathlib import (
    Path,
    PurePath as Pure,  # renamed
)
from .helpers import *

LIMIT = 0x10
NAMES = names = ["one", "two"]
total: int = 3
total += LIMIT


def helper(a, /, b: int = 1, *args, c, d=None, **kwargs) -> int:
    """Helps."""

    def inner():
        yield a

    return b


async def test_await(tmp_path):
    async with thing() as value:
        assert value


def test_one_line(): assert True


class TestThings(Base, metaclass=Meta):
    attribute = helper(1)

    @staticmethod
    def make(): return {"a": [1, 2, (3, 4)]}

    def test_nested(self, capsys):
        text = '''
def not_a_function():
    pass
'''
        assert text

    class Inner:
        def test_deep(self): ...


del names
