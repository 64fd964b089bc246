"""What is used of coverage.py that its documentation does not promise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def analyses(cov: Any) -> Iterator[tuple[Any, Any]]:
    """The files that count, as every report of coverage goes through them.

    Each as its ``FileReporter``, whose methods are documented (for plugins), and its ``Analysis``.
    It is the reporter that the analysis was made with, for another one would parse the file again:
    the one that is yielded (7.17), or one that is made for it (7.11).
    """
    try:
        from coverage.report_core import get_analysis_to_report
    except ImportError:
        # Until 7.3.
        from coverage.report import get_analysis_to_report
    make = cov._get_file_reporter
    latest: list[Any] = []

    def remember(file: Any) -> Any:
        latest[:] = [make(file)]
        return latest[0]

    cov._get_file_reporter = remember
    for reporter, analysis in get_analysis_to_report(cov, None):
        is_made = latest[0].filename == reporter.filename
        yield latest[0] if is_made else reporter, analysis


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
