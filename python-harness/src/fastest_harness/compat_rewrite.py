"""pytest's assertion rewriting, for pytest 7.4 to 9.x: private names only."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from _pytest.assertion import rewrite
from _pytest.assertion.rewrite import assertstate_key

if TYPE_CHECKING:
    import types
    from collections.abc import Iterator, Mapping

    import pytest

_ORIGINAL: Final = "fastest_original"
"""The attribute of our method that holds pytest's."""


def hasten() -> None:
    """Have assertions rewritten in less time, to the same code.

    A good part of it goes by in a recursive generator, which resumes all levels above for each
    node that is given a location.
    """
    if hasattr(rewrite, "traverse_node"):
        vars(rewrite)["traverse_node"] = _located


def _located(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, those that can have a location."""
    pending = [node]
    while pending:
        node = pending.pop()
        if node._attributes:
            yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                pending.append(value)
            elif isinstance(value, list):
                pending.extend(each for each in value if isinstance(each, ast.AST))


def begin_session(session: pytest.Session) -> None:
    """Tell the import hook of a session whose arguments it rewrites, whatever they are named.

    pytest does that in its own ``pytest_collection``, which an earlier first result keeps out.
    """
    state: Any = session.config.stash.get(assertstate_key, None)
    if state is not None and state.hook is not None:
        state.hook.set_session(session)


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

    vars(exec_module)[_ORIGINAL] = original
    rewrite.AssertionRewritingHook.exec_module = exec_module  # type: ignore[method-assign]


def replace_no_sources() -> None:
    """Have the import hook rewrite files again."""
    hook: Any = rewrite.AssertionRewritingHook
    hook.exec_module = getattr(hook.exec_module, _ORIGINAL, hook.exec_module)
