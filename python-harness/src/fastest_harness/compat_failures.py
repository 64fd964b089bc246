"""The private names of pytest that have to do with exceptions, for pytest 7.4 to 9.x."""

from __future__ import annotations

import os
import sys
from collections.abc import Sized
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any, Final, Optional

import pluggy
import pytest
from _pytest import outcomes

if TYPE_CHECKING:
    from types import CodeType, FrameType

Asserting = tuple[Optional["CodeType"], int]
"""The code that an assertion stands in, and a line of it."""

MACHINERY: Final = tuple(
    str(Path(str(module.__file__)).parent) + os.sep
    for module in (outcomes, pluggy, sys.modules[__name__])
)
"""Folders of code that is no user's."""

MOST_MEMBERS: Final = 10_000
"""Larger containers are not laid out line by line, which takes a second for 100,000 members."""


def is_skip(excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether the exception skips the test."""
    return isinstance(excinfo.value, outcomes.Skipped)


def name_of(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """The exception's class, with its module unless that is ``builtins``."""
    kind = type(excinfo.value)
    return kind.__qualname__ if kind.__module__ == "builtins" else _qualified(kind)


def message_of(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """The exception's own text; one that cannot tell it has none."""
    try:
        return str(excinfo.value)
    except Exception:
        return ""


def frames_of(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> list[list[Any]]:
    """Path, line from 1 and function of each frame from the test on, the innermost last.

    Hidden frames (``__tracebackhide__``) are left out, as pytest does, unless all are hidden.
    """
    whole = excinfo.traceback
    from_test = whole.cut(path=getattr(item, "path", None))
    if len(from_test) == len(whole):
        users = [entry for entry in whole if not _is_machinery(str(entry.path))]
        return [_frame(entry) for entry in users]
    shown = from_test.filter(excinfo)
    return [_frame(entry) for entry in (shown or from_test)]


def is_asserted_by(excinfo: pytest.ExceptionInfo[BaseException], place: Asserting) -> bool:
    """Whether the exception is the assertion that stands here.

    An assertion raises at its first line and compares there or further down.
    """
    traceback = excinfo.tb
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code, line = place
    return (
        isinstance(excinfo.value, AssertionError)
        and traceback.tb_frame.f_code is code
        and traceback.tb_lineno <= line
    )


def asserting() -> Asserting:
    """The code and line whose assertion is being explained: the innermost that are a user's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_machinery(frame.f_code.co_filename):
        frame = frame.f_back
    return (frame.f_code, frame.f_lineno) if frame is not None else (None, 0)


def texts_of(left: object, right: object) -> tuple[str, str]:
    """Both sides as text: two strings as they are, anything else as it is printed."""
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    return _printed(left), _printed(right)


def _printed(value: object) -> str:
    try:
        large = isinstance(value, Sized) and len(value) > MOST_MEMBERS
        return _short(value) if large else pformat(value, width=80)
    except Exception:
        return _short(value)


def _short(value: object) -> str:
    from _pytest._io.saferepr import saferepr

    return saferepr(value)


def _frame(entry: Any) -> list[Any]:
    return [str(entry.path), entry.lineno + 1, entry.name]


def _is_machinery(path: str) -> bool:
    return path.startswith(MACHINERY)


def _qualified(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
