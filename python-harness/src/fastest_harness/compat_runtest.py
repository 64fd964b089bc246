"""pytest's own part in a test's way through its phases, for pytest 8.3 to 9.2.

What stands here was read in the sources of these versions; with any other, tests go through all
hooks (`compat.KNOWS_PHASES`).
"""

from __future__ import annotations

import contextlib
from types import FunctionType
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple, Optional

import pytest
from _pytest import runner, skipping, threadexception, unraisableexception
from _pytest._code import Code
from _pytest.pathlib import absolutepath
from _pytest.reports import TestReport
from _pytest.tmpdir import tmppath_result_key
from _pytest.unittest import TestCaseFunction

from fastest_harness.compat_replay import is_around

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import CodeType, ModuleType

Step = Callable[[pytest.Item, Optional[pytest.Item]], object]
"""What one plugin does in a phase, given the item and, in teardown, the next."""

_HERE: Final = __name__.partition(".")[0]
_DIRECT: Final = f"{_HERE}.direct"

OWN: Final = {
    "pytest_runtest_protocol": {
        *("assertion", "faulthandler", "runner", "unittest", "warnings"),
        _DIRECT,
    },
    "pytest_runtest_logstart": {"logging", f"{_HERE}.teller"},
    "pytest_runtest_makereport": {
        *("runner", "skipping", "tmpdir", "unittest"),
        *(_DIRECT, f"{_HERE}.engine", f"{_HERE}.teller"),
    },
    "pytest_runtest_logreport": {"cacheprovider", "logging", "main", f"{_HERE}.teller"},
    "pytest_runtest_logfinish": {"logging", f"{_HERE}.teller"},
}
"""Who, in each hook, does nothing for what passes but what is done here."""

OWN_WRAPPERS: Final = frozenset(
    {"capture", "logging", "skipping", "threadexception", "unraisableexception"}
)
"""Who is around a phase; the last two before pytest 8.4 only."""


def plugin_of(owner: Any) -> str:
    """Which of pytest's own plugins a hook or module is; else its whole module."""
    module = str(getattr(owner, "__module__", None) or getattr(owner, "__name__", ""))
    return module.split(".")[1] if module.startswith("_pytest.") else module


def _there(*names: tuple[ModuleType, str]) -> dict[str, Any]:
    """By the name of a plugin, what is there of these names of modules."""
    found = {plugin_of(module): getattr(module, name, None) for module, name in names}
    return {plugin: value for plugin, value in found.items() if value is not None}


_QUEUES: Final = _there(
    (threadexception, "thread_exceptions"),
    (unraisableexception, "unraisable_exceptions"),
)
"""Where exceptions are kept that nobody could catch, from pytest 8.4 on."""

_CATCHING: Final = {
    plugin: contextlib.contextmanager(hook)
    for plugin, hook in _there(
        (threadexception, "thread_exception_runtest_hook"),
        (unraisableexception, "unraisable_exception_runtest_hook"),
    ).items()
}
"""What keeps them within a phase, before that."""

_nothing: Final[Any] = contextlib.nullcontext()

_POINTERS: Final = frozenset({"__wrapped__", "place_as"})
"""Attributes of a function that say that it stands somewhere else."""

_PATHS: Final[dict[str, str]] = {}
"""By the name of a code's file: its path as `location` has it."""

expecting: Final = contextlib.contextmanager(skipping.pytest_runtest_call)
"""What is around the call of a test that is marked to fail."""

_REPLACEABLE: Final[tuple[tuple[Any, str], ...]] = (
    (runner, "runtestprotocol"),
    (runner, "call_and_report"),
    (runner.CallInfo, "from_call"),
    (TestReport, "from_item_and_call"),
)


def _replaceable() -> list[object]:
    return [getattr(owner, name) for owner, name in _REPLACEABLE]


_AS_IMPORTED: Final = _replaceable()


def is_untouched() -> bool:
    """Whether nobody has replaced a function of pytest's in whose place something here stands."""
    return _replaceable() == _AS_IMPORTED


def is_own(hooks: Any, name: str, without: Collection[str] = ()) -> bool:
    """Whether all who have a hook are known to do nothing for what passes, or are left out."""
    return plugins_of(getattr(hooks, name)) <= OWN[name].union(without)


class Phase(NamedTuple):
    """What a phase consists of where nobody is around it who is not known."""

    steps: list[Step]
    around: tuple[str, ...]
    """Who of `OWN_WRAPPERS` is around it, from the outermost on."""

    catching: list[Any]
    """What is entered within that, for each of these."""


def phase_of(config: pytest.Config, hook: Any, without: Collection[str] = ()) -> Phase | None:
    """What a phase's hooks do, in order; ``None``: that is not known.

    ``without``: plugins that do nothing around it.
    """
    steps, around = [], []
    for each in reversed(hook.get_hookimpls()):
        plugin = plugin_of(each.function)
        if plugin == _DIRECT:
            continue
        if not is_around(each):
            steps.append(_step(config, each.function, tuple(each.argnames)))
        elif plugin not in without:
            around.append(plugin)
    if not OWN_WRAPPERS.issuperset(around):
        return None
    catching = [_CATCHING[plugin] for plugin in around if plugin in _CATCHING]
    return Phase(steps, tuple(around), catching)


def plugins_of(hook: Any) -> frozenset[str]:
    """Which plugins have a hook."""
    return frozenset(plugin_of(each.function) for each in hook.get_hookimpls())


def take(phase: Phase, item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Go through a phase; a mark that expects it to fail may be there before, or be added."""
    if "skipping" not in phase.around:
        _take(phase, item, nextitem)
    elif has_mark(item, ("xfail",)):
        with expecting(item):
            _take(phase, item, nextitem)
    else:
        _take(phase, item, nextitem)
        if has_mark(item, ("xfail",)):
            with expecting(item):
                pass


def _take(phase: Phase, item: pytest.Item, nextitem: pytest.Item | None) -> None:
    with contextlib.ExitStack() if phase.catching else _nothing as stack:
        for catch in phase.catching:
            stack.enter_context(catch())
        for step in phase.steps:
            step(item, nextitem)


def _step(config: pytest.Config, function: Any, names: tuple[str, ...]) -> Step:
    """One hook as a step; pytest's own that mostly find nothing to do are then not called."""
    key = _QUEUES.get(plugin_of(function))
    if key is not None:
        queue = config.stash[key]
        return lambda item, nextitem: queue and function(item)
    if function is skipping.pytest_runtest_setup:
        return _evaluate_marks
    if names == ("item", "nextitem"):
        step: Step = function
        return step
    if names == ("item",):
        return lambda item, nextitem: function(item)
    if names == ("nextitem",):
        return lambda item, nextitem: function(nextitem)
    return lambda item, nextitem: function()


def _evaluate_marks(item: pytest.Item, _nextitem: pytest.Item | None) -> None:
    if has_mark(item, ("skip", "skipif", "xfail")):
        skipping.pytest_runtest_setup(item)
    else:
        item.stash[skipping.xfailed_key] = None


def has_mark(item: pytest.Item, names: tuple[str, ...]) -> bool:
    """Whether the item or what it is in has a mark of one of these names."""
    node: Any = item
    while node is not None:
        for mark in node.own_markers:
            if mark.name in names:
                return True
        node = node.parent
    return False


def is_reported_otherwise(item: pytest.Item) -> bool:
    """Whether a phase that raised nothing may still be reported as something else than passed.

    A mark may expect the test to fail, and tests of `unittest` note failures without raising them.
    """
    expected = item.stash.get(skipping.xfailed_key, None)
    return expected is not None or bool(getattr(item, "_excinfo", None))


def note_passed(item: pytest.Item, when: str) -> None:
    """Keep for ``tmp_path`` that a phase passed, as its hook does."""
    item.stash.setdefault(tmppath_result_key, {})[when] = True


def location_of(item: pytest.Item) -> tuple[str, int | None, str]:
    """``item.location``, where that is worked out quickly: files are looked at once, not per test.

    That property asks the file system for each item.
    """
    known = vars(item)
    if "location" not in known and type(item) in (pytest.Function, TestCaseFunction):
        function: Any = getattr(item, "obj", None)
        function = getattr(function, "__func__", function)
        if type(function) is FunctionType and not _POINTERS & vars(function).keys():
            code = function.__code__
            path = _relative_path(item.session, code)
            known["location"] = path, code.co_firstlineno - 1, _path_in_module(item)
    return item.location


def _path_in_module(item: Any) -> str:
    return str(item.getmodpath())


def _relative_path(session: Any, code: CodeType) -> str:
    found = _PATHS.get(code.co_filename)
    if found is None:
        path = absolutepath(Code(code).path)
        found = _PATHS[code.co_filename] = str(session._node_location_to_relpath(path))
    return found


def begin_requests(item: pytest.Item) -> bool:
    """Whether the item has fixture requests, which it can make once more if it runs again."""
    node: Any = item
    has_requests = hasattr(item, "_request")
    if has_requests and not node._request:
        node._initrequest()
    return has_requests


def end_requests(item: pytest.Item) -> None:
    """Let go of the values of fixtures."""
    node: Any = item
    node._request = False
    node.funcargs = None


def tell_passed(item: pytest.Item, when: Any, start: float, duration: float) -> bool:
    """Have a report made of a phase that raised nothing, and told; whether it is one of success."""
    call: pytest.CallInfo[None] = pytest.CallInfo(
        result=None,
        excinfo=None,
        start=start,
        stop=start + duration,
        duration=duration,
        when=when,
        _ispytest=True,
    )
    hook = item.ihook
    report = hook.pytest_runtest_makereport(item=item, call=call)
    hook.pytest_runtest_logreport(report=report)
    return bool(report.passed)


def tell_whole(item: pytest.Item, when: Any, **more: Any) -> bool:
    """Have pytest go through a phase by its hooks and tell of it; whether it has passed."""
    return bool(runner.call_and_report(item, when, **more).passed)


def is_plain_session(config: pytest.Config) -> bool:
    """Whether nothing is shown, asked or timed within tests."""
    chosen = vars(config.option)
    watched = ("setupshow", "setuponly", "setupplan", "usepdb", "trace")
    live: Any = config.pluginmanager.get_plugin("logging-plugin")
    return (
        not any(chosen.get(name) for name in watched)
        and not (live is not None and live._log_cli_enabled())
        and not _dumps_stacks(config)
    )


def _dumps_stacks(config: pytest.Config) -> bool:
    if not config.pluginmanager.hasplugin("faulthandler"):
        return False
    timeout: Any = config.getini("faulthandler_timeout")
    return float(timeout or 0.0) > 0
