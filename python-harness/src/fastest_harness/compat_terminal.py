"""pytest's terminal reporter in a worker, for pytest 7.4 to 9.x.

The runner prints; a worker's reporter only keeps what plugins look up in it.  What others write
through it (live logs, `--setup-show`, a conftest's `write_line`) is theirs, and is passed on.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Callable, Final

import pytest
from _pytest.terminal import TerminalReporter

if TYPE_CHECKING:
    import warnings

Say = Callable[[str, bool], None]
"""Takes text, and whether it begins on a line of its own."""

SUMMARY_PLUGINS: Final = frozenset(
    {"_pytest", "anyio", "fastest_harness", "pytest_asyncio", "xdist"}
)
"""Top-level modules that read no statistics and add nothing to pytest's summary."""

STATISTICS_HOOKS: Final = ("pytest_terminal_summary", "pytest_sessionfinish", "pytest_unconfigure")


class PassedOn(io.TextIOBase):
    """The file that a worker's terminal reporter writes to."""

    encoding = "utf-8"

    def __init__(self, say: Say) -> None:
        self._say: Final = say
        self._pieces: Final[list[str]] = []
        self._kept: list[tuple[bool, str]] | None = None
        self.fresh = False
        """Whether what comes next begins on a line of its own."""

    def write(self, text: str) -> int:
        self._pieces.append(text)
        if text.endswith("\n"):
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Pass on what is there."""
        text, fresh = "".join(self._pieces), self.fresh
        self._pieces.clear()
        if not text:
            return
        self.fresh = False
        if self._kept is None:
            self._say(text, fresh)
        else:
            self._kept.append((fresh, text))

    def isatty(self) -> bool:
        return False

    def keep(self) -> None:
        """From now on keep what is written, until it is taken."""
        self.flush()
        self._kept = []

    def take(self) -> list[tuple[bool, str]]:
        """What was kept: texts, and whether each begins on a line of its own."""
        self.flush()
        kept, self._kept = self._kept or [], None
        return kept


_Base: Any = TerminalReporter
"""The class without its types: what is taken out of it below could not be."""


class QuietReporter(_Base):  # type: ignore[misc]
    """The terminal reporter without what it prints of its own accord.

    A hook that is ``None`` is none for pluggy.
    """

    passed_on: PassedOn
    keeps_reports: bool
    collection_lines: list[str]
    last_words: list[tuple[bool, str]]

    pytest_runtest_logstart = None
    pytest_runtest_logreport = None
    pytest_runtest_logfinish = None
    pytest_runtestloop = None
    pytest_terminal_summary = None
    pytest_keyboard_interrupt = None
    pytest_unconfigure = None

    def pytest_internalerror(self) -> bool:
        return True

    def pytest_collection(self) -> None:
        return None

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, nodeid: str
    ) -> None:
        if self.keeps_reports:
            super().pytest_warning_recorded(warning_message, nodeid)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        blocks = self.config.hook.pytest_report_collectionfinish(
            config=self.config, start_path=self.startpath, items=session.items
        )
        for block in reversed(blocks):
            self.collection_lines.extend([block] if isinstance(block, str) else block)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Any:
        yield
        if self.keeps_reports and int(exitstatus) in (0, 1, 2, 4, 5, 6):
            self.passed_on.keep()
            self.config.hook.pytest_terminal_summary(
                terminalreporter=self, exitstatus=exitstatus, config=self.config
            )
            self.last_words = self.passed_on.take()

    def ensure_newline(self) -> None:
        self.passed_on.flush()
        self.passed_on.fresh = True

    def note(self, category: str, report: pytest.TestReport) -> None:
        """Count a report, for plugins that ask."""
        if self.keeps_reports:
            self._add_stats(category, [report])


def quieten(config: pytest.Config, say: Say, *, markup: bool) -> QuietReporter | None:
    """Make the terminal reporter a quiet one, also one that a plugin has put in its place.

    It stays the same object, because other plugins hold it.  One that is not made from pytest's
    only writes nowhere.
    """
    manager = config.pluginmanager
    reporter: Any = manager.get_plugin("terminalreporter")
    if reporter is None:
        return None
    own = isinstance(reporter, TerminalReporter)
    from _pytest.config import create_terminal_writer

    file: Any = PassedOn(say if own else lambda text, fresh: None)
    reporter._tw = create_terminal_writer(config, file)
    reporter._tw.hasmarkup = markup
    if not own:
        return None
    manager.unregister(reporter)
    reporter.__class__ = _quiet(type(reporter))
    quiet: QuietReporter = reporter
    quiet.passed_on = file
    quiet.collection_lines = []
    quiet.last_words = []
    quiet.keeps_reports = _has_readers(config)
    manager.register(quiet, "terminalreporter")
    return quiet


def _quiet(reporter: type) -> type:
    """The class of a quiet reporter that is otherwise of another class."""
    if reporter is TerminalReporter:
        return QuietReporter
    return type(reporter.__name__, (QuietReporter, reporter), {})


def _has_readers(config: pytest.Config) -> bool:
    """Whether somebody else may read the reports at the end."""
    for name in STATISTICS_HOOKS:
        for implementation in getattr(config.hook, name).get_hookimpls():
            module = getattr(implementation.function, "__module__", "") or ""
            if module.partition(".")[0] not in SUMMARY_PLUGINS:
                return True
    return False
