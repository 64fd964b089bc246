"""A pytest plugin that records all that a run lets be seen, one JSON object a line.

``FASTEST_TEST_RECORD`` names a folder; every process that reports tests writes a file of its
own there (its lines are flushed, so that those of a process that dies are kept).  The same
plugin is loaded into real pytest and into our workers.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


class Recorder:
    def __init__(self, folder: Path, worker: str) -> None:
        self.pid = os.getpid()
        self.file = (folder / f"{worker}-{self.pid}.jsonl").open("w", encoding="utf-8")

    def write(self, kind: str, **what: Any) -> None:
        if os.getpid() == self.pid:
            text = json.dumps({"kind": kind, **what}, ensure_ascii=True, default=str)
            self.file.write(text + "\n")
            self.file.flush()

    def pytest_collectreport(self, report: Any) -> None:
        if not report.passed:
            self.write(
                "collect",
                id=report.nodeid,
                outcome=report.outcome,
                text=text_of(report),
                sections=report.sections,
            )

    def pytest_deselected(self, items: Any) -> None:
        for item in items:
            self.write("deselected", id=getattr(item, "nodeid", ""))

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self.write("start", id=nodeid, location=location)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.write("finish", id=nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.write(
            "report",
            id=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            wasxfail=getattr(report, "wasxfail", None),
            text=text_of(report),
            sections=report.sections,
            properties=report.user_properties,
            context=str(getattr(report, "context", None)),
            keywords=sorted(report.keywords),
            location=report.location,
            head=report.head_line,
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> None:
        self.write(
            "setup",
            fixture=fixturedef.argname,
            scope=fixturedef.scope,
            param=repr(getattr(request, "param", None)),
        )

    def pytest_fixture_post_finalizer(self, fixturedef: Any, request: Any) -> None:
        # pytest may finish a fixture that is finished already, once for each that asked for it.
        if fixturedef.cached_result is not None:
            self.write("teardown", fixture=fixturedef.argname, scope=fixturedef.scope)

    def pytest_warning_recorded(
        self, warning_message: Any, when: str, nodeid: str, location: Any
    ) -> None:
        self.write(
            "warning",
            id=nodeid,
            when=when,
            category=warning_message.category.__name__,
            message=str(warning_message.message),
            line=warning_message.lineno,
            file=os.path.basename(warning_message.filename),
        )

    def pytest_sessionfinish(self, session: Any, exitstatus: Any) -> None:
        self.write(
            "session",
            failed=session.testsfailed,
            collected=session.testscollected,
            items=[item.nodeid for item in session.items],
        )

    def pytest_unconfigure(self) -> None:
        if os.getpid() == self.pid:
            self.file.close()


def text_of(report: Any) -> str:
    """The whole failure or skip."""
    if isinstance(report.longrepr, tuple):
        return repr(tuple(report.longrepr))
    return str(report.longrepr) if report.longrepr is not None else ""


def pytest_configure(config: Any) -> None:
    folder = os.environ.get("FASTEST_TEST_RECORD")
    if folder:
        worker = getattr(config, "workerinput", {}).get("workerid", "alone")
        config.pluginmanager.register(Recorder(Path(folder), worker), "fastest-test-recorder")
