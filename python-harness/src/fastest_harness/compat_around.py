"""What pytest has around each test and each of its phases, for pytest 8.3 to 9.2.

Its plugins for warnings, assertions, capture and logging, without the way through their hooks, and
without what there is to do only where something was written, logged or warned of.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, Final

import pytest
from _pytest import assertion
from _pytest import logging as own_logging
from _pytest import warnings as own_warnings
from _pytest.capture import FDCapture

from fastest_harness import compat_runtest

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAKES_ALL: Final = "attached_loggers" in getattr(own_logging.catching_logs, "__slots__", ())
"""Whether handlers are attached to loggers too that do not propagate to the root."""

_comparing: Final = contextlib.contextmanager(assertion.pytest_runtest_protocol)


_nothing: Final = contextlib.nullcontext()


class Warnings:
    """Who records a test's warnings, by the filters that the configuration asks for.

    These are worked out anew only where the filters that pytest finds are others than before.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config: Final = config
        self._found: list[Any] | None = None
        self._filters: list[Any] = []

    @contextlib.contextmanager
    def around(self, item: pytest.Item) -> Iterator[None]:
        """Record what the test warns of, and tell it to the hook at the end."""
        if self._found != warnings.filters or compat_runtest.has_mark(item, ("filterwarnings",)):
            with self._worked_out(item):
                yield
        else:
            with warnings.catch_warnings(record=True) as log:
                # Entering has made what is known of warnings stale, which this must not again.
                warnings.filters[:] = self._filters
                try:
                    yield
                finally:
                    self._tell(item, log)

    @contextlib.contextmanager
    def _worked_out(self, item: pytest.Item) -> Iterator[None]:
        found = list(warnings.filters)
        with own_warnings.catch_warnings_for_item(
            config=self._config, ihook=item.ihook, when="runtest", item=item
        ):
            if not compat_runtest.has_mark(item, ("filterwarnings",)) and _are_global():
                self._found, self._filters = found, list(warnings.filters)
            yield

    def _tell(self, item: pytest.Item, log: list[warnings.WarningMessage]) -> None:
        for each in log:
            said = {"warning_message": each, "when": "runtest", "location": None}
            item.ihook.pytest_warning_recorded.call_historic(kwargs={**said, "nodeid": item.nodeid})


def _are_global() -> bool:
    """Whether filters are a list of the module's, and no context's own."""
    return not getattr(sys.flags, "context_aware_warnings", False)


class Capture:
    """The streams of each phase, taken over once for all phases of a test."""

    def __init__(self, manager: Any) -> None:
        self._manager: Final = manager
        self._streams: Any = None
        self._is_on = False

    def is_there(self) -> bool:
        """Whether pytest captures, or has been told not to."""
        return self._manager is not None and self._manager._global_capturing is not None

    def begin(self) -> None:
        """Take over the streams, as they were if a phase before has put others there."""
        if not self._is_on or self._is_suspended():
            self._manager.resume_global_capture()
            self._streams = self._manager._global_capturing
            self._is_on = True
        else:
            for stream in (self._streams.out, self._streams.err):
                _put_back(stream)
        if self._manager._capture_fixture:
            self._manager.activate_fixture()

    def end(self, item: pytest.Item, when: str) -> None:
        """Keep for the report what was written."""
        if self._manager._capture_fixture:
            self._manager.deactivate_fixture()
        written = self.read()
        for name, text in written:
            item.add_report_section(when, name, text)

    def read(self) -> list[tuple[str, str]]:
        """What was written to each stream."""
        streams = (("stdout", self._streams.out), ("stderr", self._streams.err))
        return [(name, text) for name, stream in streams if (text := _read(stream))]

    def leave(self) -> None:
        """Give the streams back, until the next phase."""
        if self._is_on:
            self._is_on = False
            self._manager.suspend_global_capture(in_=False)

    def _is_suspended(self) -> bool:
        streams = self._manager._global_capturing
        return streams is not self._streams or streams is None or streams._state != "started"


def _put_back(stream: Any) -> None:
    """Put a stream where it is while it is captured."""
    if _is_descriptor(stream):
        setattr(sys, stream.syscapture.name, stream.syscapture.tmpfile)
        os.dup2(stream.tmpfile.fileno(), stream.targetfd)
    elif stream is not None:
        setattr(sys, stream.name, stream.tmpfile)


def _is_descriptor(stream: Any) -> bool:
    return type(stream) is FDCapture


def _read(stream: Any) -> str:
    """What was captured; a file that is empty is not read."""
    if stream is None:
        return ""
    if _is_descriptor(stream) and os.lseek(stream.tmpfile.fileno(), 0, os.SEEK_END) == 0:
        return ""
    return str(stream.snap())


class Logs:
    """The handlers that keep what is logged in a phase, attached once for all phases of a test."""

    def __init__(self, plugin: Any) -> None:
        self._plugin: Final = plugin
        self._handlers: Final = [plugin.caplog_handler, plugin.report_handler]
        self._attached: list[Any] = []

    def begin(self, item: pytest.Item, when: str) -> None:
        """Attach the handlers, with nothing in them."""
        if not self._are_attached():
            self.leave()
            for handler in self._handlers:
                attached = own_logging.catching_logs(handler, level=self._plugin.log_level)
                attached.__enter__()
                self._attached.append(attached)
        for handler in self._handlers:
            handler.reset()
        if when == "setup":
            item.stash[own_logging.caplog_records_key] = {}
        item.stash[own_logging.caplog_records_key][when] = self._plugin.caplog_handler.records
        item.stash[own_logging.caplog_handler_key] = self._plugin.caplog_handler

    def end(self, item: pytest.Item, when: str) -> None:
        """Keep for the report what was logged."""
        if self._plugin.log_level is not None:
            self.leave()
        logged = self._plugin.report_handler.stream.getvalue().strip()
        if logged:
            item.add_report_section(when, "log", logged)

    def forget(self, item: pytest.Item) -> None:
        """After the teardown, keep nothing for the item."""
        del item.stash[own_logging.caplog_records_key]
        del item.stash[own_logging.caplog_handler_key]

    def kept(self) -> tuple[Any, Any]:
        """What was logged in the phase."""
        return self._plugin.caplog_handler.records, self._plugin.caplog_handler.stream

    def restore(self, item: pytest.Item, when: str, kept: tuple[Any, Any]) -> None:
        """Have that be what was logged in the phase."""
        self._plugin.caplog_handler.records, self._plugin.caplog_handler.stream = kept
        if own_logging.caplog_records_key in item.stash:
            item.stash[own_logging.caplog_records_key][when] = kept[0]

    def leave(self) -> None:
        """Detach the handlers, until the next phase."""
        while self._attached:
            self._attached.pop().__exit__(None, None, None)

    def _are_attached(self) -> bool:
        """Whether all is as if the handlers were attached just now."""
        if not self._attached:
            return False
        loggers = self._loggers()
        return getattr(self._attached[0], "attached_loggers", loggers) == loggers and all(
            logger.handlers[-2:] == self._handlers for logger in loggers
        )

    def _loggers(self) -> list[Any]:
        """To which loggers pytest attaches handlers."""
        root: Any = logging.root
        if not _TAKES_ALL:
            return [root]
        others = root.manager.loggerDict.values()
        return [root, *(each for each in others if not getattr(each, "propagate", True))]


class Around:
    """Everything that is around tests of one session."""

    def __init__(self, config: pytest.Config) -> None:
        manager = config.pluginmanager
        plugin = manager.get_plugin("logging-plugin")
        self._warnings: Final = Warnings(config)
        self._capture: Final = Capture(manager.get_plugin("capturemanager"))
        self._logs: Final = Logs(plugin) if plugin is not None else None

    def is_possible(self) -> bool:
        """Whether tests can be run so: nobody has ended capturing or adapts `twisted`."""
        return self._capture.is_there() and "twisted.trial.unittest" not in sys.modules

    @contextlib.contextmanager
    def test(self, item: pytest.Item, plugins: frozenset[str]) -> Iterator[None]:
        """What plugins have around all phases."""
        recording = self._warnings.around(item) if "warnings" in plugins else _nothing
        comparing = _comparing(item) if "assertion" in plugins else _nothing
        with recording, comparing:
            yield

    def begin(self, item: pytest.Item, when: str, plugins: tuple[str, ...]) -> None:
        """What plugins do before a phase, from the outermost on."""
        if self._logs is not None and "logging" not in plugins:
            self._logs.leave()
        if "capture" not in plugins:
            self._capture.leave()
        for plugin in plugins:
            if plugin == "capture":
                self._capture.begin()
            elif plugin == "logging" and self._logs is not None:
                self._logs.begin(item, when)

    def end(self, item: pytest.Item, when: str, plugins: tuple[str, ...]) -> None:
        """What plugins do after a phase, whatever its outcome; raises the first exception."""
        error = None
        for plugin in reversed(plugins):
            try:
                if plugin == "capture":
                    self._capture.end(item, when)
                elif plugin == "logging" and self._logs is not None:
                    self._logs.end(item, when)
            except Exception as raised:
                error = error or raised
        if error is not None:
            raise error

    def can_end(self) -> bool:
        """Whether what could not be read at the end of a phase can be read now."""
        try:
            self._capture.read()
        except Exception:
            return False
        return True

    def forget(self, item: pytest.Item, plugins: tuple[str, ...]) -> None:
        """After the teardown, keep nothing for the item."""
        if self._logs is not None and "logging" in plugins:
            self._logs.forget(item)

    def logged(self) -> Any:
        """What was logged in the phase."""
        return None if self._logs is None else self._logs.kept()

    def restore(self, item: pytest.Item, when: str, logged: Any) -> None:
        """Have that be what was logged in the phase."""
        if self._logs is not None:
            self._logs.restore(item, when, logged)

    def leave(self) -> None:
        """Have everything as it is between two tests."""
        self._capture.leave()
        if self._logs is not None:
            self._logs.leave()
