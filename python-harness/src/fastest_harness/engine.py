"""The pytest engine: a plugin that runs what the scheduler hands out in one live session.

It stands in for two hooks.  ``pytest_collection`` lists units and collects those it is asked
for; ``pytest_runtestloop`` runs units as they come.  Everything else is pytest.
"""

from __future__ import annotations

import functools
import os
import platform
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple, Optional

import pytest

from fastest_harness import (
    breakpoints,
    compat,
    compat_rewrite,
    contract,
    coroutines,
    folders,
    neighbours,
    reports,
    scopes,
)
from fastest_harness.channel import clean
from fastest_harness.collection import Collection
from fastest_harness.compat_terminal import QuietReporter, quieten
from fastest_harness.limits import Limits
from fastest_harness.teller import Teller

if TYPE_CHECKING:
    import warnings
    from collections.abc import Iterator

    from fastest_harness.channel import Channel, Message
    from fastest_harness.settings import Settings
    from fastest_harness.template import Template


Protocol = Callable[[pytest.Item, Optional[pytest.Item]], object]
"""Runs a test through all its phases, given what is run next."""


class Pending(NamedTuple):
    """An item that waits for its turn."""

    item: pytest.Item
    node_id: str


class Engine:
    """The plugin; one per worker."""

    def __init__(
        self, channel: Channel, settings: Settings, template: Template | None = None
    ) -> None:
        self._channel: Final = channel
        self._settings = settings
        self._template = template
        self._pending: Final[deque[Pending]] = deque()
        self._command: Message | None = None
        self._closing = False
        self._style: reports.Style | None = None
        self._reporter: QuietReporter | None = None
        self._collection: Collection | None = None
        self._limits: Limits | None = None
        self._protocol: Protocol | None = None
        self.stop_reason: str | None = None
        self.interruption = ""
        self._is_running = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> None:
        contract.set_up_config(config, self._settings)
        # A plugin may put a terminal reporter of its own in pytest's place.
        compat.put_behind_all(config, "pytest_configure", self)
        if self._settings.markup and not self._settings.foreground:
            compat.set_options(config, {"color": "yes"})

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        self._style = reports.style(config, self._settings)
        teller = Teller(self._channel, self._style, config)
        if not self._settings.foreground:
            self._reporter = quieten(config, teller.say, markup=self._settings.markup)
        teller.reporter = self._reporter
        self._add_reporters(config)
        config.pluginmanager.register(teller)
        self._protocol = _protocol(config, self._channel, teller)
        breakpoints.refuse(config, self._settings)
        coroutines.register(config)
        folders.share(config, self._settings)
        self._add_helpers(config)
        self._limits = Limits(config, self._settings.timeout)

    # What few runs ask for, others do not import.

    def _add_reporters(self, config: pytest.Config) -> None:
        if self._settings.report_log:
            from fastest_harness.report_log import ReportLog

            config.pluginmanager.register(ReportLog(self._channel, config))
        if self._settings.junit_family is not None:
            from fastest_harness import compat_junit

            compat_junit.stand_in(config, self._channel.send, self._settings.junit_family)

    def _add_helpers(self, config: pytest.Config) -> None:
        if self._settings.debug is not None:
            from fastest_harness.debugger import Stops

            config.pluginmanager.register(Stops())
        if self._settings.reruns is not None:
            from fastest_harness.reruns import Reruns

            config.pluginmanager.register(Reruns(self._settings.reruns))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._channel.send(hello(session.config))

    @pytest.hookimpl
    def pytest_collection(self, session: pytest.Session) -> bool:
        if self._template is not None:
            self._settings, self._template = self._template.begun(session)
        compat_rewrite.begin_session(session)
        whole = self._settings.alone and not self._settings.by_file
        self._collection = Collection(session, self, alone=whole)
        try:
            self._collection.walk()
        except BaseException:
            self._send_listing(self._collection, complete=False)
            raise
        self._send_listing(self._collection, complete=True)
        if self._template is not None:
            self._settings = self._template.serve(session, self._collection)
        while self._next_command(session)["type"] == "collect":
            self._collect(self._collection, self._take_command())
        return True

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        if self._collection is not None:
            self._collection.expand_all(items)
        yield

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        neighbours.import_standard(self._settings.standard_modules)
        while self._fill(session):
            self._run(self._pending.popleft())
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True

    def _run(self, pending: Pending) -> None:
        item, node_id = pending
        limit = self._limits.of(item) if self._limits is not None else None
        if limit is not None:
            self._channel.post({"type": "limit", "seconds": limit})
        nextitem = self._pending[0].item if self._pending else None
        start = time.perf_counter()
        self._is_running = True
        assert self._protocol is not None, "tests run after pytest is configured"
        self._protocol(item, _successor(item, nextitem))
        self._is_running = False
        took = round(time.perf_counter() - start, 6)
        self._channel.post({"type": "ended", "node_id": node_id, "duration": took})
        if nextitem is None:
            self._channel.flush()

    # Not around `pytest_runtest_call`: a wrapper stands in the tracebacks of failures.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> None:
        # A test may fork and let the child return to us: it has no part in the session.
        if not self._channel.is_ours():
            os._exit(0 if call.excinfo is None else 1)

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if self._collection is not None:
            self._collection.note_report(report)

    @pytest.hookimpl
    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        if self._collection is not None:
            self._collection.note_deselected(items)

    @pytest.hookimpl
    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, nodeid: str
    ) -> None:
        self._channel.send(reports.of_warning(warning_message, nodeid))

    @pytest.hookimpl
    def pytest_internalerror(self, excrepr: object) -> None:
        self._channel.send({"type": "internal_error", "text": str(excrepr)})

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.stop_reason = excinfo.exconly()
        # Where another worker has waited or started tells the user nothing.
        tells = self._is_running or self._settings.alone
        if isinstance(excinfo.value, KeyboardInterrupt) and tells and self._style is not None:
            self.interruption = reports.interruption(excinfo, self._style)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.stop_reason = self.stop_reason or (str(session.shouldfail or "") or None)

    @property
    def last_words(self) -> list[tuple[bool, str]]:
        """What plugins print at the end, and whether each text begins on a line of its own."""
        return self._reporter.last_words if self._reporter else []

    def _send_listing(self, collection: Collection, *, complete: bool) -> None:
        kept = list(collection.reports)
        if not complete:
            kept += [report for unit in collection.units.values() for report in unit.reports]
        self._channel.send(
            {
                "type": "listed",
                "units": list(collection.units) if complete else [],
                "complete": complete,
                "deselected": collection.deselected,
                "reports": self._collect_reports(kept),
                "lines": self._reporter.collection_lines if self._reporter else [],
                "whole": collection.whole_reasons,
            }
        )

    def _collect(self, collection: Collection, command: Message) -> None:
        start = time.perf_counter()
        unit = collection.collect(command["unit"])
        items = unit.items or []
        # Where one test is the whole run there is nobody to share with.
        is_single = self._settings.alone and len(items) < 2
        shared = {"scopes": [], "groups": {}} if is_single else scopes.describe(items)
        self._channel.send(
            {
                "type": "collected",
                "unit": unit.id,
                "items": compat.ids_of(items),
                **shared,
                "duration": round(time.perf_counter() - start, 6),
                "deselected": unit.deselected,
                "reports": self._collect_reports(unit.reports),
            }
        )

    def _collect_reports(self, kept: list[pytest.CollectReport]) -> list[Message]:
        assert self._style is not None, "nothing is collected before pytest is configured"
        return [reports.of_collect(report, self._style) for report in kept]

    def _fill(self, session: pytest.Session) -> bool:
        """Wait until an item and its successor are known, or no more will come."""
        while (len(self._pending) < 2 and not self._closing) or self._channel.may_have_message():
            self._obey(session, self._next_command(session))
        return bool(self._pending)

    def _obey(self, session: pytest.Session, command: Message) -> None:
        self._take_command()
        kind, collection = command["type"], self._collection
        if kind == "run" and collection is not None:
            self._enqueue(collection, command)
        elif kind == "collect" and collection is not None:
            with compat.recorded_warnings(session.config):
                self._collect(collection, command)
        elif kind == "finish":
            self._closing = True
        elif kind == "stop":
            self._closing = True
            self._pending.clear()

    def _enqueue(self, collection: Collection, command: Message) -> None:
        items = collection.collect(command["unit"]).items or []
        for place in command["items"]:
            item = items[place]
            self._pending.append(Pending(item, clean(item.nodeid)))

    def _next_command(self, session: pytest.Session) -> Message:
        """The command to obey next, which stays until it is taken."""
        if self._command is None:
            self._command = self._channel.receive()
        if self._command is None:
            raise session.Interrupted("the process that runs this worker is gone")
        return self._command

    def _take_command(self) -> Message:
        command, self._command = self._command, None
        assert command is not None, "a command is taken only after it was looked at"
        return command


def _protocol(config: pytest.Config, channel: Channel, teller: Teller) -> Protocol:
    """How a test is run: directly, or by pytest's hooks where its own part is not known."""
    if compat.KNOWS_PHASES:
        from fastest_harness import direct

        return direct.register(config, channel, teller).run
    return lambda item, nextitem: config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)


def _successor(item: pytest.Item, nextitem: pytest.Item | None) -> Any:
    """What is needed after an item: of one that runs again, nothing but what is around it."""
    return item.parent if nextitem is item else nextitem


@functools.cache
def versions() -> dict[str, str]:
    """Python's, pytest's and pluggy's; the last is read from the files of its installation."""
    import pluggy

    return {
        "python": platform.python_version(),
        "pytest": pytest.__version__,
        "pluggy": pluggy.__version__,
    }


def hello(config: pytest.Config) -> Message:
    """What the head of the output needs to know of this interpreter and configuration."""
    return {
        "type": "hello",
        "platform": sys.platform,
        **versions(),
        "executable": sys.executable,
        "rootdir": str(config.rootpath),
        "header": compat.header_lines(config),
    }
