"""Imports before the fork what the tests will import, as far as nobody can tell.

The runner names modules that the sources of tests and conftests import and that lie in the
interpreter's own folders.  All are imported at once; if the process is not what it was before,
it is of no use as a zygote, and they are tried one by one only to find out whose fault it is.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from fastest_harness.fresh import noted_generators
from fastest_harness.guard import Guard, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fastest_harness.channel import Message


PACKAGES: Final = frozenset({"site-packages", "dist-packages"})
"""Folders of installed packages."""

PLUGINS: Final = "pytest11"
"""The group of entry points whose distributions pytest rewrites."""


class Order(NamedTuple):
    """The message ``preload``."""

    modules: list[str]
    roots: tuple[str, ...]
    """Folders whose modules may be imported; the project's own are in none of them."""

    untouched: frozenset[str]
    """Modules, with all below them, that must not be imported early, nor as part of another:
    pytest rewrites their assertions when it imports them itself."""

    careful: bool
    """Whether to import one by one, to find the ones that cannot be preloaded."""


def order_of(message: Message) -> Order:
    """The message, checked."""
    return Order(
        modules=list(message["modules"]),
        roots=tuple(os.path.join(root, "") for root in message["roots"]),
        untouched=frozenset(message["untouched"]),
        careful=bool(message["careful"]),
    )


def preload(order: Order, trying: Callable[[str, dict[str, str]], None]) -> dict[str, str]:
    """Import the modules; those that cannot be preloaded with the reason why.

    In a process where that is not empty nobody may run tests.  With care, each module is named
    to ``trying`` first, with what was found until then, in case it ends the interpreter.
    """
    order = order._replace(untouched=order.untouched | rewritten_modules())
    modules = [name for name in order.modules if not is_below(name, order.untouched)]
    if not order.careful:
        reason = attempt(modules, order)
        return {"*": reason} if reason else {}
    reasons: dict[str, str] = {}
    for name in modules:
        trying(name, reasons)
        before = frozenset(sys.modules)
        reason = attempt([name], order)
        if reason:
            reasons[name] = reason
            _forget(frozenset(sys.modules) - before)
    return reasons


def _forget(names: Iterable[str]) -> None:
    """Have packages that came with an unfit module imported again by the next one that needs
    them, so that it is found unfit as well, and not in a process of its own."""
    for name in names:
        origin = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None) or ""
        if origin.endswith(".py") and not _is_standard(Path(origin)):
            del sys.modules[name]


def _is_standard(path: Path) -> bool:
    """Whether a module lies in the standard library, which may have its packages below it."""
    return Path(os.__file__).parent in path.parents and not PACKAGES.intersection(path.parts)


def is_below(name: str, packages: frozenset[str]) -> bool:
    """Whether a dotted name, or a package that it lies in, is among these."""
    parts = name.split(".")
    return any(".".join(parts[:end]) in packages for end in range(1, len(parts) + 1))


def attempt(names: Sequence[str], order: Order) -> str | None:
    """Import some modules; why that can be noticed, as a fragment, if it can."""
    before = frozenset(sys.modules)
    with noted_generators(), recorded() as found:
        guard = Guard()
        try:
            for name in names:
                importlib.import_module(name)
        # A module may raise what it likes; `SystemExit` is an old favourite.
        except BaseException as error:
            found.append(f"raises {type(error).__name__}")
        change = guard.change()
    if change:
        found.append(change)
    found.extend(_misplaced(frozenset(sys.modules) - before, order))
    return ", ".join(found) or None


def _misplaced(names: Iterable[str], order: Order) -> list[str]:
    """What was imported on the way and should not have been."""
    for name in sorted(names):
        if is_below(name, order.untouched):
            return [f"imports `{name}`, which pytest rewrites"]
        origin = getattr(getattr(sys.modules.get(name), "__spec__", None), "origin", None)
        if _looks_like_test(origin):
            return [f"imports `{name}`, which pytest may rewrite"]
        if origin and os.path.isabs(origin) and not origin.startswith(order.roots):
            return [f"imports `{name}`, which is not installed"]
    return []


def _looks_like_test(origin: str | None) -> bool:
    """Whether pytest's default patterns for files of tests match."""
    file = os.path.basename(origin or "")
    return file.startswith("test_") or file.endswith("_test.py") or file == "conftest.py"


def rewritten_modules() -> frozenset[str]:
    """Top-level modules of installed plugins, whose assertions pytest rewrites on import."""
    import importlib.metadata

    from fastest_harness import compat

    names: set[str] = set()
    for distribution in importlib.metadata.distributions():
        points = distribution.entry_points
        if any(point.group == PLUGINS for point in points):
            names.update(compat.rewritable_modules(str(file) for file in distribution.files or ()))
    return frozenset(names)
