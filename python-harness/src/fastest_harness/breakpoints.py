"""A debugger that is started in a worker without a terminal: the test fails and says what to do.

Nobody could type at its prompt, which would read the end of an empty input and look like a
failure of the test's own.
"""

from __future__ import annotations

import pdb
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from fastest_harness.settings import Settings

HINT = (
    "a debugger was started (`breakpoint()`, `pdb.set_trace()`), and tests that run in workers "
    "have no terminal for its prompt; run this test with `-s` or `--pdb`, or debug it in the editor"
)


def refuse(config: pytest.Config, settings: Settings) -> None:
    """Have no debugger start; call it once pytest's own is configured."""
    if settings.foreground or settings.debug is not None:
        return
    # Put back before pytest puts back what was there before it.
    before = (pdb.set_trace, pytest.set_trace)
    pdb.set_trace = pytest.set_trace = _refuse

    def put_back() -> None:
        pdb.set_trace, pytest.set_trace = before

    config.add_cleanup(put_back)


def _refuse(*_args: object, **_options: object) -> NoReturn:
    __tracebackhide__ = True
    pytest.fail(HINT)
