"""A light pytest plugin that writes every outcome of a session: for ``runs.py``.

``CORPUS_OUTCOMES`` names a folder; each process that reports tests writes one file there.
Under pytest-xdist that is the controller, under fastest-lsp (``CORPUS_OUTCOMES_OF=workers``)
each worker.  It keeps one tuple a report until the session ends, so that it can be loaded
while runs are timed.
"""
from __future__ import annotations

import json
import os
from pathlib import Path


class Outcomes:
    def __init__(self, folder: str) -> None:
        self.folder, self.pid = Path(folder), os.getpid()
        self.reports: list[tuple[str, str, str, str]] = []
        self.errors: dict[str, str] = {}

    def pytest_collectreport(self, report):
        if not report.passed:
            self.errors[report.nodeid] = report.outcome

    def pytest_runtest_logreport(self, report):
        outcome, reason = report.outcome, ""
        if hasattr(report, "wasxfail"):
            outcome = {"skipped": "xfailed", "passed": "xpassed"}.get(outcome, outcome)
            reason = str(report.wasxfail)
        elif outcome == "skipped":
            reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else "")
        elif outcome == "failed" and report.when != "call":
            outcome = "error"
        when = "subtest" if hasattr(report, "context") else report.when
        self.reports.append((report.nodeid, when, outcome, reason))

    def pytest_unconfigure(self):
        if os.getpid() == self.pid:
            text = json.dumps({"reports": self.reports, "errors": self.errors}, ensure_ascii=True)
            (self.folder / f"{self.pid}.json").write_text(text)


def pytest_configure(config):
    folder = os.environ.get("CORPUS_OUTCOMES")
    of_workers = os.environ.get("CORPUS_OUTCOMES_OF") == "workers"
    if folder and (of_workers or not hasattr(config, "workerinput")):
        config.pluginmanager.register(Outcomes(folder), "corpus-outcomes")
