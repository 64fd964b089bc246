"""What the files that other workers run would have imported before the first test.

Under pytest every file is imported before any test runs, and code may look at what is there:
``logging`` asks ``sys.modules`` for ``multiprocessing`` to name the process.  What is installed or
the project's own is left to those who import it: to import that costs time, and may do anything.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def import_standard(names: Iterable[str]) -> None:
    """Import these modules of the standard library, those that can be."""
    missing = [name for name in names if name not in sys.modules]
    if not missing:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in missing:
            # One that is not of this system is the business of the file that imports it.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
