"""What is told of the tests that run: a plugin that turns pytest's reports into messages.

A test of which nothing more is to be said than that it passed is one short message; its phases
are held back until that is known.  They are sent as they are the moment something else happens.

Messages go out together when the next test starts, so that a short test costs one write.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from fastest_harness import compat, reports
from fastest_harness.failures import Failures

if TYPE_CHECKING:
    from fastest_harness.channel import Channel, Message
    from fastest_harness.compat_terminal import QuietReporter

PHASES: Final = ("setup", "call", "teardown")

PROMPT: Final = 0.01
"""A phase that took so many seconds is told at once: what follows may take long too."""


class Teller:
    """The plugin; one per worker."""

    def __init__(self, channel: Channel, style: reports.Style, config: pytest.Config) -> None:
        self._channel: Final = channel
        self._style: Final = style
        self._config: Final = config
        self._failures: Final = Failures()
        self._held: Final[list[reports.Passed]] = []
        self._ask_always: Final = compat.has_foreign_hook(config, "pytest_report_teststatus")
        self._subtests_told = False
        self.reporter: QuietReporter | None = None

    def say(self, text: str, fresh: bool) -> None:
        """What somebody writes to the terminal; ``fresh``: on a line of its own."""
        self._release()
        self._channel.send({"type": "said", "text": text, **({"fresh": True} if fresh else {})})

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, Any, str]) -> None:
        self._subtests_told = False
        message: Message = {"type": "started", "node_id": nodeid, "start": round(time.time(), 6)}
        message.update(reports.unusual_place(nodeid, location))
        self._channel.send(message)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        if call.excinfo is not None:
            self._failures.note(item, call)

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        self._failures.note_comparison(op, left, right)

    # Before the hooks of conftests and plugins, as the terminal reporter in whose place this is:
    # asking for the status may change the report (pytest's own subtests do that).
    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.reporter is not None:
            self.reporter.passed_on.flush()
        status = self._status(report)
        if status is None and reports.is_plain(report, self._style):
            passed = reports.Passed(report.nodeid, str(report.when), report.duration)
            if self._hold(passed._replace(headline=compat.headline(report))):
                return
        self._release()
        self._send(report, status)

    def take_passed(self, item: pytest.Item, when: str, duration: float) -> bool:
        """Tell that a phase passed; whether that is all that is to be said of it."""
        if self._is_asked or item.user_properties:
            return False
        sections = compat.report_sections(item)
        if sections and not reports.is_unread(when, sections, self._style):
            return False
        if self.reporter is not None:
            self.reporter.passed_on.flush()
        return self._hold(reports.Passed(item.nodeid, when, duration, item.location[2]))

    def _status(self, report: pytest.TestReport) -> reports.Status | None:
        """What plugins say of the report, where it is not what everybody expects.

        The hook is asked where it may say something: it is one that a plugin has, or it is
        pytest's own for a test whose subtests count, which changes the report.
        """
        told = compat.subtest_description(report) is not None
        self._subtests_told = self._subtests_told or told
        if not self._is_asked:
            return None
        status = compat.status_of(self._config, report)
        if self.reporter is not None:
            self.reporter.note(status[0], report)
        return status if reports.is_unexpected(status, report) else None

    @property
    def _is_asked(self) -> bool:
        counts = self.reporter is not None and self.reporter.keeps_reports
        return self._ask_always or self._subtests_told or counts

    @pytest.hookimpl
    def pytest_runtest_logfinish(self) -> None:
        self._release()

    def _hold(self, passed: reports.Passed) -> bool:
        """Hold back a phase; whether it is the next of a test of which all others passed."""
        held = self._held
        if passed.when != PHASES[len(held)] or (held and held[0].node_id != passed.node_id):
            return False
        held.append(passed)
        if len(held) == len(PHASES):
            self._channel.post(reports.of_passed(held))
            held.clear()
        return True

    def _release(self) -> None:
        for passed in self._held:
            self._post(reports.of_passed_phase(passed), at_once=passed.duration > PROMPT)
        self._held.clear()

    def _send(self, report: pytest.TestReport, status: reports.Status | None) -> None:
        failure = self._failures.take(report)
        message = reports.of_phase(report, self._style, failure)
        if status is not None:
            message["status"] = status
        self._post(message, at_once=report.failed or report.duration > PROMPT)

    def _post(self, message: Message, *, at_once: bool) -> None:
        self._channel.post(message)
        if at_once:
            self._channel.flush()
