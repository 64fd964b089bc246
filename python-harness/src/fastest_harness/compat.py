"""Every private name of pytest that this package uses, for pytest 7.4 to 9.x.

A new pytest that moves one of them is this file's work and no other's.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Final, Optional, Protocol

import pytest

if TYPE_CHECKING:
    import warnings
    from collections.abc import Iterable, Iterator, Mapping

COLORS: Final = ("red", "green", "yellow", "blue", "purple", "cyan", "white")

KNOWS_PHASES: Final = (8, 3) <= pytest.version_tuple[:2] <= (9, 2)
"""Whether `compat_runtest` and `compat_around` do what this pytest does."""

MakeFolder = Callable[[], Path]

Crash = Optional[tuple[str, int, str]]
"""Path, line number from 1 and message of a failure."""


def is_directory(node: pytest.Item | pytest.Collector) -> bool:
    """Whether collecting the node lists files without importing a test module.

    Before pytest 8 the only such node is ``Package``, and ``Directory`` does not exist.
    """
    kinds: tuple[type, ...] = (pytest.Package,)
    directory = getattr(pytest, "Directory", None)
    return isinstance(node, (*kinds, directory) if directory else kinds)


def collect_one(session: pytest.Session, node: pytest.Collector) -> tuple[Any, bool]:
    """The collect report of a node, and whether the session had made it before."""
    if hasattr(session, "_collect_one_node"):
        report, duplicate = session._collect_one_node(node, True)
        return report, duplicate
    from _pytest.runner import collect_one_node

    return collect_one_node(node), False


def expand(session: pytest.Session, node: pytest.Item | pytest.Collector) -> Iterator[pytest.Item]:
    """pytest's own way from a node to its items, with every hook that belongs to it."""
    return session.genitems(node)


def replace_genitems(session: pytest.Session, replacement: object) -> None:
    """Let ``perform_collect`` of this session expand nodes by another function."""
    vars(session)["genitems"] = replacement


def restore_genitems(session: pytest.Session) -> None:
    """Let the session expand nodes as pytest does; ``genitems`` calls itself by its name."""
    vars(session).pop("genitems", None)


def perform_collect(session: pytest.Session) -> None:
    """Collect what the command line names, with pytest's own checks and hooks."""
    session.perform_collect()


@contextlib.contextmanager
def recorded_warnings(config: pytest.Config) -> Iterator[None]:
    """Report warnings as those of the collection, as pytest does around ``pytest_collection``."""
    if not config.pluginmanager.has_plugin("warnings"):
        yield
        return
    from _pytest.warnings import catch_warnings_for_item

    with catch_warnings_for_item(config=config, ihook=config.hook, when="collect", item=None):
        yield


def warning_text(message: warnings.WarningMessage) -> str:
    """A warning as pytest's summary words it."""
    from _pytest.warnings import warning_record_to_str

    return warning_record_to_str(message)


class Shown(Protocol):
    """What pytest can print: a report, the representation of an exception or a part of it."""

    def toterminal(self, tw: Any) -> None:
        """Print it."""


def interruption_of(excinfo: pytest.ExceptionInfo[BaseException], *, full: bool) -> Shown | None:
    """What pytest prints of an interruption: all frames, or only where it was."""
    representation: Any = excinfo.getrepr(funcargs=True)
    shown: Shown | None = representation if full else representation.reprcrash
    return shown


def text_of(report: Shown, columns: int, *, markup: bool, highlight: bool) -> str:
    """What pytest prints of something on so many columns.

    ``longreprtext`` would do but for the blank first line and the indentation that it strips.
    """
    from _pytest._io import TerminalWriter

    text = io.StringIO()
    writer = TerminalWriter(text)
    writer.hasmarkup = markup
    writer.code_highlight = highlight
    writer.fullwidth = columns
    report.toterminal(writer)
    return text.getvalue().rstrip("\n")


def crash_of(report: pytest.TestReport | pytest.CollectReport) -> Crash:
    """Where a failure happened and its one line, if pytest knows."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return None
    return str(crash.path), int(crash.lineno), str(crash.message)


def place_of(report: pytest.TestReport | pytest.CollectReport) -> list[Any] | None:
    """Path and line number from 1 of failures that are no exception in a frame.

    A fixture that does not exist, and a doctest, know where they stand all the same.
    """
    longrepr: Any = report.longrepr
    lookup = getattr(longrepr, "filename", None), getattr(longrepr, "firstlineno", None)
    if lookup[0] is not None and isinstance(lookup[1], int):
        return [str(lookup[0]), lookup[1] + 1]
    for location, _ in getattr(longrepr, "reprlocation_lines", ()):
        return [str(location.path), int(location.lineno or 0)]
    return None


def status_of(config: pytest.Config, report: pytest.TestReport) -> tuple[str, str, str, str | None]:
    """Category, letter, word and colour of a report, as the hook for them has it."""
    category, letter, word = config.hook.pytest_report_teststatus(report=report, config=config)
    if not isinstance(word, tuple):
        return category, letter, word, None
    word, markup = word
    return category, letter, word, next((name for name in COLORS if markup.get(name)), "")


def is_skipped_by_mark(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Whether pytest's short summary leaves out the line of a skip, to fold it with others."""
    keywords = getattr(report, "keywords", {})
    return (
        report.outcome == "skipped"
        and report.when == "setup"
        and "skip" in keywords
        and "pytestmark" not in keywords
    )


def headline(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The title of a report in pytest's FAILURES section."""
    return report.head_line or report.nodeid


def subtest_description(report: pytest.TestReport) -> str | None:
    """What names a subtest within its test; ``None`` for a test's own report."""
    if not hasattr(report, "context"):
        return None
    describe = getattr(report, "_sub_test_description", None) or getattr(
        report, "sub_test_description", None
    )
    return str(describe()) if describe else "(<subtest>)"


def header_lines(config: pytest.Config) -> list[str]:
    """The lines below pytest's version line, in the order in which pytest prints them."""
    blocks = config.hook.pytest_report_header(
        config=config, start_path=config.invocation_params.dir
    )
    lines: list[str] = []
    for block in reversed(blocks):
        lines.extend([block] if isinstance(block, str) else block)
    return lines


def hook_functions(config: pytest.Config, name: str) -> list[tuple[object, Callable[..., Any]]]:
    """The plugins that implement a hook, each with its function."""
    # Before pytest 9 `config.hook` has functions in the place of some callers.
    caller = getattr(config.pluginmanager.hook, name, None)
    hooks = caller.get_hookimpls() if caller is not None else ()
    return [(each.plugin, each.function) for each in hooks]


def has_foreign_hook(config: pytest.Config, name: str) -> bool:
    """Whether somebody besides pytest implements a hook."""
    modules = (
        getattr(implementation.function, "__module__", None) or ""
        for implementation in getattr(config.hook, name).get_hookimpls()
    )
    return any(not module.startswith("_pytest.") for module in modules)


def options(config: pytest.Config) -> Mapping[str, Any]:
    """The parsed command line, by destination."""
    return vars(config.option)


def set_options(config: pytest.Config, values: Mapping[str, Any]) -> None:
    """Change parsed options, those only that some plugin has declared."""
    for name, value in values.items():
        if hasattr(config.option, name):
            setattr(config.option, name, value)


def ids_of(items: Iterable[pytest.Item]) -> list[str]:
    """The items' node ids, in order."""
    return [item.nodeid for item in items]


def rewritable_modules(files: Iterable[str]) -> Iterable[str]:
    """Which modules pytest rewrites for a plugin's distribution that holds these files."""
    from _pytest.config import _iter_rewritable_modules

    return _iter_rewritable_modules(files)


def argument_names(item: pytest.Function) -> tuple[str, ...]:
    """The fixtures that a test function takes as arguments."""
    return tuple(item._fixtureinfo.argnames)


def set_base_folder(config: pytest.Config, choose: Callable[[MakeFolder], Path]) -> None:
    """Let the base of all temporary folders be chosen when it is first asked for.

    ``choose`` is given pytest's own way of making one.
    """
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is None:
        return
    own = factory.getbasetemp

    def getbasetemp() -> Path:
        if factory._basetemp is None:
            chosen = choose(own)
            factory._basetemp = chosen
            # It is kept when the session ends, like any folder that was given.
            factory._given_basetemp = chosen
        return Path(factory._basetemp)

    vars(factory)["getbasetemp"] = getbasetemp


def put_before_pytests_own(config: pytest.Config, name: str, plugin: object, own: str) -> None:
    """Have a plugin's hook called after all others but that of one of pytest's own plugins.

    pluggy calls what stands last first.
    """
    hooks: list[Any] = getattr(getattr(config.hook, name), "_hookimpls", [])
    ours = next((hook for hook in hooks if hook.plugin is plugin), None)
    if ours is None or all(hook.plugin_name != own for hook in hooks):
        return
    hooks.remove(ours)
    at = next(at for at, hook in enumerate(hooks) if hook.plugin_name == own)
    hooks.insert(at + 1, ours)


def count_plugins(config: pytest.Config) -> int:
    """How many plugins there are."""
    manager: Any = config.pluginmanager
    return len(manager._name2plugin)


def report_sections(item: pytest.Item) -> list[str]:
    """The phases in which something was written or logged, once for each stream."""
    return [when for when, _, _ in item._report_sections]


def put_around_all(config: pytest.Config, name: str, plugin: object) -> None:
    """Have a plugin's wrapper of a hook called before everybody else's."""
    hooks: list[Any] = getattr(getattr(config.pluginmanager.hook, name), "_hookimpls", [])
    if hooks and hooks[-1].plugin is not plugin:
        hooks.sort(key=lambda hook: hook.plugin is plugin)


def put_behind_all(config: pytest.Config, name: str, plugin: object) -> None:
    """Have a plugin's hook, which is no wrapper, called after everybody else's."""
    hooks: list[Any] = getattr(getattr(config.pluginmanager.hook, name), "_hookimpls", [])
    hooks.sort(key=lambda hook: hook.plugin is not plugin)


def ini_text(config: pytest.Config, name: str) -> str | None:
    """What the configuration file says of an option that nobody may have declared."""
    # Reading the public name warns from pytest 9.1 on.
    known = getattr(config, "_inicfg", None)
    value: Any = (config.inicfg if known is None else known).get(name)
    value = getattr(value, "value", value)
    return None if value is None else str(value)


def run_once(item: pytest.Item, nextitem: pytest.Item | None) -> list[pytest.TestReport]:
    """Set up, call and tear down; the reports, which are told to nobody."""
    from _pytest.runner import runtestprotocol

    return runtestprotocol(item, nextitem=nextitem, log=False)


def forget_failed_fixtures(item: pytest.Item) -> None:
    """Have fixtures whose set-up failed set up again."""
    info: Any = getattr(item, "_fixtureinfo", None)
    for definitions in info.name2fixturedefs.values() if info is not None else ():
        for definition in definitions:
            cached = getattr(definition, "cached_result", None)
            if cached is not None and cached[2] is not None:
                definition.cached_result = None


def call_rerun(report: pytest.TestReport) -> None:
    """Give a report the outcome that pytest-rerunfailures has made known to everybody."""
    vars(report)["outcome"] = "rerun"
