"""The fixtures of pytest's own plugins, looked for once and for all, for pytest 7.4 to 9.x.

Every session looks at each attribute of each plugin, two thousand of them, to find pytest's own
dozen fixtures: a quarter of a worker's start.  The zygote looks once; the session of a fork is
shown, in place of a plugin of pytest, an excerpt with its fixtures.
"""

from __future__ import annotations

import functools
import sys
import types
from typing import TYPE_CHECKING, Any, Final

import _pytest.config
from _pytest.fixtures import FixtureManager

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

MARKS: Final = ("_pytestfixturefunction", "_fixture_function_marker")
"""What a fixture has: before pytest 8.4, and since then."""

WRAPPERS: Final = 100
"""More than anything is wrapped in."""

PLAIN: Final = frozenset(
    {
        *(bool, bytes, dict, float, frozenset, int, list, property, set, str, tuple, type(None)),
        types.BuiltinFunctionType,
        types.ClassMethodDescriptorType,
        types.GetSetDescriptorType,
        types.MemberDescriptorType,
        types.MethodDescriptorType,
        types.WrapperDescriptorType,
    }
)
"""Types whose objects have no attributes of their own, which is most of what there is."""

NOTHING: Final = types.ModuleType("_pytest.nothing")


class Excerpts:
    """What a session minds of pytest's own plugins: modules, and objects of its classes."""

    def __init__(self) -> None:
        names = (f"_pytest.{name}" for name in sorted(_pytest.config.builtin_plugins))
        modules = [sys.modules[name] for name in names if name in sys.modules]
        self._modules: Final = {
            id(module): (module, len(vars(module)), excerpt(module)) for module in modules
        }

    def of(self, plugin: object) -> object:
        """What to show in place of a plugin: itself if it has changed, or is not pytest's."""
        if not isinstance(plugin, types.ModuleType) and not has_fixtures(type(plugin)):
            own = getattr(plugin, "__dict__", {}).values()
            return plugin if any(map(may_be_fixture, own)) else NOTHING
        module, size, part = self._modules.get(id(plugin), (plugin, 0, None))
        return part if part is not None and len(vars(module)) == size else plugin


def excerpt(module: types.ModuleType) -> types.ModuleType:
    """The module's fixtures, in a module of their own."""
    part = types.ModuleType(module.__name__)
    fixtures = {name: value for name, value in vars(module).items() if may_be_fixture(value)}
    vars(part).update(fixtures)
    return part


def has_fixtures(cls: type) -> bool:
    """Whether there are any among a class's own and inherited attributes; pytest's alone count."""
    if not cls.__module__.startswith("_pytest."):
        return True
    return any(map(defines_fixtures, cls.__mro__))


@functools.cache
def defines_fixtures(cls: type) -> bool:
    """Whether there are any among a class's own attributes."""
    return any(map(may_be_fixture, vars(cls).values()))


def may_be_fixture(value: object) -> bool:
    """Whether a session does more with an attribute than to look at it."""
    kind = type(value)
    if kind in PLAIN or (kind is types.FunctionType and not vars(value)):
        return False
    return any(hasattr(inner, mark) for inner in unwrapped(value) for mark in MARKS)


def unwrapped(value: object) -> Iterator[object]:
    """A value and what it wraps, from the outside in."""
    for _ in range(WRAPPERS):
        yield value
        if not hasattr(value, "__wrapped__"):
            return
        value = value.__wrapped__


def show_excerpts() -> None:
    """Let the next session of this process, or of a fork of it, look at excerpts."""
    make = FixtureManager.__init__
    parse: Any = FixtureManager.parsefactories
    excerpts = Excerpts()

    def parse_shown(self: FixtureManager, *args: Any, **named: Any) -> None:
        if "holder" in named:
            named["holder"] = excerpts.of(named["holder"])
        parse(self, *map(excerpts.of, args[:1]), *args[1:], **named)

    def make_shown(self: FixtureManager, session: pytest.Session) -> None:
        """While it is made, a session's manager looks at all plugins there are."""
        setattr(FixtureManager, "__init__", make)  # noqa: B010
        setattr(FixtureManager, "parsefactories", parse_shown)  # noqa: B010
        try:
            make(self, session)
        finally:
            setattr(FixtureManager, "parsefactories", parse)  # noqa: B010

    setattr(FixtureManager, "__init__", make_shown)  # noqa: B010
