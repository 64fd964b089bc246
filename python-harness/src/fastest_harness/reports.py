"""pytest's reports and warnings as messages of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Optional

from fastest_harness import compat

if TYPE_CHECKING:
    import warnings
    from collections.abc import Iterable

    import pytest

    from fastest_harness.channel import Message
    from fastest_harness.settings import Settings


Status = tuple[str, str, str, Optional[str]]
"""Category, letter, word and, where a plugin chose one, the colour (empty for none)."""

EXPECTED: Final = {
    "passed": (".", "PASSED"),
    "failed": ("F", "FAILED"),
    "error": ("E", "ERROR"),
    "skipped": ("s", "SKIPPED"),
    "xfailed": ("x", "XFAIL"),
    "xpassed": ("X", "XPASS"),
    "rerun": ("R", "RERUN"),
}
"""Letter and word of each outcome."""


class Style(NamedTuple):
    """How failures are laid out, and what of a report somebody will show."""

    columns: int
    markup: bool
    """Whether failures are rendered in colour."""

    highlight: bool
    """Whether code is highlighted there."""

    passed_output: bool
    """Whether somebody will show the output of tests that passed."""

    full_trace: bool
    """Whether an interruption is shown with all its frames."""


class Passed(NamedTuple):
    """A phase of which nothing is to be said but that it passed."""

    node_id: str
    when: str
    duration: float
    headline: str = ""


def style(config: pytest.Config, settings: Settings) -> Style:
    """What options and settings say of it."""
    chosen = compat.options(config)
    return Style(
        columns=settings.columns,
        markup=settings.markup,
        highlight=chosen.get("code_highlight", "yes") != "no",
        passed_output=settings.passed_output,
        full_trace=bool(chosen.get("fulltrace")),
    )


def interruption(excinfo: pytest.ExceptionInfo[BaseException], style: Style) -> str:
    """Where the user has interrupted, as pytest prints it; empty where that was not in a test.

    One of several workers may have had nothing to do but to wait.
    """
    innermost = Path(excinfo.traceback[-1].path)
    shown = compat.interruption_of(excinfo, full=style.full_trace)
    if shown is None or innermost.parent == Path(__file__).parent:
        return ""
    return compat.text_of(shown, style.columns, markup=style.markup, highlight=style.highlight)


def is_plain(report: pytest.TestReport, style: Style) -> bool:
    """Whether nothing is to be said of the phase but that it passed, and how long it took."""
    return (
        report.outcome == "passed"
        and not report.user_properties
        and not (report.sections and not _is_unread(report, style))
        and not hasattr(report, "wasxfail")
        and not hasattr(report, "context")
    )


def is_unexpected(status: Status, report: pytest.TestReport) -> bool:
    """Whether a status is not the one that pytest's own plugins give to such a report."""
    category, letter, word, color = status
    outcome = outcome_of(report)
    subtest = compat.subtest_description(report)
    if subtest is not None:
        return False
    if outcome == "passed" and report.when != "call":
        return (category, letter, word) != ("", "", "")
    return (category, letter, word) != (outcome, *EXPECTED[outcome]) or color not in (
        None,
        "yellow" if outcome == "rerun" else None,
    )


def of_passed(phases: list[Passed]) -> Message:
    """The three phases of a test that passed, as one message."""
    return {
        "type": "passed",
        "node_id": phases[0].node_id,
        "durations": [phase.duration for phase in phases],
    }


def of_passed_phase(phase: Passed) -> Message:
    """One phase that passed, of a test of which more is to be said."""
    message: Message = {
        "type": "report",
        "node_id": phase.node_id,
        "when": phase.when,
        "duration": phase.duration,
    }
    if phase.headline != _domain(phase.node_id):
        message["headline"] = phase.headline
    return message


def of_phase(report: pytest.TestReport, style: Style, failure: Message | None) -> Message:
    """One phase of one test.  Members that would say nothing are left out."""
    outcome = outcome_of(report)
    phase = Passed(report.nodeid, str(report.when), report.duration, compat.headline(report))
    message = of_passed_phase(phase)
    if outcome != "passed":
        message["outcome"] = outcome
        message.update(_reason(report))
    if outcome in ("failed", "error", "rerun", "xfailed"):
        message.update(_text(report, style))
        message.update(_distinct(failure, message))
    if report.sections and not (outcome == "passed" and _is_unread(report, style)):
        message["sections"] = _sections(report)
    if report.user_properties:
        message["properties"] = [[str(k), str(v)] for k, v in report.user_properties]
    subtest = compat.subtest_description(report)
    if subtest is not None:
        message["subtest"] = subtest
    return message


def unusual_place(node_id: str, location: tuple[str, Any, str]) -> Message:
    """Where a test is defined: its line, and what its node id does not say already."""
    path, line, domain = location
    file = node_id.partition("::")[0]
    place: Message = {} if line is None else {"line": line + 1}
    if path != file:
        place["path"] = path
    if domain != _domain(node_id):
        place["domain"] = domain
    return place


def _domain(node_id: str) -> str:
    """What names a test within its file, as its node id suggests."""
    return node_id.partition("::")[2].replace("::", ".")


def of_collect(report: pytest.CollectReport, style: Style) -> Message:
    """A file or folder that was skipped or could not be collected."""
    message: Message = {"node_id": report.nodeid, "outcome": report.outcome, **_reason(report)}
    if report.outcome != "skipped":
        message.update(_text(report, style))
    if report.sections:
        message["sections"] = _sections(report)
    return message


def _reason(report: pytest.TestReport | pytest.CollectReport) -> Message:
    said: Message = {}
    summary, location = summary_of(report), location_of(report)
    if summary:
        said["summary"] = summary
    if location:
        said["location"] = location
    if compat.is_skipped_by_mark(report):
        said["by_mark"] = True
    return said


def _text(report: pytest.TestReport | pytest.CollectReport, style: Style) -> Message:
    text = compat.text_of(report, style.columns, markup=style.markup, highlight=style.highlight)
    return {"text": text} if text else {}


def _distinct(failure: Message | None, message: Message) -> Message:
    """The parts of a failure without the message, where the summary ends with it."""
    if failure is None:
        return {}
    if str(message.get("summary", "")).endswith(failure["message"]):
        return {"failure": {k: v for k, v in failure.items() if k != "message"}}
    return {"failure": failure}


def of_warning(message: warnings.WarningMessage, node_id: str) -> Message:
    """A warning, with the test it came from or else its place."""
    return {
        "type": "warning",
        "text": compat.warning_text(message),
        "node_id": node_id or None,
        "location": [message.filename, message.lineno],
    }


def outcome_of(report: pytest.TestReport) -> str:
    """The outcome in pytest's words for its summary, as ``pytest_report_teststatus`` has them.

    One that a plugin has made up (pytest-retry's "retried") is an attempt that decides nothing.
    """
    if hasattr(report, "wasxfail"):
        if report.skipped:
            return "xfailed"
        if report.passed:
            return "xpassed"
    if report.failed and report.when != "call":
        return "error"
    outcome = str(report.outcome)
    return outcome if outcome in EXPECTED else "rerun"


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
    return [crash[0], crash[1]] if crash else compat.place_of(report)


def _is_unread(report: pytest.TestReport, style: Style) -> bool:
    return is_unread(str(report.when), [title for title, _ in report.sections], style)


def is_unread(when: str, phases: Iterable[str], style: Style) -> bool:
    """Whether nobody will show what was written in these phases, if this one passed.

    The output of teardown is shown with a test that failed before.
    """
    if style.passed_output:
        return False
    return when != "teardown" or all("teardown" not in phase for phase in phases)


def _sections(report: Any) -> list[list[str]]:
    return [[title, content] for title, content in report.sections]


def _skip(report: Any) -> tuple[str, int, str]:
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        return str(path), int(line or 0), _without(reason, "Skipped: ")
    return report.nodeid, 0, str(report.longrepr or "")


def _without(text: str, prefix: str) -> str:
    return text[len(prefix) :] if text.startswith(prefix) else text
