"""pytest's memory of all tests it has seen, for ``--nf``, for pytest 7.4 to 9.x.

pytest reads that list at each start, takes each node id of it apart and writes the list anew at
the end, whether or not somebody asks for the newest tests first: half a second where there are
100,000.  Here the list is read when the session ends, and written if it has changed; a worker
beside others, which must not write it, leaves it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import _pytest.cacheprovider
import pytest

from fastest_harness import compat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEEN: Final = "cache/nodeids"


class Seen:
    """In place of pytest's plugin of that name where nobody asks for the newest tests first."""

    active: Final = False

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self._node_ids: set[str] = set()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        yield
        self._node_ids.update(item.nodeid for item in items)

    def see(self, items: Iterable[pytest.Item]) -> None:
        """Have seen these items and no others."""
        self._node_ids = {item.nodeid for item in items}

    def pytest_sessionfinish(self) -> None:
        options = compat.options(self.config)
        if options["cacheshow"] or options["collectonly"] or hasattr(self.config, "workerinput"):
            return
        cache: Any = self.config.cache
        before = cache.get(SEEN, None)
        now = sorted(self._node_ids.union(before or ()))
        if now != before:
            cache.set(SEEN, now)


def read_late() -> None:
    """Let the sessions of this process read the list when they end."""
    original: Any = _pytest.cacheprovider.NFPlugin

    def plugin(config: pytest.Config) -> object:
        return original(config) if compat.options(config)["newfirst"] else Seen(config)

    vars(_pytest.cacheprovider)["NFPlugin"] = plugin
