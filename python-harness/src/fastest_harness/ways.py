"""Which hooks a test meets on its way, and whose of them have something to do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple

from fastest_harness import compat
from fastest_harness import compat_runtest as own
from fastest_harness.guests import GUESTS, guests_of
from fastest_harness.teller import PHASES

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import pytest


class Ways(NamedTuple):
    """How tests go that see the same hooks."""

    hook: Any
    phases: dict[str, own.Phase | None]
    """What each phase consists of; ``None``: the hook is called."""

    starts: bool
    """Whether only we want to know that a test starts."""

    reports: bool
    """Whether only we want to know that a phase has passed or a test ended."""


class Map:
    """The ways of a session's tests, found anew when a plugin has come or gone."""

    def __init__(self, config: pytest.Config) -> None:
        self._config: Final = config
        self._is_plain: Final = own.is_plain_session(config)
        self._known: Final[dict[Path, tuple[Ways, Ways]]] = {}
        self._guests: list[Callable[[pytest.Item], bool]] = []
        self._plugins = 0
        self._is_untouched = False
        self._path: Path | None = None
        self._here: tuple[Ways, Ways] | None = None
        self.around: frozenset[str] | None = None
        """Who has hooks around whole tests; ``None``: somebody who is not known."""

    def forget(self) -> None:
        """A plugin has come."""
        self._plugins = 0

    def of(self, item: pytest.Item) -> Ways | None:
        """How a test goes; ``None``: pytest's own way, of which not enough is known."""
        if compat.count_plugins(self._config) != self._plugins:
            self._look_around()
        if not (self._is_plain and self._is_untouched):
            return None
        if item.path is not self._path or self._here is None:
            self._path, self._here = item.path, self._at(item)
        whole, without_guests = self._here
        for is_away in self._guests:
            if not is_away(item):
                return whole
        return without_guests

    def _look_around(self) -> None:
        self._known.clear()
        self._here = None
        self._plugins = compat.count_plugins(self._config)
        self._guests = guests_of(self._config)
        self._is_untouched = own.is_untouched()
        hooks = self._config.hook
        around = own.plugins_of(hooks.pytest_runtest_protocol)
        self.around = around if own.is_own(hooks, "pytest_runtest_protocol") else None

    def _at(self, item: pytest.Item) -> tuple[Ways, Ways]:
        """The ways of tests in a file: with all plugins, and without guests."""
        known = self._known.get(item.path)
        if known is None:
            hook = item.ihook
            known = self._found(hook, ()), self._found(hook, GUESTS.keys())
            self._known[item.path] = known
        return known

    def _found(self, hook: Any, without: Collection[str]) -> Ways:
        reports = ("makereport", "logreport", "logfinish")
        return Ways(
            hook=hook,
            phases={
                when: own.phase_of(self._config, getattr(hook, f"pytest_runtest_{when}"), without)
                for when in PHASES
            },
            starts=own.is_own(hook, "pytest_runtest_logstart"),
            reports=all(own.is_own(hook, f"pytest_runtest_{name}", without) for name in reports),
        )
