"""pytest's assertion rewriting, as far as unsaved documents concern it: private names only."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

from _pytest.assertion import rewrite

if TYPE_CHECKING:
    import types
    from collections.abc import Mapping


def replace_sources(sources: Mapping[str, bytes]) -> None:
    """Have the import hook rewrite these sources, by normalized path, instead of the files'.

    pytest's own method would look for a ``.pyc`` of the file, and write one.
    """
    original = rewrite.AssertionRewritingHook.exec_module

    def exec_module(self: rewrite.AssertionRewritingHook, module: types.ModuleType) -> None:
        origin = module.__spec__.origin if module.__spec__ is not None else None
        source = None if origin is None else sources.get(os.path.normcase(origin))
        if origin is None or source is None:
            original(self, module)
            return
        self._rewritten_names[module.__name__] = Path(origin)
        tree = ast.parse(source, filename=origin)
        rewrite.rewrite_asserts(tree, source, origin, self.config)
        exec(compile(tree, origin, "exec", dont_inherit=True), module.__dict__)

    rewrite.AssertionRewritingHook.exec_module = exec_module  # type: ignore[method-assign]
