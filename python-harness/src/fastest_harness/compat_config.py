"""A pytest configuration made before it is known for what, for pytest 7.4 to 9.x.

A quarter of a worker's start is to register pytest's own plugins, which is the same in all of
them.  The zygote does that once; a fork gives the configuration its arguments.
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import _pytest.config

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pytest

DEBUG: Final = "PYTEST_DEBUG"
"""The variable that pytest looks at while it makes a plugin manager."""


def make_config() -> pytest.Config | None:
    """What ``get_config`` makes before it looks at arguments; ``None`` if it should not be made."""
    if os.environ.get(DEBUG):
        return None
    get_config = _pytest.config.get_config
    known = inspect.signature(get_config).parameters
    named = {"prog": "pytest.main()"} if "prog" in known else {}
    return get_config(None, None, **named)


def fits(args: Sequence[str]) -> bool:
    """Whether such a configuration is that of these arguments.

    A plugin that ``-p no:NAME`` keeps out must not have declared its options.
    """
    return not os.environ.get(DEBUG) and not any(is_exclusion(args, i) for i in range(len(args)))


def is_exclusion(args: Sequence[str], place: int) -> bool:
    """Whether the argument at a place keeps one of pytest's own plugins out."""
    arg = args[place]
    value = arg[2:] if arg.startswith("-p") else ""
    value = (value or (args[place - 1 : place] == ["-p"] and arg) or "").strip()
    name = value[3:] if value.startswith("no:") else ""
    return name in _pytest.config.default_plugins


def use_config(config: pytest.Config) -> None:
    """Let the next ``pytest.main`` work with this configuration."""
    original = _pytest.config.get_config

    def get_config(
        args: Iterable[str] | None = None, plugins: Any = None, **_prog: Any
    ) -> pytest.Config:
        _pytest.config.get_config = original
        given = tuple(args or ())
        params = _pytest.config.Config.InvocationParams(args=given, plugins=plugins, dir=Path.cwd())
        config.invocation_params = params
        if given:
            config.pluginmanager.consider_preparse(given, exclude_only=True)
        return config

    _pytest.config.get_config = get_config
