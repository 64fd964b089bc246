#!/usr/bin/env python3
"""Run the corpus under pytest, `pytest -n 2` and fastest-lsp, and compare.

    runs.py CACHE --binary fastest-lsp [--only NAME ...] [--quick] [--rounds N] [--workers N]

CACHE is the folder prepare.py filled.  Each project is run by each of the three, alternating, in
its own environment with its own arguments (pytest-xdist lies in a folder of its own on
PYTHONPATH, so that the pinned environment stays what it is), and a table tells

    tests       how many node ids pytest reported
    differ      node ids whose outcome, reason or phases differ from pytest's, and reports of
                collection that do; xdist's in parentheses
    exit        exit codes: pytest, xdist, ours
    s           wall time in seconds, medians; cpu: user and system time
    /pytest     how many times as fast as pytest ours is; /xdist likewise
    PSS         peak memory of the process tree in MB, and ours as a part of the others'
    two         with --limit: how many times as much two pytests beside each other do in a time as
                one alone: what two workers would reach on this machine if nothing were lost

Ours keeps how long tests take from one run to the next, as it does for users in pytest's cache,
which is off here because it would make runs depend on each other.

Where ours differs, pytest is run again: a test on which pytest does not agree with itself is
listed with its outcomes and counts for nothing.  CACHE/runs/NAME.txt has every difference;
`[[run]]` in known.toml lists those that are explained, and one that is gone is an error.  The
exit status is 1 if anything is unexplained.  Standard library only (Python 3.11+, Linux).
"""
from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from baseline import settings
from compare import SHOWN, stable
from measure import Measured, measured
from prepare import HERE, load_corpus, load_toml

Project = dict[str, Any]
Record = dict[str, Any]

RUNNERS = ("pytest", "xdist", "ours")
XDIST = ["pytest-xdist==3.8.0", "execnet==2.1.2"]
KINDS = "passed|failed|skipped|deselected|xfailed|xpassed|errors?|subtests \\w+"
COUNTED = re.compile(rf"\d+ (?:{KINDS})")


@dataclasses.dataclass
class Run:
    """One runner's run of one project."""

    took: Measured
    tests: Record
    """Node id to its reports, each phase, outcome and reason; `collect NODEID` to an outcome."""
    counts: list[str]
    """The closing line, but for warnings and time."""


@dataclasses.dataclass
class Row:
    """All that is known of a project."""

    name: str
    runs: dict[str, list[Run]]
    differences: list[str] = dataclasses.field(default_factory=list)
    of_xdist: list[str] = dataclasses.field(default_factory=list)
    unstable: list[str] = dataclasses.field(default_factory=list)
    limit: float = math.nan

    def median(self, runner: str, key: str) -> float:
        return statistics.median(getattr(run.took, key) for run in self.runs[runner])


def overlay(cache: Path) -> Path:
    """A folder with pytest-xdist and what it needs but pytest."""
    folder = cache / "overlay" / "-".join(XDIST)
    if not folder.exists():
        making = folder.with_name(folder.name + ".making")
        shutil.rmtree(making, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-compile",
                        "--disable-pip-version-check", "--target", str(making), *XDIST], check=True)
        making.rename(folder)
    return folder


def command(runner: str, project: Project, cache: Path, options: argparse.Namespace,
            args: list[str]) -> list[str]:
    pytest = str(cache / "venv" / project["name"] / "bin/pytest")
    workers = ["-n", str(options.workers)]
    durations = cache / "runs" / project["name"] / "durations.json"
    ours = ["--durations-file", str(durations), *options.ours]
    start = {"pytest": [pytest], "xdist": [pytest, *workers],
             "ours": [str(options.binary), "--run", *workers, *ours]}[runner]
    return [*start, "-q", "-p", "no:cacheprovider", "-p", "corpus_outcomes", *args,
            *project.get("run_args", [])]


def run(runner: str, project: Project, cache: Path, options: argparse.Namespace,
        beside: str = "") -> Run:
    """Run a project once; byte code is cached, as it is for users."""
    cwd, env, args = settings(project, cache)
    scratch = cache / "runs" / project["name"] / (runner + beside)
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "tmp").mkdir(parents=True)
    (scratch / "outcomes").mkdir()
    env.update(TMPDIR=str(scratch / "tmp"), CORPUS_OUTCOMES=str(scratch / "outcomes"))
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    if runner == "ours":
        env["CORPUS_OUTCOMES_OF"] = "workers"
    if runner == "xdist":
        env["PYTHONPATH"] += os.pathsep + str(overlay(cache))
    log = scratch / "output.txt"
    cap = options.cap or 3 * project.get("cap", 300)
    took = measured(command(runner, project, cache, options, args), cwd, env, log, cap)
    shutil.rmtree(scratch / "tmp", ignore_errors=True)
    tests = read_outcomes(scratch / "outcomes", project.get("volatile", []))
    return Run(took, tests, closing_counts(log))


def limit(row: Row, project: Project, cache: Path, options: argparse.Namespace) -> float:
    """How many times as much two pytests do at once as one does alone."""
    def seconds(beside: str) -> float:
        return run("pytest", project, cache, options, beside).took.seconds

    with concurrent.futures.ThreadPoolExecutor(2) as two:
        both = [max(two.map(seconds, ["-a", "-b"])) for _ in range(options.rounds)]
    return 2 * row.median("pytest", "seconds") / statistics.median(both)


def read_outcomes(folder: Path, volatile: list[str]) -> Record:
    tests: Record = collections.defaultdict(list)
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text())
        nodeids = stable([report[0] for report in record["reports"]], volatile)
        for nodeid, (_, *what) in zip(nodeids, record["reports"]):
            tests[nodeid].append(tuple(what))
        for nodeid, outcome in record["errors"].items():
            tests[f"collect {nodeid}"] = [("collect", outcome, "")]
    return dict(tests)


def closing_counts(log: Path) -> list[str]:
    """`5 passed`, `1 skipped`, … of the last line that has them."""
    lines = log.read_text(errors="replace").splitlines()
    found = (COUNTED.findall(line) for line in reversed(lines) if " in " in line)
    return sorted(next((counts for counts in found if counts), []))


def differing(theirs: Run, ours: Run) -> dict[str, str]:
    """What differs, by node id."""
    found = {}
    for nodeid in theirs.tests.keys() | ours.tests.keys():
        left, right = theirs.tests.get(nodeid), ours.tests.get(nodeid)
        if left != right:
            found[nodeid] = f"{told(left)} | {told(right)}"
    if theirs.took.exit != ours.took.exit:
        found["exit"] = f"{theirs.took.exit} | {ours.took.exit}"
    if theirs.counts != ours.counts:
        found["counts"] = f"{', '.join(theirs.counts)} | {', '.join(ours.counts)}"
    return found


def told(reports: list[tuple[str, str, str]] | None) -> str:
    """A test's reports in a line; set-up and teardown that passed say nothing."""
    if reports is None:
        return "absent"
    plain = {("setup", "passed", ""), ("teardown", "passed", "")}
    said = [" ".join(filter(None, report)) for report in reports if report not in plain]
    return "; ".join(said) or f"{len(reports)} phases"


def compare(row: Row, again: Any) -> None:
    """Fill in the differences; `again` runs pytest once more."""
    theirs = row.runs["pytest"][0]
    found: dict[str, str] = {}
    for ours in row.runs["ours"]:
        found.update(differing(theirs, ours))
    row.of_xdist = list(differing(theirs, row.runs["xdist"][0])) if row.runs["xdist"] else []
    if not found:
        return
    every = row.runs["pytest"] if len(row.runs["pytest"]) > 1 else [theirs, again()]
    unstable: dict[str, str] = {}
    for other in every[1:]:
        unstable.update(differing(theirs, other))
    row.unstable = [f"{what}: {unstable[what]}" for what in sorted(found.keys() & unstable.keys())]
    excused = {"counts"} if unstable else set()
    row.differences = [f"{what}: {found[what]}" for what in sorted(found)
                       if what not in unstable and what not in excused]


def unexplained(row: Row, known: list[Record]) -> list[str]:
    """Differences that no entry matches, and entries that match none."""
    left, stale = row.differences, []
    for entry in known:
        if entry["project"] == row.name:
            rest = [what for what in left if not re.search(entry["difference"], what)]
            if len(rest) == len(left):
                stale.append(f"known.toml: no longer so: {entry['difference']}")
            left = rest
    return left + stale


def cells(row: Row) -> tuple[str, ...]:
    s = {r: row.median(r, "seconds") if row.runs[r] else math.nan for r in RUNNERS}
    cpu = {r: row.median(r, "cpu") if row.runs[r] else math.nan for r in RUNNERS}
    mb = {r: row.median(r, "peak_pss") / 1e6 if row.runs[r] else math.nan for r in RUNNERS}
    exits = "/".join(str(row.runs[r][0].took.exit) if row.runs[r] else "-" for r in RUNNERS)
    return (row.name, str(len(row.runs["pytest"][0].tests)),
            f"{len(row.differences)} ({len(row.of_xdist)})", exits,
            *(f"{s[r]:.2f}" for r in RUNNERS), f"{s['pytest'] / s['ours']:.2f}",
            f"{s['xdist'] / s['ours']:.2f}", *(f"{cpu[r]:.2f}" for r in RUNNERS),
            *(f"{mb[r]:.0f}" for r in RUNNERS), f"{mb['ours'] / mb['pytest']:.2f}",
            f"{mb['ours'] / mb['xdist']:.2f}", f"{row.limit:.2f}")


HEAD = ("project", "tests", "differ", "exit", "pytest s", "xdist s", "ours s", "/pytest", "/xdist",
        "cpu p", "cpu x", "cpu o", "PSS p", "PSS x", "PSS o", "o/p", "o/x", "two")


def print_table(rows: list[Row]) -> None:
    table = [HEAD, *map(cells, rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEAD))]
    for line in table:
        parts = [line[0].ljust(widths[0])]
        print("  ".join(parts + [cell.rjust(w) for cell, w in zip(line[1:], widths[1:])]))
    for title, over, under, key in (
        ("as fast as pytest", "pytest", "ours", "seconds"),
        ("as fast as xdist", "xdist", "ours", "seconds"),
        ("of pytest's CPU time", "ours", "pytest", "cpu"),
        ("of pytest's memory", "ours", "pytest", "peak_pss"),
        ("of xdist's memory", "ours", "xdist", "peak_pss"),
    ):
        ratios = [row.median(over, key) / row.median(under, key) for row in rows
                  if row.runs[over] and row.runs[under]]
        print_mean(ratios, title)
    print_mean([row.limit for row in rows if row.limit > 0], "what one pytest does, by two at once")


def print_mean(ratios: list[float], title: str) -> None:
    if ratios and all(ratios):
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        print(f"geometric mean over {len(ratios)}: {mean:.2f} x {title}")


def run_project(project: Project, cache: Path, options: argparse.Namespace) -> Row:
    runners = [r for r in RUNNERS if r not in options.without]
    if options.rounds > 1 or options.warm:  # byte code is written, and how long tests take
        for runner in runners:
            run(runner, project, cache, options)
    row = Row(project["name"], {r: [] for r in RUNNERS})
    for _ in range(options.rounds):
        for runner in runners:
            row.runs[runner].append(run(runner, project, cache, options))
    if options.limit:
        row.limit = limit(row, project, cache, options)
    compare(row, lambda: run("pytest", project, cache, options))
    lines = [f"differs   {what}" for what in row.differences]
    lines += [f"unstable  {what}" for what in row.unstable]
    lines += [f"xdist     {what}" for what in row.of_xdist]
    (cache / "runs" / f"{row.name}.txt").write_text("\n".join(lines) + "\n")
    return row


def main() -> int:
    ap = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    ap.add_argument("cache", type=Path, help="the folder prepare.py filled")
    ap.add_argument("--binary", type=Path, required=True, help="fastest-lsp")
    ap.add_argument("--corpus", type=Path, default=HERE / "corpus.toml")
    ap.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    ap.add_argument("--quick", action="store_true", help="only projects marked quick")
    ap.add_argument("--rounds", type=int, default=1, help="runs of each, after one to warm up")
    ap.add_argument("--warm", action="store_true", help="warm up before a single round, too")
    ap.add_argument("--workers", type=int, default=2)
    ap.add_argument("--without", action="append", default=[], choices=RUNNERS[1:])
    ap.add_argument("--ours", action="append", default=[], metavar="OPTION", help="for fastest-lsp")
    ap.add_argument("--limit", action="store_true", help="also run two pytests at once")
    ap.add_argument("--cap", type=float, help="seconds a run may take, for every project")
    options = ap.parse_args()
    options.binary = options.binary.resolve()
    cache = options.cache.resolve()
    (cache / "runs").mkdir(exist_ok=True)
    known = load_toml(HERE / "known.toml").get("run", [])
    rows, total = [], 0
    for project in load_corpus(options.corpus, options.only, quick=options.quick):
        if not project.get("run", True):
            continue
        row = run_project(project, cache, options)
        rows.append(row)
        print("  ".join(cells(row)), flush=True)
        left = unexplained(row, known)
        total += len(left)
        for what in left[:SHOWN]:
            print(f"  {row.name}: {what}")
        for what in row.unstable[:SHOWN]:
            print(f"  {row.name}: pytest itself does not repeat {what}")
        if len(left) > SHOWN:
            print(f"  {row.name}: and {len(left) - SHOWN} more in {cache}/runs/{row.name}.txt")
    print()
    print_table(rows)
    print(f"{total} unexplained differences in {len(rows)} projects")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
