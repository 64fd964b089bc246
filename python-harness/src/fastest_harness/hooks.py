"""Which hooks must see all items of a session at once, and which treat each item for itself.

A hook of the second kind may be called file by file, so that no worker collects what another
runs.  A plugin is taken to be such a one if it is pytest's own, if its sources were read by us,
or if its hook is proven to be: its source is parsed, and nothing is allowed in it but looping
over the items and, for each, looking at it and marking it (`harmless`).  Whatever is not
understood is not harmless: a wrong outcome is a defect, a slow one is only slow.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Final

from fastest_harness import compat, harmless

if TYPE_CHECKING:
    import pytest

ITEM_HOOKS: Final = ("pytest_collection_modifyitems", "pytest_collection_finish")

PER_ITEM_PLUGINS: Final = frozenset(
    {
        "_hypothesis_pytestplugin",
        "anyio",
        "fastest_harness",
        "pytest_asyncio",
        "pytest_benchmark",
        "pytest_codspeed",
        "pytest_cov",
        "pytest_freezer",
        "pytest_mock",
        "pytest_run_parallel",
        "pytest_timeout",
        "time_machine",
        "xdist",
    }
)
"""Top-level modules whose item hooks look at each item alone (read in their sources)."""

SESSION_OPTIONS: Final = ("lf", "failedfirst", "newfirst", "stepwise", "stepwise_skip")
"""pytest's own options that order or drop items by what the whole session holds."""


def whole_session_reasons(config: pytest.Config) -> list[str]:
    """Why every worker must collect the whole session; empty if it need not."""
    chosen = compat.options(config)
    reasons = [f"--{name.replace('_', '-')}" for name in SESSION_OPTIONS if chosen.get(name)]
    for name in ITEM_HOOKS:
        for plugin, function in compat.hook_functions(config, name):
            why = _why_not_per_item(plugin, function, config)
            if why:
                reasons.append(f"{name} of {_name_of(plugin)}: {why}")
    return reasons


def _why_not_per_item(plugin: object, function: object, config: pytest.Config) -> str | None:
    top = _name_of(plugin).partition(".")[0]
    if top == "_pytest" or top in PER_ITEM_PLUGINS:
        return None
    return harmless.objection(function, config)


def _name_of(plugin: object) -> str:
    if isinstance(plugin, ModuleType):
        return str(plugin.__name__)
    return type(plugin).__module__
