"""Measures coverage in a worker, as pytest-cov does in those of pytest-xdist: a plugin.

Each worker writes a data file of its own; ``coverage_report`` combines them when all are gone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from fastest_harness.settings import missing_coverage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastest_harness.settings import Measured


class Measuring:
    """The plugin; started before any conftest is imported."""

    def __init__(self, measured: Measured, *, first: bool) -> None:
        self._measured: Final = measured
        self._first: Final = first
        self._folder: Final = os.getcwd()
        self._coverage: Any = None
        self._running = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        try:
            import coverage
        except ModuleNotFoundError as error:
            raise pytest.UsageError(missing_coverage()) from error
        measured = self._measured
        cov: Any = coverage.Coverage(
            source=measured.source,
            branch=measured.branch,
            data_suffix=True,
            config_file=measured.config_file,
        )
        # This package is no part of what is tested.
        omitted = cov.get_option("run:omit") or []
        cov.set_option("run:omit", [*omitted, str(Path(__file__).parent.parent / "*")])
        # A worker need not come by all sources.
        for warning in ("_warn_no_data", "_warn_unimported_source", "_warn_preimported_source"):
            setattr(cov, warning, False)
        if self._first and not measured.append:
            cov.erase()
        cov.start()
        self._coverage, self._running = cov, True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        yield
        if self._coverage is None:
            return
        self._running = False
        # Paths in the configuration count from where coverage was started.
        here = os.getcwd()
        os.chdir(self._folder)
        self._coverage.stop()
        self._coverage.save()
        os.chdir(here)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self._switch(item, "run")
        uncovered = item.get_closest_marker("no_cover") or "no_cover" in getattr(
            item, "fixturenames", ()
        )
        if not uncovered or not self._running:
            yield
            return
        self._coverage.stop()
        yield
        self._coverage.start()

    @pytest.hookimpl
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._switch(item, "setup")

    @pytest.hookimpl
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        self._switch(item, "teardown")

    def _switch(self, item: pytest.Item, when: str) -> None:
        if self._measured.contexts and self._running:
            self._coverage.switch_context(f"{item.nodeid}|{when}")
