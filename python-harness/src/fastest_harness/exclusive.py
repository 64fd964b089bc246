"""Fixtures that hold what only one process can hold: a server, a port, a container.

A session has them once; two workers would each start one, and the second would fail or hang.
The tests that use such a fixture are told to the scheduler as one group, which stays in one
worker.  What a fixture does is read off the names in its code and in that of the functions it
calls; one that names the worker is written for several and is left alone.
"""

from __future__ import annotations

import re
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GROUP: Final = "(exclusive)"
"""The group of all tests that use such fixtures: one test may use several."""

SCOPES: Final = ("session", "package", "module")

DEEPEST: Final = 3
"""So many calls from the fixture are followed."""

HOLDS: Final = re.compile(
    r"serve|[Ss]erver$|^(Thread|Process|Popen|bind|listen|create_server|start_server|docker"
    r"|DockerClient|DockerContainer|uvicorn|gunicorn)$"
)
"""Names of what holds a port or runs beside the tests."""

PREPARED: Final = re.compile(
    r"worker_id|workerinput|testrun_uid|PYTEST_XDIST|free_port|unused_port"
)
"""Names in fixtures that are written for several workers."""


class Fixtures:
    """What is known of the fixtures of a session."""

    def __init__(self) -> None:
        self._known: Final[dict[object, bool]] = {}

    def any_exclusive(self, definitions: Mapping[str, Any]) -> bool:
        """Whether one of a test's fixtures holds what only one process can hold."""
        return any(
            self._is_exclusive(definition)
            for of_name in definitions.values()
            for definition in of_name
            if str(definition.scope) in SCOPES
        )

    def _is_exclusive(self, definition: Any) -> bool:
        function = getattr(definition.func, "__func__", definition.func)
        if not isinstance(function, FunctionType):
            return False
        known = self._known.get(function)
        if known is None:
            known = self._known[function] = holds_exclusively(function)
        return known


def holds_exclusively(function: FunctionType) -> bool:
    """Whether the names in a fixture's code say that it starts or opens such a thing."""
    if "site-packages" in function.__code__.co_filename:
        return False
    names = set(_names(function, DEEPEST))
    return any(map(HOLDS.search, names)) and not any(map(PREPARED.search, names))


def _names(function: FunctionType, depth: int) -> Iterator[str]:
    """The names and texts in the code of a function and of those of its module that it calls."""
    for code in _codes(function.__code__):
        yield from code.co_names
        yield from code.co_varnames[: code.co_argcount]
        yield from (text for text in code.co_consts if isinstance(text, str) and len(text) < 80)
        for name in code.co_names if depth else ():
            called = function.__globals__.get(name)
            # A proxy of anything, asked by `isinstance`, would be set up.
            if type(called) is FunctionType and called.__module__ == function.__module__:
                yield from _names(called, depth - 1)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
