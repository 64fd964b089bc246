"""The lines of ``--report-log``, in the format of pytest-reportlog: a plugin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    import warnings

    from fastest_harness.channel import Channel


class ReportLog:
    """Tells every report and warning as one line of JSON."""

    def __init__(self, channel: Channel, config: pytest.Config) -> None:
        self._channel: Final = channel
        self._config: Final = config

    # Last, because pytest's own subtests change a report while its status is asked for.
    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._report(report)

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._report(report)

    @pytest.hookimpl
    def pytest_warning_recorded(
        self,
        warning_message: warnings.WarningMessage,
        when: str,
        location: tuple[str, int, str] | None,
    ) -> None:
        category = warning_message.category
        self._send(
            {
                "category": category.__name__ if category else None,
                "filename": warning_message.filename,
                "lineno": warning_message.lineno,
                "message": str(warning_message.message),
                "$report_type": "WarningMessage",
                "when": when,
                "location": location,
            }
        )

    def _report(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        if data is None:
            return
        # Subtests' reports spell it without the sign.
        if "_report_type" in data:
            data["$report_type"] = data.pop("_report_type")
        self._send(data)

    def _send(self, data: dict[str, Any]) -> None:
        self._channel.post({"type": "logged", "line": json.dumps(data, default=str)})
