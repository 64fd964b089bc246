"""What the end of a worker leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastest_harness.leaving import flush_files

if TYPE_CHECKING:
    from pathlib import Path


class Lazy:
    """Something that must not be looked at."""

    __slots__ = ("itself",)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise RuntimeError("asked for its class")

    def __init__(self) -> None:
        # What holds references is known to the garbage collector.
        self.itself = [self]


@pytest.mark.parametrize("mode", ["w", "wb", "w+b", "a"])
def test_what_files_hold_is_written_whatever_else_there_is(tmp_path: Path, mode: str) -> None:
    lazy = Lazy()
    with open(tmp_path / "file", mode) as file:
        file.write(b"text" if "b" in mode else "text")
        flush_files()
        assert (tmp_path / "file").read_bytes() == b"text"
    assert lazy.itself
