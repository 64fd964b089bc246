"""Folders in which only named files are looked at, for pytest 8.0 to 9.x.

On the way to a file that an argument names pytest makes a node of everything beside it, and lets
go of all but one: a tenth of a millisecond for each.  Where nobody but pytest itself is asked
about these, nobody can tell whether they were made.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import _pytest.main
import _pytest.python
import pytest

from fastest_harness import compat

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

HOOKS: Final = (
    *("pytest_ignore_collect", "pytest_collect_file", "pytest_collect_directory"),
    *("pytest_pycollect_makemodule", "pytest_make_collect_report", "pytest_collectreport"),
)
"""Hooks that are told of what lies in a folder."""

_OURS: Final = ("_pytest.", "fastest_harness.")
_PLACES: Final = (_pytest.main, _pytest.python)


@contextlib.contextmanager
def named_files_only(session: pytest.Session) -> Iterator[None]:
    """Have folders list what leads to the session's arguments, if these are files."""
    if sys.platform == "win32" or not hasattr(pytest, "Directory") or _is_told(session.config):
        yield
        return
    modules: list[Any] = [place for place in _PLACES if hasattr(place, "scandir")]
    originals = [module.scandir for module in modules]
    for module, original in zip(modules, originals):
        module.scandir = _narrowed(session, original)
    try:
        yield
    finally:
        for module, original in zip(modules, originals):
            module.scandir = original


def _narrowed(session: Any, original: Any) -> Any:
    def scandir(path: str, *arguments: Any) -> list[os.DirEntry[str]]:
        entries: list[os.DirEntry[str]] = original(path, *arguments)
        # Known once the session takes its arguments apart.
        named = getattr(session, "_initialpaths", ())
        on_the_way = getattr(session, "_initialpaths_with_parents", None)
        if not named or on_the_way is None or not all(path.is_file() for path in named):
            return entries
        return [entry for entry in entries if Path(entry.path) in on_the_way]

    return scandir


def _is_told(config: pytest.Config) -> bool:
    """Whether a plugin or conftest would see the difference."""
    functions = (function for name in HOOKS for _, function in compat.hook_functions(config, name))
    modules = (getattr(function, "__module__", None) or "" for function in functions)
    return any(not module.startswith(_OURS) for module in modules)
