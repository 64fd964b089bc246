"""A test's way through its phases, without the hooks that have nothing to do there.

pytest asks every plugin at every step of a test, some forty times.  In most suites all who answer
are pytest's own, and what they do for a test that passes is known: it is done here at once.
Where somebody else takes part the hooks are called as ever, each kind of hook for itself; a phase
that fails is told by pytest itself (`compat_replay`).  Tests and reports cannot tell.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from fastest_harness import compat
from fastest_harness import compat_runtest as own
from fastest_harness.clocks import CLOCKS
from fastest_harness.compat_around import Around
from fastest_harness.compat_replay import Replay
from fastest_harness.ways import Map, Ways

if TYPE_CHECKING:
    from fastest_harness.channel import Channel
    from fastest_harness.teller import Teller


class Attempt(NamedTuple):
    """How a phase went."""

    start: float
    """When it began, in seconds since the epoch."""

    duration: float
    error: BaseException | None
    is_whole: bool
    """Whether what is around it could end."""


class Direct:
    """The plugin; one per worker."""

    def __init__(self, config: pytest.Config, channel: Channel, teller: Teller) -> None:
        self._config: Final = config
        self._channel: Final = channel
        self._teller: Final = teller
        self._around: Final = Around(config)
        self._map: Final = Map(config)
        self._replay: Replay | None = None
        self._replayed: Attempt | None = None
        self._logged: Any = None

    def run(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Run a test, given what is run next."""
        ways, around = self._ways_of(item), self._map.around
        if ways is None or around is None:
            self._config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        else:
            with self._around.test(item, around):
                self._go(item, nextitem, ways)

    # Where others have hooks around a test, or in the place of this one.
    @pytest.hookimpl
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        ways = self._ways_of(item)
        if ways is None:
            return None
        self._go(item, nextitem, ways)
        return True

    # What stands for all others while a phase is told.

    @pytest.hookimpl
    def pytest_runtest_setup(self) -> None:
        pass

    @pytest.hookimpl
    def pytest_runtest_call(self) -> None:
        pass

    @pytest.hookimpl
    def pytest_runtest_teardown(self) -> None:
        pass

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        replay, attempt = self._replay, self._replayed
        if replay is None or attempt is None:
            return
        self._replay = None
        replay.end()
        self._around.restore(item, call.when, self._logged)
        call.start, call.duration = attempt.start, attempt.duration
        call.stop = attempt.start + attempt.duration

    @pytest.hookimpl
    def pytest_plugin_registered(self) -> None:
        self._map.forget()

    def _ways_of(self, item: pytest.Item) -> Ways | None:
        return self._map.of(item) if self._around.is_possible() else None

    def _go(self, item: pytest.Item, nextitem: pytest.Item | None, ways: Ways) -> None:
        location = own.location_of(item)
        if ways.starts:
            self._teller.pytest_runtest_logstart(item.nodeid, location)
        else:
            ways.hook.pytest_runtest_logstart(nodeid=item.nodeid, location=location)
        has_requests = own.begin_requests(item)
        try:
            if self._phase(item, "setup", None):
                self._phase(item, "call", None)
            is_last = item.session.shouldfail or item.session.shouldstop
            self._phase(item, "teardown", None if is_last else nextitem)
        finally:
            self._around.leave()
            if has_requests:
                own.end_requests(item)
        if ways.reports:
            self._teller.pytest_runtest_logfinish()
        else:
            ways.hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=location)

    def _phase(self, item: pytest.Item, when: str, nextitem: pytest.Item | None) -> bool:
        """Whether a phase passed, after telling how it went."""
        # Fixtures and tests may register plugins.
        ways = self._ways_of(item)
        phase = ways.phases[when] if ways is not None else None
        if phase is None:
            self._around.leave()
            return own.tell_whole(item, when, **_more(when, nextitem))
        attempt = self._attempt(item, when, nextitem, phase)
        # A test may fork and let the child return to us: it has no part in the session.
        if not self._channel.is_ours():
            os._exit(0 if attempt.error is None else 1)
        if attempt.error is not None or not attempt.is_whole:
            return self._tell_again(item, when, nextitem, attempt)
        if when == "teardown":
            self._around.forget(item, phase.around)
        ways = self._ways_of(item)
        if (
            ways is not None
            and ways.reports
            and not own.is_reported_otherwise(item)
            and self._teller.take_passed(item, when, attempt.duration)
        ):
            own.note_passed(item, when)
            return True
        self._around.leave()
        return own.tell_passed(item, when, attempt.start, attempt.duration)

    def _attempt(
        self, item: pytest.Item, when: str, nextitem: pytest.Item | None, phase: own.Phase
    ) -> Attempt:
        now, clock = CLOCKS
        start, begin = now(), clock()
        error = None
        is_whole = True
        try:
            self._around.begin(item, when, phase.around)
            own.take(phase, item, nextitem)
        except BaseException as raised:
            error = raised
        try:
            self._around.end(item, when, phase.around)
        except Exception as raised:
            is_whole = False
            # What can be read at another time is told as what it was.
            if error is None and self._around.can_end():
                error = raised
        return Attempt(start, clock() - begin, error, is_whole)

    def _tell_again(
        self, item: pytest.Item, when: str, nextitem: pytest.Item | None, attempt: Attempt
    ) -> bool:
        """Have pytest tell of a phase that did not pass."""
        self._logged = self._around.logged()
        self._around.leave()
        self._replay, self._replayed = Replay(self, item, when), attempt
        try:
            return bool(self._replay.tell(attempt.error, **_more(when, nextitem)).passed)
        finally:
            self._replay = self._replayed = self._logged = None


def _more(when: str, nextitem: pytest.Item | None) -> dict[str, Any]:
    """What hooks of a phase are given besides the item."""
    return {"nextitem": nextitem} if when == "teardown" else {}


def register(config: pytest.Config, channel: Channel, teller: Teller) -> Direct:
    """Have tests go so, where nobody else runs them."""
    plugin = Direct(config, channel, teller)
    config.pluginmanager.register(plugin)
    compat.put_before_pytests_own(config, "pytest_runtest_protocol", plugin, "runner")
    return plugin
