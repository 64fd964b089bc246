"""What an import leaves behind."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import pytest

from fastest_harness.guard import Guard

if TYPE_CHECKING:
    from pathlib import Path

KEEPS = {
    "the stream": "import sys; OUT = sys.stdout",
    "by name": "from sys import stderr",
    "its buffer": "import sys; OUT = sys.stdout.buffer",
    "a method": "import sys; write = sys.stdout.write",
    "a default": "import sys\ndef say(text, file=sys.stderr): print(text, file=file)",
}


def change(source: str, folder: Path) -> str | None:
    """What the guard says after a module was imported."""
    (folder / "imported_module.py").write_text(source, encoding="utf-8")
    sys.modules.pop("imported_module", None)
    # Its functions hold each other; were they collected meanwhile, references would go.
    gc.collect()
    guard = Guard()
    import imported_module  # type: ignore[import-not-found]

    found = guard.change()
    del imported_module
    return found


@pytest.mark.parametrize("name", KEEPS)
def test_a_stream_that_is_kept(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert change(KEEPS[name], tmp_path) == "keeps a standard stream"


def test_a_stream_that_is_only_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert change("import sys; sys.stdout.flush(); NAME = sys.stderr.name", tmp_path) is None
