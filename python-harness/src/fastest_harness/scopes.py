"""Which items of a file must stay in one worker, because they share something.

Told to the scheduler, which may give the others to different workers.
"""

from __future__ import annotations

import opcode
import re
from typing import TYPE_CHECKING, Final

import pytest

from fastest_harness import compat_scopes, exclusive
from fastest_harness.mutations import Mutations

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from fastest_harness.channel import Message

_STORE_GLOBAL: Final = opcode.opmap["STORE_GLOBAL"]

_PLACE: Final = re.compile(r"(?:tests?)?_?(?:part|phase|stage|step)?_?\d", re.IGNORECASE)
"""How the name of a class begins that has a place among others."""

_ORDERED: Final = frozenset({"dependency", "depends", "incremental", "order", "run", "serial"})
"""Marks of tests that build upon others."""


def describe(items: list[pytest.Item]) -> Message:
    """The members ``scopes`` and ``groups`` of the message ``collected``."""
    keys = [set(compat_scopes.shared_fixtures(item)) for item in items]
    for shared, changed in zip(keys, _changed_globals(items)):
        shared.update(changed)
    for shared, item in zip(keys, items):
        if compat_scopes.is_unittest(item):
            # Methods run in the order of their names, and many a suite counts on it.
            shared.add(("class", id(item.parent)))
    if any(_needs_all(item) for item in items) or _is_series(_test_cases(items)):
        keys = [{"file"} for _ in items]
    scopes = _numbers(keys)
    fixtures = exclusive.Fixtures()
    groups = ((at, group) for at, item in enumerate(items) for group in _group(item, fixtures))
    return {
        "scopes": scopes if any(scope is not None for scope in scopes) else [],
        "groups": {str(at): group for at, group in groups},
    }


def _numbers(keys: list[set[Hashable]]) -> list[int | None]:
    """A number for each connected set of items; ``None`` for items that share nothing."""
    parents: dict[Hashable, Hashable] = {}

    def root(key: Hashable) -> Hashable:
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    for shared in keys:
        first, *others = [root(key) for key in shared] or [None]
        for other in others:
            parents[other] = first
    numbers: dict[Hashable, int] = {}
    return [
        numbers.setdefault(root(next(iter(shared))), len(numbers)) if shared else None
        for shared in keys
    ]


def _changed_globals(items: list[pytest.Item]) -> Iterator[Iterator[Hashable]]:
    """For each item the globals that it uses and any of the file's tests changes."""
    mutations = Mutations()
    functions = [_function(item) for item in items]
    changed = frozenset(name for each in functions for name in mutations.changed_by(each))
    for function in functions:
        used = mutations.named_by(function) if changed else frozenset()
        yield (("global", name) for name in used & changed)


def _function(item: pytest.Item) -> object:
    test = getattr(item, "obj", None)
    return getattr(test, "__func__", test)


def _needs_all(item: pytest.Item) -> bool:
    """Whether the tests of the item's file run together or not at all."""
    if not isinstance(item, pytest.Function):
        return not compat_scopes.is_doctest(item)
    code = getattr(_function(item), "__code__", None)
    # A test that assigns to a global may do so for the tests after it.
    assigns = code is not None and _STORE_GLOBAL in code.co_code[::2]
    return assigns or any(mark.name in _ORDERED for mark in item.iter_markers())


def _test_cases(items: list[pytest.Item]) -> set[str]:
    """The names of the classes of ``unittest`` that the items are of."""
    parents = (item.parent for item in items if compat_scopes.is_unittest(item))
    return {parent.name for parent in parents if parent is not None}


def _is_series(names: Iterable[str]) -> bool:
    """Whether classes are numbered, and so count on their order: pyparsing's turn global switches
    between `Test02…` and `Test04…`, which no fixture shows."""
    return sum(_PLACE.match(name) is not None for name in names) > 1


def _group(item: pytest.Item, fixtures: exclusive.Fixtures) -> Iterator[str]:
    """The name in ``@pytest.mark.xdist_group``; without one, that of what must not be doubled."""
    mark = item.get_closest_marker("xdist_group")
    if mark is not None:
        yield str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))
    elif fixtures.any_exclusive(compat_scopes.fixture_definitions(item)):
        yield exclusive.GROUP
