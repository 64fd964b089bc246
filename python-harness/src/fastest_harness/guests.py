"""Plugins that have hooks around all tests, and something to do only in tests of their own.

Each was read in its sources.  Where it has nothing to do, a test goes as if it was not there.
"""

from __future__ import annotations

import sys
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Callable, Final

if TYPE_CHECKING:
    import pytest


def is_without_benchmark(item: pytest.Item) -> bool:
    """Whether pytest-benchmark measures nothing in a test."""
    return "benchmark" not in getattr(item, "fixturenames", ())


def is_covered(item: pytest.Item) -> bool:
    """Whether pytest-cov does not pause within a test."""
    names = getattr(item, "fixturenames", ())
    return "no_cover" not in names and item.get_closest_marker("no_cover") is None


def is_without_hypothesis(item: pytest.Item) -> bool:
    """Whether hypothesis makes up no values for a test, nor is it used in a wrong way.

    Its first hook that is called after its import makes known to it that it runs under pytest.
    """
    if "hypothesis" not in sys.modules:
        return True
    core = sys.modules.get("hypothesis.core")
    test: Any = getattr(item, "obj", None)
    function = test.__func__ if type(test) is MethodType else test
    return (
        getattr(core, "running_under_pytest", False)
        and type(function) is FunctionType
        and not any("hypothesis" in name for name in vars(function))
    )


GUESTS: Final[dict[str, Callable[[pytest.Item], bool]]] = {
    "_hypothesis_pytestplugin": is_without_hypothesis,
    "pytest_benchmark.plugin": is_without_benchmark,
    "pytest_cov.plugin": is_covered,
}
"""By its module: whether a plugin has nothing to do in a test."""


def guests_of(config: pytest.Config) -> list[Callable[[pytest.Item], bool]]:
    """Of each that is there, whether it has nothing to do in a test."""
    plugins = config.pluginmanager.get_plugins()
    modules = {getattr(plugin, "__name__", type(plugin).__module__) for plugin in plugins}
    return [is_away for module, is_away in GUESTS.items() if module in modules]
