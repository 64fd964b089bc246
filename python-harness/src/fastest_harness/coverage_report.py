"""Combines what the workers measured and reports it, in a process of its own.

Reads one JSON object (what is asked for) from standard input and writes one to standard output:
``text``, the reports; ``failure``, why the run fails, or null; ``total``; ``problem``.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import shutil
import sys
import traceback
from typing import TYPE_CHECKING, Any

from fastest_harness.settings import Measured, missing_coverage

if TYPE_CHECKING:
    from fastest_harness.channel import Message


def main() -> None:
    """Answer what standard input asks."""
    asked: Message = json.load(sys.stdin)
    answer = sys.stdout
    # Reports may print, and so may plugins of coverage.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            told = report(asked)
        except Exception as error:  # a plugin of coverage may raise anything
            traceback.print_exc()
            told = nothing(f"Failed to generate report: {type(error).__name__}: {error}")
    json.dump(told, answer)


def report(asked: Message) -> Message:
    """Combine and report."""
    try:
        import coverage
        from coverage.exceptions import CoverageException
    except ModuleNotFoundError:
        return nothing(missing_coverage())
    measured = Measured.of_message(asked)
    settings: Any = coverage.Coverage(config_file=measured.config_file).config
    fail_under = asked["fail_under"]
    if fail_under is None:
        fail_under = settings.fail_under
    precision = asked["precision"]
    if precision is None:
        precision = settings.precision
    told = nothing(None)
    cov = combined(measured, settings)
    if (asked["failed"] and asked["quiet_on_failure"]) or not (asked["reports"] or fail_under):
        return told
    stream = io.StringIO()
    try:
        told["total"] = summary(cov, dict(asked["reports"]), precision, stream)
    except CoverageException as error:
        told["problem"], told["total"] = f"Failed to generate report: {error}", 0
        return told
    told["text"] = stream.getvalue()
    told.update(verdict(told["total"], fail_under, precision))
    return told


def nothing(problem: str | None) -> Message:
    """An answer without a report, and why there is none."""
    return {"text": "", "total": None, "failure": None, "problem": problem}


def combined(measured: Measured, settings: Any) -> Any:
    """The data of all workers, saved in the project's own data file."""
    import coverage

    data_file = os.path.abspath(settings.data_file)
    cov: Any = coverage.Coverage(
        source=measured.source,
        branch=measured.branch,
        data_file=data_file,
        config_file=measured.config_file,
    )
    for warning in ("_warn_no_data", "_warn_unimported_source", "_warn_preimported_source"):
        setattr(cov, warning, False)
    if measured.append:
        cov.load()
    # What is in the data file is kept if it is to be added to; else the first worker erased it.
    with contextlib.suppress(coverage.exceptions.NoDataError):
        cov.combine()
    cov.save()
    return cov


def summary(cov: Any, reports: dict[str, str | None], precision: int, stream: Any) -> float:
    """Write the reports and say on the stream where; the percentage in total."""
    nowhere = io.StringIO()
    total: float = cov.report(
        ignore_errors=True, output_format="total", precision=precision, file=nowhere
    )
    version = "{}.{}.{}-{}-{}".format(*sys.version_info[:5])
    stream.write(separator(f"coverage: platform {sys.platform}, python {version}"))
    if "term" in reports or "term-missing" in reports:
        cov.report(
            show_missing="term-missing" in reports or None,
            ignore_errors=True,
            file=stream,
            precision=precision,
            skip_covered="skip-covered" in reports.values() or None,
        )
    if "annotate" in reports:
        folder = reports["annotate"]
        cov.annotate(ignore_errors=True, directory=folder)
        where = f"to dir {folder}" if folder else "next to source"
        stream.write(f"Coverage annotated source written {where}\n")
    if "html" in reports:
        folder = reports["html"]
        cov.html_report(ignore_errors=True, directory=folder)
        stream.write(f"Coverage HTML written to dir {folder or cov.config.html_dir}\n")
    if "xml" in reports:
        file = reports["xml"]
        cov.xml_report(ignore_errors=True, outfile=file)
        stream.write(f"Coverage XML written to file {file or cov.config.xml_output}\n")
    if "json" in reports:
        file = reports["json"]
        cov.json_report(ignore_errors=True, outfile=file)
        stream.write(f"Coverage JSON written to file {file or cov.config.json_output}\n")
    markdown(cov, reports, stream)
    if "lcov" in reports:
        file = reports["lcov"]
        cov.lcov_report(ignore_errors=True, outfile=file)
        stream.write(f"Coverage LCOV written to file {file or cov.config.lcov_output}\n")
    return total


def markdown(cov: Any, reports: dict[str, str | None], stream: Any) -> None:
    """Write the reports in Markdown."""
    for kind, mode, word in (("markdown", "w", "written"), ("markdown-append", "a", "appended")):
        if kind not in reports:
            continue
        path = reports[kind] or "coverage.md"
        with open(path, mode, encoding="utf-8") as file:
            cov.report(ignore_errors=True, file=file, output_format="markdown")
        stream.write(f"Coverage Markdown information {word} to file {path}\n")


def verdict(total: float, fail_under: float | None, precision: int) -> Message:
    """Whether enough is covered, and what is said of it."""
    from coverage.results import should_fail_under

    if fail_under is None:
        return {"failure": None}
    failure = None
    if should_fail_under(total, fail_under, precision):
        shown = displayed(total, precision)
        failure = (
            f"Coverage failure: total of {shown} is less than fail-under={fail_under:.{precision}f}"
        )
    if not fail_under > 0:
        return {"failure": failure}
    short = total < fail_under
    reached = (
        f"{'FAIL ' if short else ''}Required test coverage of {fail_under}% "
        f"{'not ' if short else ''}reached. Total coverage: {total:.2f}%\n"
    )
    return {"failure": failure, "reached": reached, "short": short}


def displayed(total: float, precision: int) -> str:
    """The percentage as coverage shows it."""
    try:
        from coverage.results import display_covered
    except ImportError:
        return f"{total:.{precision}f}"
    return str(display_covered(total, precision))


def separator(title: str) -> str:
    """A title between signs, on a width that pytest-cov finds sane."""
    width, _ = shutil.get_terminal_size(fallback=(80, 24))
    width = 80 if width < 40 else width
    if platform.system() == "Windows":
        width -= 1
    fill = "_" * max((width - len(title) - 2) // 2, 1)
    line = f"{fill} {title} {fill}"
    return line + ("_" if len(line) < width else "") + "\n\n"
