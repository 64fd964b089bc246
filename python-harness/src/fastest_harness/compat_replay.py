"""A phase that is over, told by pytest itself, for pytest 8.3 to 9.2.

What a phase has raised is raised once more, within pytest's own functions and with all that is
around a phase, in the place of what raised it.  So reports and their tracebacks are pytest's.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any, Callable, Final

from _pytest import runner

if TYPE_CHECKING:
    from types import TracebackType

    import pytest

PACKAGE: Final = os.path.dirname(__file__)


class Replay:
    """One phase that is told; the hooks of its phase are other ones until it has been gone through.

    ``plugin`` is one that has a hook for the phase which does nothing and takes no arguments.
    """

    def __init__(self, plugin: object, item: pytest.Item, when: Any) -> None:
        self._item: Final = item
        self._when: Final = when
        # What a conftest's folder sees is made from those of all.
        hook: Any = getattr(item.config.hook, f"pytest_runtest_{when}")
        self._hooks: Final[list[Any]] = hook._hookimpls
        self._kept: Final = list(self._hooks)
        self._ours: Final = next(each for each in self._kept if each.plugin is plugin)
        self._function: Final = self._ours.function

    def tell(self, error: BaseException | None, **more: Any) -> pytest.TestReport:
        """Have the phase end with the exception; raises what ends the session."""
        if error is not None:
            self._ours.function = _raising(error)
        self._hooks[:] = [each for each in self._kept if each is self._ours or is_around(each)]
        try:
            return runner.call_and_report(self._item, self._when, **more)
        finally:
            self.end()

    def end(self) -> None:
        """Have all hooks there again."""
        if self._ours.function is not self._function:
            self._ours.function = self._function
        if self._hooks != self._kept:
            self._hooks[:] = self._kept


def is_around(implementation: Any) -> bool:
    """Whether one plugin's hook is around those of others."""
    return bool(implementation.hookwrapper or implementation.wrapper)


def _raising(error: BaseException) -> Callable[[], object]:
    """What raises an exception and adds no frame of its own to those where it came from."""
    traceback = error.__traceback__
    while traceback is not None and _is_ours(traceback):
        traceback = traceback.tb_next
    ended: Any = (None for _ in ())
    next(ended, None)
    return functools.partial(ended.throw, error.with_traceback(traceback))


def _is_ours(traceback: TracebackType) -> bool:
    return os.path.dirname(traceback.tb_frame.f_code.co_filename) == PACKAGE
