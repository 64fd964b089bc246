"""Whether a process may be kept, once the project is imported: what forks of it would share.

Everything here is about state that a fork takes over and a fresh process would have made anew.
"""

from __future__ import annotations

import array
import ast
import inspect
import os
import re
import signal
import stat
import sys
import textwrap
from types import ModuleType
from typing import TYPE_CHECKING, Final

from fastest_harness import compat, hooks
from fastest_harness.guard import EXIT_FUNCTIONS, EXITS, exit_functions, threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pytest

EARLY_HOOKS: Final = (
    *("pytest_load_initial_conftests", "pytest_cmdline_main", "pytest_configure"),
    *("pytest_sessionstart", "pytest_collection", "pytest_sessionfinish", "pytest_unconfigure"),
)
"""Hooks that begin or end what a session has outside of itself."""

COLLECTING_HOOKS: Final = (
    *("pytest_itemcollected", "pytest_collectstart", "pytest_collectreport"),
    *("pytest_make_collect_report", "pytest_report_collectionfinish"),
)
"""Hooks that are told of nodes which are only collected where all of the file is."""

_HARMLESS: Final = """
    _hypothesis_pytestplugin anyio fastest_harness pytest_asyncio pytest_cov pytest_mock
    pytest_timeout time_machine xdist
"""
HARMLESS: Final = frozenset(_HARMLESS.split())
"""Top-level modules whose hooks of these kinds only register marks, check options or look at
single nodes (read in their sources); pytest-cov's and
pytest-timeout's where they measure nothing."""

WATCHED_HOOKS: Final = frozenset({"pytest_configure", "pytest_sessionstart"})
"""Hooks that a project's conftests may have, because they run while all is watched."""

_READERS: Final = """
    apsw av cv2 duckdb fiona h5py lxml netCDF4 osgeo polars pyarrow rasterio soundfile tables
    tensorflow torch vtk
"""
READERS: Final = tuple(_READERS.split())
"""Top-level modules in C that open files without Python."""

_SEEDING: Final = re.compile(rb"\bseed\(|\bset_state\(")
_CLOCKS: Final = re.compile(rb"Timestamp\.(now|today|utcnow)|datetime64\(\s*['\"](now|today)")
_ARGUMENTS: Final = re.compile(rb"\b(argv|orig_argv|invocation_params|file_or_dir)\b")
_ARGUMENT_NAMES: Final = frozenset({"argv", "orig_argv", "invocation_params", "file_or_dir"})


class Descriptors:
    """The descriptors of the process, by what is behind them."""

    def __init__(self) -> None:
        self._out: Final = _identity(1)
        self._err: Final = _identity(2)
        # What the runner was handed and did not close comes to every worker.
        self._inherited: Final = {_identity(number) for number in open_descriptors()}

    def of_streams(self) -> tuple[list[int], list[int]]:
        """All that are standard output, and all that are standard error."""
        every = open_descriptors()
        return self._same(every, self._out), self._same(every, self._err)

    def groups_of(self, numbers: Iterable[int]) -> list[list[int]]:
        """For each of these all that share its file, the position in it included."""
        every = open_descriptors()
        return [self._same(every, _identity(number)) for number in numbers]

    def objection(self, known: Iterable[int]) -> str | None:
        """What the process holds besides its streams, null devices and what is known."""
        expected = {*self._inherited, *map(_identity, known)}
        for number in open_descriptors():
            identity = _identity(number)
            if identity not in expected and identity is not None and not _is_null(number):
                return f"holds `{_name(number)}` open"
        return None

    def wrote(self) -> bool:
        """Whether something lies in the pipes of the streams that nobody has read."""
        return any(_pending(numbers[0]) for numbers in self.of_streams() if numbers)

    @staticmethod
    def _same(every: Iterable[int], identity: tuple[int, int] | None) -> list[int]:
        return [number for number in every if _identity(number) == identity]


def open_descriptors() -> list[int]:
    """The numbers of all open ones."""
    numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    # One was `listdir`'s own.
    return [number for number in numbers if _identity(number) is not None]


class Before:
    """What is compared with what is there once the project is imported."""

    def __init__(self) -> None:
        self._exits: Final = exit_functions()
        self._modules: Final = frozenset(sys.modules)

    def objections(self) -> list[str]:
        """What was added that a fork would share."""
        new = frozenset(sys.modules) - self._modules
        known = len(new.intersection(EXIT_FUNCTIONS))
        found = [EXITS] if exit_functions() - self._exits > known else []
        if threads() > 1:
            found.append("starts a thread")
        if _has_children():
            found.append("starts a process")
        if _shares_memory():
            found.append("shares memory with other processes")
        if signal.getsignal(signal.SIGCHLD) not in (signal.SIG_DFL, None):
            found.append("handles SIGCHLD")
        if any(signal.getitimer(kind)[0] for kind in (signal.ITIMER_REAL, signal.ITIMER_PROF)):
            found.append("sets a timer")
        return found


def objections_of_hooks(config: pytest.Config, is_of_project: Callable[[str], bool]) -> list[str]:
    """Hooks that are not known to be harmless, given whether a file is the project's."""
    found = list(hooks.whole_session_reasons(config))
    options = compat.options(config)
    if options.get("cov_source"):
        found.append("coverage is measured")
    if options.get("cacheclear"):
        found.append("--cache-clear")
    if options.get("session_timeout") or compat.ini_text(config, "session_timeout"):
        found.append("a session has a time limit")
    for name in (*EARLY_HOOKS, *COLLECTING_HOOKS):
        for plugin, function in compat.hook_functions(config, name):
            is_watched = name in WATCHED_HOOKS and is_of_project(_file_of(function))
            if is_watched and not mentions_arguments(function):
                continue
            if not _is_harmless(plugin):
                found.append(f"{name} of {_name_of(plugin)}")
    return found


def _is_harmless(plugin: object) -> bool:
    top = _name_of(plugin).partition(".")[0]
    return top == "_pytest" or top in HARMLESS


def _file_of(function: object) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)  # type: ignore[arg-type]
    return str(getattr(code, "co_filename", ""))


def mentions_arguments(function: object) -> bool:
    """Whether a hook may ask the configuration for pytest's arguments."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError):
        return True
    return any(getattr(node, "attr", None) == "args" for node in ast.walk(tree))


def objections_of_sources(paths: Iterable[str]) -> list[str]:
    """What the project's sources may do that cannot be seen while they are imported."""
    sources = [_bytes(path) for path in paths]
    found = [
        f"`{name}` reads files that nobody else sees" for name in READERS if name in sys.modules
    ]
    if "numpy.random" in sys.modules and any(map(_SEEDING.search, sources)):
        found.append("may seed numpy's random numbers")
    if any(map(_CLOCKS.search, sources)):
        found.append("may read pandas' or numpy's clock")
    if any(map(reads_arguments, sources)):
        found.append("may read the arguments of the process")
    return found


def reads_arguments(source: bytes) -> bool:
    """Whether code outside of tests mentions what the process was started with."""
    if not _ARGUMENTS.search(source):
        return False
    try:
        pending: list[ast.AST] = [ast.parse(source)]
    except (SyntaxError, ValueError):
        return True
    while pending:
        node = pending.pop()
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if is_function and getattr(node, "name", "").startswith("test"):
            continue
        name = getattr(node, "attr", getattr(node, "id", None))
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else [name]
        if _ARGUMENT_NAMES.intersection(filter(None, names)):
            return True
        pending.extend(ast.iter_child_nodes(node))
    return False


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _name_of(plugin: object) -> str:
    if isinstance(plugin, ModuleType):
        return str(plugin.__name__)
    return type(plugin).__module__


def _has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _shares_memory() -> bool:
    """Whether memory is mapped that writes would be seen through in others (semaphores are)."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        return any(line.split(maxsplit=2)[1].startswith("rw-s") for line in maps)


def _identity(number: int) -> tuple[int, int] | None:
    try:
        found = os.fstat(number)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_null(number: int) -> bool:
    mode = os.fstat(number)
    null = os.stat(os.devnull)
    return stat.S_ISCHR(mode.st_mode) and mode.st_rdev == null.st_rdev


def _name(number: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return f"descriptor {number}"


def _pending(number: int) -> bool:
    import fcntl
    import termios

    count = array.array("i", [0])
    try:
        fcntl.ioctl(number, termios.FIONREAD, count)
    except OSError:
        return True
    return bool(count[0])


def redirect(numbers: Sequence[int], target: int) -> None:
    """Have all these descriptors be another file, each as inheritable as it was."""
    for number in numbers:
        os.dup2(target, number, inheritable=os.get_inheritable(number))
