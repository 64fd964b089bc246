"""Measures coverage in a worker, as pytest-cov does in those of pytest-xdist: a plugin.

Each worker writes a data file of its own; ``coverage_report`` or ``coverage_details`` combines them
when all are gone.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from fastest_harness.settings import missing_coverage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastest_harness.settings import Measured

SOURCES: Final = ("source", "source_pkgs", "source_dirs", "include")
"""Settings that say what is measured; without any, it is everything that is not installed."""


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
        measured = self._measured
        cov = prepared(measured)
        if self._first and measured.data_file is None and not measured.append:
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

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._switch("test", item.nodeid)
        yield
        # What is imported for the next file belongs to no test.
        self._switch("test", "")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self._switch("phase", f"{item.nodeid}|run")
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
        self._switch("phase", f"{item.nodeid}|setup")

    @pytest.hookimpl
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        self._switch("phase", f"{item.nodeid}|teardown")

    def _switch(self, contexts: str, to: str) -> None:
        if self._measured.contexts == contexts and self._running:
            self._coverage.switch_context(to)


def prepared(measured: Measured) -> Any:
    """A ``Coverage`` that measures what is asked for; it is not started."""
    try:
        import coverage
        from coverage.exceptions import ConfigError, CoverageException
    except ModuleNotFoundError as error:
        raise pytest.UsageError(missing_coverage()) from error
    place = {} if measured.data_file is None else {"data_file": measured.data_file}
    try:
        cov: Any = coverage.Coverage(
            source=measured.source,
            branch=measured.branch,
            data_suffix=True,
            config_file=measured.config_file,
            **place,
        )
    except (ConfigError, CoverageException) as error:
        raise pytest.UsageError(f"the configuration of coverage is wrong: {error}") from error
    # This package is no part of what is tested.
    omitted = cov.get_option("run:omit") or []
    cov.set_option("run:omit", [*omitted, str(Path(__file__).parent.parent / "*")])
    if measured.fallback and not any(setting(cov, name) for name in SOURCES):
        cov.set_option("run:source", measured.fallback)
    if measured.contexts == "test":
        own_contexts(cov)
    # A worker need not come by all sources.
    for warning in ("_warn_no_data", "_warn_unimported_source", "_warn_preimported_source"):
        setattr(cov, warning, False)
    return cov


def own_contexts(cov: Any) -> None:
    """Have the contexts be those that we switch to, and nothing else."""
    from coverage.exceptions import ConfigError

    cov.set_option("run:context", None)
    cov.set_option("run:dynamic_context", None)
    # `sys.monitoring` tells of each line once, whatever the context. A coverage that is too old to
    # know it has no such setting.
    with contextlib.suppress(ConfigError):
        cov.set_option("run:core", "ctrace")


def setting(cov: Any, name: str) -> Any:
    """A setting of the section ``run``; ``None`` where this coverage does not know it."""
    from coverage.exceptions import ConfigError

    try:
        return cov.get_option(f"run:{name}")
    except ConfigError:
        return None
