"""How long a test may take: for environments without pytest-timeout, by its rules.

A mark goes before the option, the option before the variable, the variable before the ini file.
The process that runs this one keeps the time, since a test that hangs may hang in C: it has the
stacks of all threads dumped, and kills.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from fastest_harness import compat

if TYPE_CHECKING:
    import pytest

VARIABLE: Final = "PYTEST_TIMEOUT"


class Limits:
    """The time that each test has."""

    def __init__(self, config: pytest.Config, given: float | None) -> None:
        self._is_ours: Final = not config.pluginmanager.hasplugin("timeout")
        said = (given, os.environ.get(VARIABLE), compat.ini_text(config, "timeout"))
        self._default: Final = next((value for value in said if value is not None), None)

    def of(self, item: pytest.Item) -> float | None:
        """The seconds that a test has; ``None`` without limit."""
        if not self._is_ours:
            return None
        mark = item.get_closest_marker("timeout")
        if mark is None:
            return _seconds(self._default)
        return _seconds(mark.kwargs.get("timeout", mark.args[0] if mark.args else None))


def _seconds(value: object) -> float | None:
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if seconds > 0 else None
