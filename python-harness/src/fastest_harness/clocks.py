"""Clocks that show the true time in tests that fake it.

Libraries that do so replace the names of clocks in all modules, but not what a tuple holds.
"""

from __future__ import annotations

import time
from typing import Final

CLOCKS: Final = (time.time, time.perf_counter)
"""The time of day, and one that only goes forward, in seconds."""
