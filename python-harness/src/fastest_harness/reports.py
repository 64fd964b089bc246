"""pytest's reports and warnings as messages of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastest_harness import compat

if TYPE_CHECKING:
    import warnings

    import pytest

    from fastest_harness.channel import Message


def of_phase(report: pytest.TestReport, columns: int, *, passed_output: bool) -> Message:
    """One phase of one test; the output of one that passed only if somebody will show it."""
    outcome = outcome_of(report)
    return {
        "type": "report",
        "node_id": report.nodeid,
        "when": report.when,
        "outcome": outcome,
        "duration": report.duration,
        "text": compat.text_of(report, columns) if outcome in ("failed", "error", "rerun") else "",
        "summary": summary_of(report),
        "location": location_of(report),
        "headline": compat.headline(report),
        "subtest": compat.subtest_description(report),
        "sections": _sections(report) if passed_output or outcome != "passed" else [],
        "properties": [[str(k), str(v)] for k, v in report.user_properties],
    }


def of_collect(report: pytest.CollectReport, columns: int) -> Message:
    """A file or folder that was skipped or could not be collected."""
    skipped = report.outcome == "skipped"
    return {
        "node_id": report.nodeid,
        "outcome": report.outcome,
        "text": "" if skipped else compat.text_of(report, columns),
        "summary": summary_of(report),
        "location": location_of(report),
        "sections": _sections(report),
    }


def of_warning(message: warnings.WarningMessage, node_id: str) -> Message:
    """A warning, with the test it came from or else its place."""
    return {
        "type": "warning",
        "text": compat.warning_text(message),
        "node_id": node_id or None,
        "location": [message.filename, message.lineno],
    }


def outcome_of(report: pytest.TestReport) -> str:
    """The outcome in pytest's words for its summary, as ``pytest_report_teststatus`` has them."""
    if hasattr(report, "wasxfail"):
        if report.skipped:
            return "xfailed"
        if report.passed:
            return "xpassed"
    if report.failed and report.when != "call":
        return "error"
    return str(report.outcome)


def summary_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What the short summary says after the node id."""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if report.outcome == "skipped":
        return _skip(report)[2]
    crash = compat.crash_of(report)
    if crash:
        return crash[2]
    return report.longrepr if isinstance(report.longrepr, str) else ""


def location_of(report: Any) -> list[Any] | None:
    """Path and line number from 1 of the failure or skip."""
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        path, line, _ = _skip(report)
        return [path, line]
    crash = compat.crash_of(report)
    return [crash[0], crash[1]] if crash else None


def _sections(report: Any) -> list[list[str]]:
    return [[title, content] for title, content in report.sections]


def _skip(report: Any) -> tuple[str, int, str]:
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        return str(path), int(line or 0), _without(reason, "Skipped: ")
    return report.nodeid, 0, str(report.longrepr or "")


def _without(text: str, prefix: str) -> str:
    return text[len(prefix) :] if text.startswith(prefix) else text
