"""What is used of coverage.py that its documentation does not promise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def file_reporter(cov: Any, path: str) -> Any:
    """The ``FileReporter`` of a measured file, whose methods are documented (for plugins)."""
    return cov._get_file_reporter(path)


def replace_sources(sources: Mapping[str, bytes]) -> None:
    """Have coverage read these texts, by absolute path, instead of the files."""
    import coverage.python

    by_file = {_same(path): text for path, text in sources.items()}
    module: Any = coverage.python
    read = module.read_python_source

    def read_source(filename: str) -> bytes:
        text = by_file.get(_same(filename))
        if text is None:
            return bytes(read(filename))
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    module.read_python_source = read_source


def _same(path: str) -> str:
    """Coverage names files by their real paths."""
    return os.path.normcase(os.path.realpath(path))
