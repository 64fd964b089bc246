"""What is told of the tests that run: a plugin that turns pytest's reports into messages.

A test of which nothing more is to be said than that it passed is one short message; its phases
are held back until that is known.  They are sent as they are the moment something else happens.

Messages go out together when the next test starts, so that a short test costs one write.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from fastest_harness import reports
from fastest_harness.failures import Failures

if TYPE_CHECKING:
    from fastest_harness.channel import Channel, Message

PHASES: Final = ("setup", "call", "teardown")

PROMPT: Final = 0.01
"""A phase that took so many seconds is told at once: what follows may take long too."""


class Teller:
    """The plugin; one per worker."""

    def __init__(self, channel: Channel, style: reports.Style) -> None:
        self._channel: Final = channel
        self._style: Final = style
        self._failures: Final = Failures()
        self._held: Final[list[pytest.TestReport]] = []

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, Any, str]) -> None:
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

    # Last, because pytest's own subtests change a report while the terminal takes it.
    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._is_next_of_plain(report):
            self._held.append(report)
            if len(self._held) == len(PHASES):
                self._send_plain()
            return
        self._release()
        self._send(report)

    @pytest.hookimpl
    def pytest_runtest_logfinish(self) -> None:
        self._release()

    def _is_next_of_plain(self, report: pytest.TestReport) -> bool:
        held = self._held
        return (
            report.when == PHASES[len(held)]
            and (not held or held[0].nodeid == report.nodeid)
            and reports.is_plain(report, self._style)
        )

    def _send_plain(self) -> None:
        self._channel.post(reports.of_passed(self._held))
        self._held.clear()

    def _release(self) -> None:
        for report in self._held:
            self._send(report)
        self._held.clear()

    def _send(self, report: pytest.TestReport) -> None:
        failure = self._failures.take(report)
        self._channel.post(reports.of_phase(report, self._style, failure))
        if report.failed or report.duration > PROMPT:
            self._channel.flush()
