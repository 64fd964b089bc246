"""Failed tests that run again: for environments without pytest-rerunfailures, by its rules."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from fastest_harness import compat

if TYPE_CHECKING:
    from fastest_harness.channel import Message


class Reruns:
    """The plugin; one per worker."""

    def __init__(self, given: Message) -> None:
        self._given: Final = given

    @pytest.hookimpl
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        rule = self._rule(item)
        left = rule.limit
        again = left > 0
        while again:
            again = _run(item, nextitem, rule, may_rerun=left > 0)
            left -= 1
            if again:
                time.sleep(rule.delay)
        return rule.limit > 0

    def _rule(self, item: pytest.Item) -> Rule:
        given, mark = self._given, item.get_closest_marker("flaky")
        said: dict[str, Any] = dict(mark.kwargs) if mark is not None else {}
        if mark is not None and mark.args:
            said.setdefault("reruns", mark.args[0])
        return Rule(
            limit=int(said.get("reruns") or given["count"]),
            delay=float(said.get("reruns_delay") or given["delay"]),
            only=_texts(said.get("only_rerun")) or given["only"],
            reject=_texts(said.get("rerun_except")) or given["except"],
        )


class Rule(NamedTuple):
    """How a test runs again."""

    limit: int
    delay: float
    only: list[str]
    reject: list[str]

    def allows(self, report: pytest.TestReport) -> bool:
        """Whether this failure is one after which the test runs again."""
        crash = compat.crash_of(report)
        message = crash[2] if crash else str(report.longrepr)
        if any(re.search(pattern, message) for pattern in self.reject):
            return False
        return not self.only or any(re.search(pattern, message) for pattern in self.only)


def _run(item: pytest.Item, nextitem: pytest.Item | None, rule: Rule, *, may_rerun: bool) -> bool:
    """Run a test once; whether it is to run again."""
    hook, where = item.ihook, {"nodeid": item.nodeid, "location": item.location}
    hook.pytest_runtest_logstart(**where)
    again = False
    for report in compat.run_once(item, nextitem):
        again = may_rerun and report.failed and not _is_expected(report) and rule.allows(report)
        if again:
            compat.call_rerun(report)
        hook.pytest_runtest_logreport(report=report)
        if again:
            compat.forget_failed_fixtures(item)
            break
    hook.pytest_runtest_logfinish(**where)
    return again


def _is_expected(report: pytest.TestReport) -> bool:
    return hasattr(report, "wasxfail")


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(entry) for entry in value]
