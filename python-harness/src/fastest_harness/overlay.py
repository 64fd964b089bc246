"""Unsaved documents of an editor, imported in the place of the files that they will be.

Nothing is written, neither sources nor ``.pyc``.  Whoever imports a file that has a buffer gets
the buffer: plain imports by a finder in front of the path's own, what pytest imports (tests and
conftests, whose assertions it rewrites) by its own import hook, which is told the source.
Tracebacks read lines from ``linecache``, which is filled with the buffers' lines for good.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import linecache
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from fastest_harness import compat_rewrite

if TYPE_CHECKING:
    import types
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec


def install(buffers: Mapping[str, str]) -> None:
    """Have this process import these texts, by absolute path, instead of the files."""
    sources = {os.path.normcase(path): text.encode() for path, text in buffers.items()}
    sys.meta_path.insert(_place(), BufferFinder(sources))
    compat_rewrite.replace_sources(sources)
    for path, text in buffers.items():
        # Without a time of change the entry is never compared with the file.
        linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)


def replace(buffers: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Have it import these from now on, and no more those that were installed before."""
    if before:
        sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, BufferFinder)]
        compat_rewrite.replace_no_sources()
        for path in before:
            linecache.cache.pop(path, None)
    if buffers:
        install(buffers)


def _place() -> int:
    """Right before the finder that looks along ``sys.path``."""
    finders: list[Any] = sys.meta_path
    path_finder = importlib.machinery.PathFinder
    return finders.index(path_finder) if path_finder in finders else len(finders)


class BufferFinder:
    """Finds modules where Python does, and loads those that have a buffer from it."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources: Final = sources
        self._names: Final = frozenset(_module_name(path) for path in sources)

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> ModuleSpec | None:
        if name.rpartition(".")[2] not in self._names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        origin = None if spec is None else spec.origin
        if spec is None or origin is None:
            return None
        source = self._sources.get(os.path.normcase(origin))
        if source is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        spec.loader = BufferLoader(spec.loader.name, origin, source)
        spec.cached = None
        return spec


class BufferLoader(importlib.machinery.SourceFileLoader):
    """Loads one module from its buffer."""

    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self._source: Final = source

    def get_data(self, path: str) -> bytes:
        return self._source if path == self.path else super().get_data(path)

    def get_code(self, fullname: str) -> types.CodeType | None:
        # The inherited method would look for a `.pyc` of the file, and write one.
        del fullname
        return self.source_to_code(self._source, self.path)


def _module_name(path: str) -> str:
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    return os.path.basename(folder) if stem == "__init__" else stem
