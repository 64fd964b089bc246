"""Plain pytest, with nothing of ours but a plugin that notes outcomes: what `--verify` asks.

Started as ``python -c BOOT FOLDER FILE ARGUMENTS…``; the outcomes go to the file, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final, NoReturn

import pytest

from fastest_harness import reports, worker
from fastest_harness.channel import clean


class Notes:
    """The plugin."""

    def __init__(self) -> None:
        self.tests: Final[dict[str, list[str]]] = {}

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        when = "subtest" if hasattr(report, "context") else str(report.when)
        self._note(report.nodeid, f"{when} {reports.outcome_of(report)}")

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.outcome != "passed":
            self._note(report.nodeid, f"collect {report.outcome}")

    def _note(self, node_id: str, what: str) -> None:
        self.tests.setdefault(clean(node_id), []).append(what)


def main(file: str, arguments: list[str]) -> NoReturn:
    """Run pytest and write what came of it."""
    worker.arrange_path(cwd_on_path=False)
    sys.argv = [str(pytest.__file__).replace("__init__.py", "__main__.py"), *arguments]
    notes = Notes()
    code = int(pytest.main(arguments, plugins=[notes]))
    answer = json.dumps({"exit": code, "tests": notes.tests})
    Path(file).write_text(answer, encoding="utf-8")
    sys.exit(code)
