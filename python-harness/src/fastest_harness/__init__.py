"""The worker process of ``fastest-lsp``.  Private: only the binary starts it.

Reading order: ``worker`` (the process), ``channel`` and ``transport`` (how it talks),
``engine`` (who runs tests when), ``collection`` (what pytest would collect), ``teller``,
``reports`` and ``failures`` (what is told), ``contract`` (what suites written for pytest-xdist
expect), ``zygote``, ``preload``, ``guard``, ``fresh`` and ``control`` (what workers are forked
from), ``compat`` and ``compat_failures`` (pytest's private names).
"""

from __future__ import annotations

from typing import Final

PROTOCOL: Final = 1
"""The version of ``docs/harness-protocol.md`` that this package speaks."""
