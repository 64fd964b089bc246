"""Which globals of a module its tests change, read off their code without running it.

A test that appends to a list of its module, or sets an attribute of a class, may do so for the
tests after it.  Read are the test functions and the functions of the module that they name.
"""

from __future__ import annotations

import dis
from collections import deque
from types import FunctionType
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    Known = dict[CodeType, frozenset[str]]
    Of = Callable[[FunctionType, frozenset[str]], Iterator[str]]

# The index knows the same (`fastest_index::names::changes`); a test compares the two.
_MUTATORS: Final = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "clear",
        "difference_update",
        "discard",
        "extend",
        "extendleft",
        "insert",
        "intersection_update",
        "move_to_end",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "reverse",
        "rotate",
        "setdefault",
        "sort",
        "subtract",
        "symmetric_difference_update",
        "update",
    ]
)

_STORES: Final = frozenset({"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_ATTR", "DELETE_ATTR"})

_STORE_CODES: Final = frozenset(dis.opmap[name] for name in _STORES)

_ATTRIBUTES: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD"})

_NEAR: Final = 8
"""How many instructions before a store its target is looked for."""

_CONTAINERS: Final = (list, dict, set, bytearray, deque)


class Mutations:
    """What the tests of a file change."""

    def __init__(self) -> None:
        self._changed: Final[Known] = {}
        self._named: Final[Known] = {}
        self._modules: Final[dict[int, frozenset[str]]] = {}

    def changed_by(self, function: object) -> frozenset[str]:
        """The names of the module's globals that a test function changes."""
        return self._look(function, self._changed, _changed)

    def named_by(self, function: object) -> frozenset[str]:
        """The names of the module's globals that a test function uses."""
        return self._look(function, self._named, _named)

    def _look(self, function: object, known: Known, of: Of) -> frozenset[str]:
        if not isinstance(function, FunctionType):
            return frozenset()
        changeable = self._changeable(function.__globals__)
        if not changeable:
            return changeable
        code = function.__code__
        if code not in known:
            called = _with_called(function)
            known[code] = frozenset(name for each in called for name in of(each, changeable))
        return known[code]

    def _changeable(self, module: dict[str, object]) -> frozenset[str]:
        """The globals that tests share by changing them; most modules have none."""
        if id(module) not in self._modules:
            names = (name for name, value in module.items() if _may_change(module, name, value))
            self._modules[id(module)] = frozenset(names)
        return self._modules[id(module)]


def _may_change(module: dict[str, object], name: str, value: object) -> bool:
    """Whether a global is a container, a class of the module, or an object of such a class.

    Nothing is asked of the value itself, as `isinstance` does: it may be a proxy that is set up by
    the first question, as Django's settings are, or cannot answer any yet.
    """
    if name.startswith("__"):
        return False
    kind = type(value)
    if issubclass(kind, _CONTAINERS):
        return True
    if issubclass(kind, type):
        kind = cast("type", value)
    return kind.__module__ == module.get("__name__")


def _with_called(function: FunctionType) -> list[FunctionType]:
    """A function, and those of its module that it names, and so on."""
    found = [function]
    for each in found:
        for code in _codes(each.__code__):
            for name in code.co_names:
                other = each.__globals__.get(name)
                if type(other) is not FunctionType:
                    continue
                if other.__globals__ is function.__globals__ and other not in found:
                    found.append(other)
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Its code, and that of functions within it."""
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from _codes(constant)


def _named(function: FunctionType, changeable: frozenset[str]) -> Iterator[str]:
    for code in _codes(function.__code__):
        yield from changeable.intersection(code.co_names)


def _changed(function: FunctionType, changeable: frozenset[str]) -> Iterator[str]:
    for code in _codes(function.__code__):
        if not changeable.isdisjoint(code.co_names) and _may_store(code):
            yield from _changed_in(code, changeable)


def _may_store(code: CodeType) -> bool:
    """Whether there is anything in it that changes a value: in most tests there is not."""
    if not _MUTATORS.isdisjoint(code.co_names):
        return True
    return not _STORE_CODES.isdisjoint(code.co_code[::2])


def _changed_in(code: CodeType, changeable: frozenset[str]) -> Iterator[str]:
    recent: deque[str | None] = deque(maxlen=_NEAR)
    for instruction in dis.get_instructions(code):
        kind, name = instruction.opname, instruction.argval
        if kind in _STORES:
            yield from (target for target in recent if target)
        elif kind in _ATTRIBUTES and name in _MUTATORS and recent and recent[-1]:
            yield recent[-1]
        elif kind.startswith("CALL") or kind == "STORE_FAST":
            # What follows concerns what the call gave, or another value.
            recent.clear()
        recent.append(name if kind == "LOAD_GLOBAL" and name in changeable else None)
