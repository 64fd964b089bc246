#!/usr/bin/env python3
"""Compare the node ids of a static collector with pytest's over the corpus.

    compare.py CACHE --binary fastest-lsp [--only NAME ...] [--quick] [--out DIR]

CACHE is the folder prepare.py filled.  For each project this runs, in its
unpacked source, with its own environment and arguments,

    python -m pytest --collect-only -q ...                  (kept in CACHE/oracle)
    BINARY --collect-only --format json ...

and prints a table:

    pytest    how many node ids pytest lists
    exact     those that ours lists as certain
    runtime   functions (or files) that ours says only running Python can tell
    covered   pytest's node ids that these stand for
    wrong     node ids that ours calls certain and pytest does not list
    missing   pytest's node ids that are neither exact nor covered
    phantom   runtime functions that stand for none of pytest's node ids (no mistake:
              whether they exist is what only running Python can tell)
    order     whether pytest lists the exact ones in the same order

DIR/NAME.txt (DIR is CACHE/compare without --out) has every difference.
known.toml lists differences (wrong, missing, order, exit) that are explained; one
that is gone is an error, so that the list stays true.  The exit status is 1 if anything is
unexplained.

Node ids that `volatile` in corpus.toml matches hold the time or a path: they are
compared with what matches cut out.  Standard library only (Python 3.11+).
"""
from __future__ import annotations

import argparse
import collections
import dataclasses
import hashlib
import itertools
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from baseline import PLUGIN_DIR, settings
from prepare import HERE, load_corpus, load_toml

Project = dict[str, Any]

SHOWN = 3  # differences of each project on the terminal; the file has all


@dataclasses.dataclass
class Oracle:
    """What pytest collects."""

    nodeids: list[str]
    errors: dict[str, str]
    exit: int


@dataclasses.dataclass
class Ours:
    """What the static collector lists."""

    exact: list[str]
    runtime: dict[str, str]
    problems: list[str]
    exit: int
    seconds: float


@dataclasses.dataclass
class Row:
    """One project of the table."""

    name: str
    pytest: int
    exact: int
    runtime: int
    covered: int
    wrong: list[str]
    missing: list[str]
    phantom: list[str]
    order: bool
    seconds: float
    exits: tuple[int, int]
    notes: list[str]


def ask_pytest(project: Project, cache: Path) -> Oracle:
    """pytest's own collection, from CACHE/oracle when nothing that matters changed."""
    name = project["name"]
    cwd, env, args = settings(project, cache)
    key = hashlib.sha256()
    key.update((cache / "stamp" / f"{name}.json").read_bytes())
    key.update((PLUGIN_DIR / "corpus_recorder.py").read_bytes())
    key.update(json.dumps([args, project.get("env", {})]).encode())
    kept = cache / "oracle" / f"{name}.json"
    if kept.exists():
        record = json.loads(kept.read_text())
        if record["key"] == key.hexdigest():
            return Oracle(record["nodeids"], record["errors"], record["exit"])
    kept.parent.mkdir(exist_ok=True)
    recording = kept.with_suffix(".recording")
    recording.unlink(missing_ok=True)
    command = [str(cache / "venv" / name / "bin/python"), "-m", "pytest", "-q", "--collect-only",
               "-p", "no:cacheprovider", "-p", "corpus_recorder", *args]
    done = subprocess.run(command, cwd=cwd, env={**env, "CORPUS_RECORD": str(recording)},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if not recording.exists():
        raise SystemExit(f"{name}: pytest recorded nothing:\n{done.stdout.decode()[-2000:]}")
    record = json.loads(recording.read_text())
    recording.unlink()
    oracle = Oracle(record["collected"], record["collect_errors"], done.returncode)
    kept.write_text(json.dumps({"key": key.hexdigest(), **dataclasses.asdict(oracle)}, indent=0))
    return oracle


def ask_ours(project: Project, cache: Path, binary: Path) -> Ours:
    """What the static collector says, with the same arguments and environment."""
    cwd, env, args = settings(project, cache)
    env["PYTHONPATH"] = ":".join(
        part for part in env["PYTHONPATH"].split(":") if part != str(PLUGIN_DIR))
    if not env["PYTHONPATH"]:
        del env["PYTHONPATH"]
    command = [str(binary), "--collect-only", "--format", "json", *args]
    started = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True)
    seconds = time.monotonic() - started
    try:
        report = json.loads(done.stdout)
    except ValueError:
        tail = done.stderr.decode(errors="replace")[-2000:]
        return Ours([], {}, [f"no JSON from {' '.join(command)}: {tail}"], done.returncode, seconds)
    items = report["items"]
    return Ours(
        exact=[i["nodeid"] for i in items if i["certainty"] == "static"],
        runtime={i["nodeid"]: i.get("reason") or "" for i in items if i["certainty"] != "static"},
        problems=[json.dumps(p) for p in report.get("problems", [])],
        exit=done.returncode,
        seconds=seconds,
    )


def stable(nodeids: list[str], volatile: list[str]) -> list[str]:
    """Node ids without their volatile parts."""
    if not volatile:
        return nodeids
    pattern = re.compile("|".join(f"(?:{v})" for v in volatile))
    return [pattern.sub("~", nodeid) for nodeid in nodeids]


def standing_for(nodeid: str, runtime: dict[str, str]) -> str | None:
    """The runtime item that stands for one of pytest's node ids, if any does."""
    if nodeid in runtime:
        return nodeid
    ends = [m.start() for m in re.finditer(r"\[|::", nodeid)]
    return next((nodeid[:end] for end in reversed(ends) if nodeid[:end] in runtime), None)


def same_order(ours: list[str], theirs: list[str]) -> bool:
    """Whether the node ids that both list stand in the same order."""
    common = set(ours) & set(theirs)
    return [n for n in ours if n in common] == [n for n in theirs if n in common]


def compare(project: Project, oracle: Oracle, ours: Ours) -> Row:
    volatile = project.get("volatile", [])
    theirs, exact = stable(oracle.nodeids, volatile), stable(ours.exact, volatile)
    left: dict[str, list[str]] = collections.defaultdict(list)
    for key, nodeid in zip(theirs, oracle.nodeids):
        left[key].append(nodeid)
    wrong = []
    for key, nodeid in zip(exact, ours.exact):
        if left[key]:
            left[key].pop()
        else:
            wrong.append(nodeid)
    covering: collections.Counter[str] = collections.Counter()
    missing = []
    for nodeid in itertools.chain.from_iterable(left.values()):
        runtime = standing_for(nodeid, ours.runtime)
        if runtime is None:
            missing.append(nodeid)
        else:
            covering[runtime] += 1
    return Row(
        name=project["name"], pytest=len(theirs), exact=len(exact) - len(wrong),
        runtime=len(ours.runtime), covered=covering.total(), wrong=wrong, missing=missing,
        phantom=[n for n in ours.runtime if n not in covering],
        order=same_order(exact, theirs), seconds=ours.seconds,
        exits=(oracle.exit, ours.exit), notes=ours.problems,
    )


def write_differences(row: Row, ours: Ours, oracle: Oracle, path: Path) -> None:
    """Every difference of a project, one a line."""
    lines = [f"exit: pytest {row.exits[0]}, ours {row.exits[1]}"]
    lines += [f"order: {'same' if row.order else 'DIFFERS'}"]
    lines += [f"wrong    {n}" for n in row.wrong]
    lines += [f"missing  {n}" for n in row.missing]
    lines += [f"phantom  {n}  # {ours.runtime[n]}" for n in row.phantom]
    lines += [f"runtime  {n}  # {reason}" for n, reason in ours.runtime.items()]
    lines += [f"pytest error  {n}: {' '.join(text.split())[:300]}"
              for n, text in oracle.errors.items()]
    lines += [f"problem  {p}" for p in row.notes]
    path.write_text("\n".join(lines) + "\n")


class Known:
    """The list of explained differences."""

    def __init__(self, path: Path) -> None:
        self.entries = load_toml(path).get("known", []) if path.exists() else []

    def unexplained(self, row: Row) -> list[str]:
        """Differences that no entry matches, and entries that match none."""
        found = [f"wrong {n}" for n in row.wrong] + [f"missing {n}" for n in row.missing]
        found += [] if row.order else ["order"]
        if row.exits[0] != row.exits[1]:
            found.append(f"exit {row.exits[0]} {row.exits[1]}")
        stale = []
        for entry in self.entries:
            if entry["project"] != row.name:
                continue
            rest = [f for f in found if not re.search(entry["difference"], f)]
            if len(rest) == len(found):
                stale.append(f"known.toml: no longer so: {entry['difference']}")
            found = rest
        return found + stale


def print_table(rows: list[Row]) -> None:
    head = ("project", "pytest", "exact", "%", "runtime", "covered", "wrong", "missing",
            "phantom", "order", "exit", "ms")
    table: list[tuple[str, ...]] = [head]
    for r in rows:
        share = f"{100 * r.exact / r.pytest:.1f}" if r.pytest else "-"
        exits = str(r.exits[1]) if r.exits[0] == r.exits[1] else f"{r.exits[1]} not {r.exits[0]}"
        table.append((r.name, str(r.pytest), str(r.exact), share, str(r.runtime), str(r.covered),
                      str(len(r.wrong)), str(len(r.missing)), str(len(r.phantom)),
                      "same" if r.order else "DIFFERS", exits, f"{1000 * r.seconds:.0f}"))
    total = [sum(getattr(r, k) for r in rows) for k in ("pytest", "exact", "runtime", "covered")]
    lists = [sum(len(getattr(r, k)) for r in rows) for k in ("wrong", "missing", "phantom")]
    share = f"{100 * total[1] / total[0]:.1f}" if total[0] else "-"
    table.append(("total", str(total[0]), str(total[1]), share, str(total[2]), str(total[3]),
                  *map(str, lists), "", "", ""))
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    for line in table:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        print("  ".join(cells))


def main() -> int:
    ap = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    ap.add_argument("cache", type=Path, help="the folder prepare.py filled")
    ap.add_argument("--binary", type=Path, help="the static collector (fastest-lsp)")
    ap.add_argument("--corpus", type=Path, default=HERE / "corpus.toml")
    ap.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    ap.add_argument("--quick", action="store_true", help="only projects marked quick")
    ap.add_argument("--out", type=Path, help="folder for the differences (CACHE/compare)")
    ap.add_argument("--oracle-only", action="store_true", help="only run pytest, and keep it")
    options = ap.parse_args()
    if not options.binary and not options.oracle_only:
        ap.error("--binary is needed")
    cache = options.cache.resolve()
    out = (options.out or cache / "compare").resolve()
    out.mkdir(parents=True, exist_ok=True)
    known = Known(HERE / "known.toml")
    rows: list[Row] = []
    unexplained: dict[str, list[str]] = {}
    for project in load_corpus(options.corpus, options.only, quick=options.quick):
        oracle = ask_pytest(project, cache)
        if options.oracle_only:
            print(f"{project['name']}: {len(oracle.nodeids)}", flush=True)
            continue
        ours = ask_ours(project, cache, options.binary.resolve())
        row = compare(project, oracle, ours)
        write_differences(row, ours, oracle, out / f"{row.name}.txt")
        unexplained[row.name] = known.unexplained(row)
        rows.append(row)
    if options.oracle_only:
        return 0
    print_table(rows)
    for name, differences in unexplained.items():
        for what in differences[:SHOWN]:
            print(f"{name}: {what}")
        if len(differences) > SHOWN:
            print(f"{name}: ... and {len(differences) - SHOWN} more, see {out / name}.txt")
    total = sum(map(len, unexplained.values()))
    print(f"{total} unexplained differences in {len(rows)} projects")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
