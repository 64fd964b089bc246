"""What pytest knows of the fixtures that an item uses, and which of them other items share.

Private names of pytest, as in ``compat``.
"""

from __future__ import annotations

import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

_INJECTED: Final = ("_xunit_setup_module_", "_xunit_setup_class_")
_UNITTEST: Final = "_unittest_setUpClass_"


def shared_fixtures(item: pytest.Item) -> Iterator[Hashable]:
    """A key for each thing that is set up once for this item and others of its file.

    A fixture of a plugin is none: plugins are written for workers that each have their own.
    Nor is a session's autouse fixture that nobody asks for by name: what it arranges, each
    worker arranges for its tests.
    """
    info: Any = getattr(item, "_fixtureinfo", None)
    if info is None:
        return
    asked = _asked_for(item, info)
    for name, definitions in info.name2fixturedefs.items():
        for definition in definitions:
            scope = str(definition.scope)
            if scope == "function" or not _is_of_project(item, name, definition):
                continue
            if scope in ("session", "package"):
                if name in asked or _is_of_module(item, definition):
                    yield id(definition)
            elif not name.startswith(_UNITTEST) or _has_class_set_up(item):
                kind = pytest.Class if scope == "class" else pytest.Module
                yield id(definition), id(item.getparent(kind))


def fixture_definitions(item: pytest.Item) -> Mapping[str, Any]:
    """The definitions of the fixtures that an item uses, by name."""
    info: Any = getattr(item, "_fixtureinfo", None)
    return {} if info is None else dict(info.name2fixturedefs)


def _asked_for(item: pytest.Item, info: Any) -> set[str]:
    names = set(info.argnames)
    for mark in item.iter_markers("usefixtures"):
        names.update(map(str, mark.args))
    for definitions in info.name2fixturedefs.values():
        for definition in definitions:
            names.update(definition.argnames)
    return names


def _is_of_project(item: pytest.Item, name: str, definition: Any) -> bool:
    if name.startswith((*_INJECTED, _UNITTEST)):
        return True
    code = getattr(_function(definition), "__code__", None)
    if code is None:
        return True
    path = Path(code.co_filename)
    return "site-packages" not in path.parts and item.config.rootpath in path.parents


def _is_of_module(item: pytest.Item, definition: Any) -> bool:
    module = item.getparent(pytest.Module)
    function = _function(definition)
    return module is not None and getattr(function, "__module__", None) == module.obj.__name__


def _function(definition: Any) -> Any:
    return getattr(definition.func, "__func__", definition.func)


def _has_class_set_up(item: pytest.Item) -> bool:
    """Whether a ``TestCase`` has a ``setUpClass`` or ``tearDownClass`` of its own."""
    parent = item.getparent(pytest.Class)
    if parent is None:
        return True
    return any(
        getattr(getattr(parent.obj, name, None), "__func__", None)
        is not getattr(unittest.TestCase, name).__func__
        for name in ("setUpClass", "tearDownClass")
    )


def is_doctest(item: pytest.Item) -> bool:
    """Whether the item is a docstring or text, which shares nothing with its neighbours."""
    from _pytest.doctest import DoctestItem

    return isinstance(item, DoctestItem)


def is_unittest(item: pytest.Item) -> bool:
    """Whether the item is a method of a ``unittest.TestCase``."""
    from _pytest.unittest import TestCaseFunction

    return isinstance(item, TestCaseFunction)
