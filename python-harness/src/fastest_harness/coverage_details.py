"""Combines what the workers measured and tells it line by line, in a process of its own.

Reads one JSON object from standard input and writes one to standard output: ``files``, the sums of
each; ``tests``, the node ids that ``files`` count in; ``problem``, why there is nothing, or null.
What is to be told of one file on demand is written beside the data file, as ``N.json`` for the
N-th file.  There, and only there, sets are masks: hexadecimal numbers whose bit N says whether the
N-th statement, or branch, is in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any, Final

from fastest_harness import compat_coverage
from fastest_harness.settings import Measured, missing_coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastest_harness.channel import Message

    Arc = tuple[int, int]


def main() -> None:
    """Answer what standard input asks."""
    asked: Message = json.load(sys.stdin)
    answer = sys.stdout
    # Plugins of coverage may print.
    with contextlib.redirect_stdout(sys.stderr):
        told = details(asked)
    answer.write(json.dumps(told))


def details(asked: Message) -> Message:
    """Combine and tell."""
    told: Message = {"files": [], "tests": [], "problem": None}
    try:
        import coverage
        from coverage.exceptions import ConfigError, CoverageException, NoDataError
    except ModuleNotFoundError:
        return {**told, "problem": missing_coverage()}
    measured = Measured.of_message(asked)
    data_file = str(measured.data_file)
    overlay: dict[str, str] = asked["overlay"]
    compat_coverage.replace_sources({path: text.encode() for path, text in overlay.items()})
    try:
        cov: Any = coverage.Coverage(data_file=data_file, config_file=measured.config_file)
        # A file that cannot be parsed any more takes no other along.
        cov.set_option("report:ignore_errors", True)
        cov.combine([os.path.dirname(data_file)])
        cov.save()
        with contextlib.closing(sqlite3.connect(data_file)) as database:
            told.update(files_told(cov, Recorded(database), os.path.dirname(data_file)))
    except NoDataError:
        # Nothing of what is to be measured was run.
        return told
    except (ConfigError, CoverageException) as error:
        return {**told, "problem": f"failed to report coverage: {error}"}
    return told


def files_told(cov: Any, recorded: Recorded, folder: str) -> Message:
    """The sums of all files and the tests that ran them; the rest goes to the folder."""
    numbers: dict[str, int] = {}
    files: list[Message] = []
    has_arcs: bool = cov.get_data().has_arcs()
    for reporter, analysis in compat_coverage.analyses(cov):
        file = File(reporter, analysis, has_arcs=has_arcs)
        tests = [
            (numbers.setdefault(test, len(numbers)), *masks)
            for test, masks in file.by_test(recorded)
        ]
        with open(os.path.join(folder, f"{len(files)}.json"), "w", encoding="utf-8") as output:
            output.write(json.dumps({**file.lines(), "tests": tests}))
        ran = [number for number, *_ in tests]
        files.append({"path": file.path, **file.sums(), "tests": ran})
    return {"files": files, "tests": list(numbers)}


class File:
    """What is known of one file."""

    def __init__(self, reporter: Any, analysis: Any, *, has_arcs: bool) -> None:
        self.path: Final = os.path.join(os.getcwd(), reporter.filename)
        self._reporter: Final = reporter
        self._numbers: Final = analysis.numbers
        self._has_arcs: Final = has_arcs
        self._statements: Final = sorted(analysis.statements)
        self._executed: Final = frozenset(analysis.statements) - frozenset(analysis.missing)
        self._place: Final = {line: place for place, line in enumerate(self._statements)}
        self._taken: Final = frozenset(pairs(analysis.executed_branch_arcs())) if has_arcs else ()
        missing = pairs(analysis.missing_branch_arcs()) if has_arcs else ()
        self._branches: Final = sorted([*self._taken, *missing])
        self._functions: Final = list(self._regions())

    def sums(self) -> Message:
        """Pairs of what was run and what there is."""
        numbers = self._numbers
        executed = mask(self._place[line] for line in self._executed)
        ran = [int(statements, 16) & int(executed, 16) for *_, statements in self._functions]
        branches = (numbers.n_executed_branches, numbers.n_branches)
        return {
            "statements": (numbers.n_executed, numbers.n_statements),
            "branches": branches if self._has_arcs else None,
            "functions": (sum(map(bool, ran)), len(ran)) if self._has_regions() else None,
        }

    def lines(self) -> Message:
        """Statements by their first and last line, branches, functions."""
        last = self._last_lines()
        return {
            "statements": [(line, last[line], line in self._executed) for line in self._statements],
            "branches": [(*branch, branch in self._taken) for branch in self._branches],
            "functions": self._functions,
        }

    def by_test(self, recorded: Recorded) -> Iterator[tuple[str, tuple[str, str]]]:
        """Masks of the statements and branches that each test ran."""
        translate = self._reporter.translate_lines
        for test, lines, arcs in recorded.of(self.path):
            ran = mask(self._place[line] for line in translate(lines) if line in self._place)
            reached = frozenset(self._reporter.translate_arcs(arcs)) if arcs else ()
            if ran != "0":
                taken = (n for n, branch in enumerate(self._branches) if branch in reached)
                yield test, (ran, mask(taken))

    def _last_lines(self) -> dict[int, int]:
        """The last line of each statement."""
        last = {line: line for line in self._statements}
        count = len(self._reporter.source().splitlines())
        for line in range(1, count + 1):
            for first in self._reporter.translate_lines({line}):
                if first in last:
                    last[first] = max(last[first], line)
        return last

    def _has_regions(self) -> bool:
        return hasattr(self._reporter, "code_regions")

    def _regions(self) -> Iterator[tuple[str, int, int, str]]:
        """Functions that have a statement: name, first and last line, their statements.

        Coverage tells of them since 7.6.  The statements of a function inside are not the outer's.
        """
        regions = self._reporter.code_regions() if self._has_regions() else ()
        for region in regions:
            statements = [self._place[line] for line in region.lines if line in self._place]
            if region.kind == "function" and statements:
                yield region.name, region.start, max(region.lines), mask(statements)


def pairs(arcs: dict[int, list[int]]) -> Iterator[Arc]:
    """Arcs by their source as pairs of source and target."""
    for source, targets in arcs.items():
        for target in targets:
            yield source, target


class Recorded:
    """What each test ran, from coverage's data file, whose tables its documentation lists.

    The class that coverage has for it takes a query for each test and file.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database: Final = database
        files = database.execute("select path, id from file")
        self._ids: Final = {os.path.join(os.getcwd(), path): number for path, number in files}

    def of(self, path: str) -> Iterator[tuple[str, set[int], list[Arc]]]:
        """Tests with the lines and arcs that they ran of a file, as recorded."""
        from coverage.numbits import numbits_to_nums

        number = self._ids.get(path)
        lines: dict[str, set[int]] = {}
        arcs: dict[str, list[Arc]] = {}
        for test, numbits in self._query("line_bits.numbits from line_bits", number):
            lines.setdefault(test, set()).update(numbits_to_nums(numbits))
        for test, source, target in self._query("arc.fromno, arc.tono from arc", number):
            arcs.setdefault(test, []).append((source, target))
            lines.setdefault(test, set()).update(line for line in (source, target) if line > 0)
        for test in sorted(lines):
            yield test, lines[test], arcs.get(test, [])

    def _query(self, what: str, number: int | None) -> Iterable[Any]:
        statement = f"select context.context, {what} join context on context.id = context_id"
        return self._database.execute(
            f"{statement} where file_id = ? and context.context != ''", [number]
        )


def mask(places: Iterable[int]) -> str:
    """A set of numbers as a hexadecimal number."""
    bits = 0
    for place in places:
        bits |= 1 << place
    return f"{bits:x}"
