"""Runs coroutine tests where nothing else does.

pytest alone skips them (7.4) or fails them (8 and later).  Here each runs to its end on an event
loop of its own, unless a plugin is there whose business they are: then what it does not take is
pytest's, as ever.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

import pytest

from fastest_harness import compat

if TYPE_CHECKING:
    from collections.abc import Coroutine

ASYNC_PLUGINS: Final = (
    "anyio",
    "asyncio",
    "pytest_aiohttp",
    "pytest_asyncio",
    "pytest_tornado",
    "pytest_tornasync",
    "pytest_trio",
    "pytest_twisted",
    "aiohttp",
    "asyncio_cooperative",
    "tornado",
    "trio",
    "twisted",
)
"""Names of plugins (of entry points or modules) whose business coroutine tests are."""


class Coroutines:
    """The plugin; registered where no other handles coroutine tests."""

    @pytest.hookimpl(trylast=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        function: Any = pyfuncitem.obj
        if not inspect.iscoroutinefunction(function):
            return None
        arguments = {name: pyfuncitem.funcargs[name] for name in compat.argument_names(pyfuncitem)}
        _run(function(**arguments))
        return True


def register(config: pytest.Config) -> None:
    """Make coroutine tests run, unless a plugin sees to that."""
    manager = config.pluginmanager
    names = {name.partition(".")[0] for name, plugin in manager.list_name_plugin() if plugin}
    if names.isdisjoint(ASYNC_PLUGINS):
        plugin = Coroutines()
        manager.register(plugin, "fastest-coroutines")
        compat.put_before_pytests_own(config, "pytest_pyfunc_call", plugin, "python")


def _run(coroutine: Coroutine[Any, Any, object]) -> None:
    # Imported only where it is needed: tests and plugins may see which modules are there.
    import asyncio

    asyncio.run(coroutine)
