"""What a process that is kept for later runs changes in pytest's session, for pytest 7.4 to 9.x."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from fastest_harness import compat_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def capture_files(config: pytest.Config) -> list[int]:
    """The descriptors of the files that pytest captures output in."""
    numbers = []
    for part in _captures(config):
        file = getattr(part, "tmpfile", None)
        # With `--capture=sys` it is no file.
        if file is not None and hasattr(part, "targetfd_save"):
            numbers.append(file.fileno())
    return numbers


def has_output(config: pytest.Config) -> bool:
    """Whether something was captured that nobody has taken."""
    for part in _captures(config):
        file: Any = getattr(part, "tmpfile", None)
        if file is None:
            continue
        if hasattr(part, "targetfd_save"):
            if os.fstat(file.fileno()).st_size:
                return True
        elif getattr(file, "getvalue", str)():
            return True
    return False


def _captures(config: pytest.Config) -> Iterator[object]:
    manager: Any = config.pluginmanager.get_plugin("capturemanager")
    capture = getattr(manager, "_global_capturing", None)
    for name in ("in_", "out", "err"):
        part = getattr(capture, name, None)
        if part is not None:
            yield part
            # On descriptors, what `sys.stdout` is captures too.
            inner = getattr(part, "syscapture", None)
            if inner is not None and not hasattr(part, "targetfd_save"):
                yield inner


def set_arguments(config: pytest.Config, args: Sequence[str]) -> None:
    """Have a configuration be that of these arguments, whose last is the only path."""
    params = config.invocation_params
    config.invocation_params = pytest.Config.InvocationParams(
        args=tuple(args), plugins=params.plugins, dir=params.dir
    )
    config.args = [args[-1]]
    for parsed in (config.option, getattr(config, "known_args_namespace", None)):
        if hasattr(parsed, "file_or_dir"):
            vars(parsed)["file_or_dir"] = [args[-1]]


def takes_one_path(config: pytest.Config, args: Sequence[str]) -> bool:
    """Whether the last of the arguments is the only path among them."""
    return getattr(config.option, "file_or_dir", None) == [args[-1]]


def restart(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Have what a session reads or notes at its start be as if it started now, for these items."""
    from _pytest import timing

    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    for name in ("_sessionstarttime", "_session_start"):
        if hasattr(reporter, name):
            instant = getattr(timing, "Instant", None)
            value = getattr(reporter, name)
            is_instant = instant is not None and isinstance(value, instant)
            setattr(reporter, name, instant() if is_instant and instant else timing.time())
    cache: Any = getattr(config, "cache", None)
    failed: Any = config.pluginmanager.get_plugin("lfplugin")
    if failed is not None and cache is not None:
        failed.lastfailed = cache.get("cache/lastfailed", {})
    for plugin in config.pluginmanager.get_plugins():
        if isinstance(plugin, compat_cache.Seen):
            plugin.see(items)


def reordered(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The items in the order in which pytest runs them, given that of their definition."""
    from _pytest.fixtures import reorder_items

    return reorder_items(items)


def cache_folder(config: pytest.Config) -> str | None:
    """Where pytest keeps what it remembers between runs."""
    cache: Any = getattr(config, "cache", None)
    return None if cache is None else os.path.join(str(cache._cachedir), "")
