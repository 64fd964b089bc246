#!/usr/bin/env python3
"""Run pytest over the prepared projects and record what it collects and finds.

    baseline.py CACHE --out DIR [--only NAME ...] [--set dev|heldout]
                [--repeat N] [--collect-only] [--jobs N] [--cap SECONDS]

CACHE is the folder prepare.py filled.  For each project this runs, in its
unpacked source and with its own environment,

    python -m pytest --collect-only -q ...      (twice: cold, then warm)
    python -m pytest -q --junitxml=... ...      (unless run = false, --collect-only)

and writes DIR/NAME.json (NAME.json.gz when large), DIR/NAME.junit.xml.gz and
one JSON line for each project on standard output:

    name, version, python, pytest, plugins, rootdir, args, cwd
    collect: seconds (a list), peak_rss_mb, exit, count, errors
    run:     seconds, peak_rss_mb, exit, timed_out, counts {outcome: number}
    features, item_types, marks, conftest_hooks, fixture_scopes
    nodeids  (DIR/NAME.json only) in collection order
    outcomes (DIR/NAME.json only) {nodeid: outcome}; with --repeat, the first run's
    seconds  (DIR/NAME.json only) {nodeid: set-up + call + teardown}
    unstable (with --repeat 2 or more) {nodeid: [outcome of each run]}

Outcomes: passed, failed, error (set-up or teardown), skipped, xfailed, xpassed.
peak_rss_mb is the largest sum of resident memory over the process tree, sampled
from /proc every 0.1 s; pages shared between processes count once for each.
Needs only the standard library (Python 3.11+, Linux).
"""
from __future__ import annotations

import argparse
import collections
import concurrent.futures
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from prepare import HERE, load_corpus

PLUGIN_DIR = HERE / "plugin"
GZIP_OVER = 1_000_000
PAGE = os.sysconf("SC_PAGE_SIZE")


def tree_rss(root: int) -> int:
    """Resident bytes of a process and all its descendants."""
    children: dict[int, list[int]] = collections.defaultdict(list)
    rss: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as f:
                fields = f.read().rpartition(b")")[2].split()
        except OSError:
            continue
        pid = int(entry)
        children[int(fields[1])].append(pid)
        rss[pid] = int(fields[21]) * PAGE
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        total += rss.get(pid, 0)
        todo.extend(children.get(pid, ()))
    return total


class PeakRss(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.stop = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.stop.wait(0.1):
            self.peak = max(self.peak, tree_rss(self.pid))


def signal_group(process: subprocess.Popen, number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def timed(command: list[str], cwd: Path, env: dict, log: Path, cap: float) -> dict:
    """Run a command; its exit status, wall time and peak memory.

    Past cap seconds it is interrupted (pytest then reports what it has), and
    killed with everything in its session if that does not end it.
    """
    with open(log, "wb") as f:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=f, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        rss = PeakRss(process.pid)
        rss.start()
        timed_out = False
        try:
            process.wait(cap)
        except subprocess.TimeoutExpired:
            timed_out = True
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                pass
        seconds = time.monotonic() - started
        signal_group(process, signal.SIGKILL)  # what the tests left running, too
        process.wait()
        rss.stop.set()
        rss.join()
    return {"seconds": round(seconds, 2), "peak_rss_mb": round(rss.peak / 2**20, 1),
            "exit": process.returncode, "timed_out": timed_out}


def settings(project: dict, cache: Path) -> tuple[Path, dict, list[str]]:
    """Working folder, environment and pytest arguments of a project."""
    name = project["name"]
    src, venv = cache / "src" / name, cache / "venv" / name
    site = next(venv.glob("lib/python*/site-packages"))
    places = {"src": str(src), "venv": str(venv), "site": str(site)}

    def fill(text: str) -> str:
        for key, value in places.items():
            text = text.replace("{" + key + "}", value)
        return text

    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("PYTEST", "PYTHON", "COVERAGE", "VIRTUAL_ENV", "PYENV"))}
    env["PATH"] = f"{venv / 'bin'}:{env.get('PATH', '')}"
    env["VIRTUAL_ENV"] = str(venv)
    env.update({k: fill(str(v)) for k, v in project.get("env", {}).items()})
    env["PYTHONPATH"] = ":".join(filter(None, [env.get("PYTHONPATH"), str(PLUGIN_DIR)]))
    args = [fill(a) for a in project.get("args", [])]
    for nodeid in project.get("deselect", []):
        args += ["--deselect", fill(nodeid)]
    args += [f"--ignore={fill(p)}" for p in project.get("ignore", [])]
    args += [fill(t) for t in project.get("tests", [])]
    return src / fill(project.get("cwd", "")), env, args


def baseline(project: dict, cache: Path, out: Path, options: argparse.Namespace) -> dict:
    name = project["name"]
    if not (cache / "stamp" / f"{name}.json").exists():
        return {"name": name, "problem": "not prepared (run prepare.py)"}
    cwd, env, args = settings(project, cache)
    scratch = cache / "run" / name
    scratch.mkdir(parents=True, exist_ok=True)
    env["TMPDIR"] = str(scratch / "tmp")
    Path(env["TMPDIR"]).mkdir(exist_ok=True)
    pytest = [str(cache / "venv" / name / "bin/python"), "-m", "pytest", "-q",
              "-p", "no:cacheprovider", "-p", "corpus_recorder"]
    cap = options.cap or project.get("cap", 300)

    def step(label: str, *extra: str) -> tuple[dict, dict]:
        record_path = scratch / f"{label}.record.json"
        record_path.unlink(missing_ok=True)
        measured = timed([*pytest, *extra, *args], cwd, {**env, "CORPUS_RECORD": str(record_path)},
                         scratch / f"{label}.log", cap)
        try:
            record = json.loads(record_path.read_text())
        except (OSError, ValueError):
            log = (scratch / f"{label}.log").read_text(errors="replace")
            measured["problem"] = log[-1500:]
            record = {}
        return measured, record

    result = {"name": name, "version": project["version"], "python": sys.version.split()[0],
              "args": project.get("args", []), "tests": project.get("tests", [])}
    colds = [step("collect", "--collect-only") for _ in range(2)]
    measured, record = colds[-1]
    result["collect"] = {
        "seconds": [m["seconds"] for m, _ in colds],
        "peak_rss_mb": max(m["peak_rss_mb"] for m, _ in colds),
        "exit": measured["exit"], "timed_out": measured["timed_out"],
        "count": len(record.get("collected", [])),
        "stable": colds[0][1].get("collected") == record.get("collected"),
        "deselected": len(record.get("deselected", [])),
        "errors": record.get("collect_errors", {}),
    }
    if "problem" in measured:
        result["collect"]["problem"] = measured["problem"]
    for key in ("pytest", "plugins", "rootdir", "inifile", "features", "item_types", "marks",
                "conftest_hooks", "fixture_scopes", "collect_skips"):
        result[key] = record.get(key)
    full = {"nodeids": record.get("collected", [])}

    if project.get("run", True) and not options.collect_only:
        runs = []
        for i in range(options.repeat):
            junit = scratch / f"junit{i}.xml"
            junit.unlink(missing_ok=True)
            runs.append(step(f"run{i}", f"--junitxml={junit}", *project.get("run_args", [])))
        measured, record = runs[0]
        outcomes = record.get("outcomes", {})
        result["run"] = {**measured, "counts": dict(collections.Counter(outcomes.values())),
                         "errors": record.get("collect_errors", {})}
        if record.get("features", {}).get("subtests"):
            result["features"]["subtests"] = record["features"]["subtests"]
        full["outcomes"], full["seconds"] = outcomes, record.get("seconds", {})
        if len(runs) > 1:
            result["run"]["all_seconds"] = [m["seconds"] for m, _ in runs]
            every = [r.get("outcomes", {}) for _, r in runs]
            unstable = {n: [o.get(n) for o in every] for n in sorted(set().union(*every))
                        if len({o.get(n) for o in every}) > 1}
            full["unstable"], result["unstable_count"] = unstable, len(unstable)
        junit = scratch / "junit0.xml"
        if junit.exists():
            (out / f"{name}.junit.xml.gz").write_bytes(gzip.compress(junit.read_bytes(), mtime=0))

    text = json.dumps({**result, **full}, indent=0).encode()
    plain, packed = out / f"{name}.json", out / f"{name}.json.gz"
    plain.unlink(missing_ok=True)
    packed.unlink(missing_ok=True)
    if len(text) > GZIP_OVER:
        packed.write_bytes(gzip.compress(text, mtime=0))
    else:
        plain.write_bytes(text)
    return result


def main() -> int:
    ap = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    ap.add_argument("cache", type=Path, help="the folder prepare.py filled")
    ap.add_argument("--out", type=Path, required=True, help="folder for the results")
    ap.add_argument("--corpus", type=Path, default=HERE / "corpus.toml")
    ap.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    ap.add_argument("--set", dest="subset", help="only projects of this set")
    ap.add_argument("--repeat", type=int, default=1, help="runs of each suite (finds flaky tests)")
    ap.add_argument("--collect-only", action="store_true")
    ap.add_argument("--cap", type=float, help="seconds a command may take, for every project")
    ap.add_argument("--jobs", type=int, default=1, help="projects at once (skews the times)")
    options = ap.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    projects = load_corpus(options.corpus, options.only, options.subset)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = [pool.submit(baseline, p, options.cache.resolve(), out, options) for p in projects]
        for done in concurrent.futures.as_completed(work):
            result = done.result()
            bad += "problem" in result or "problem" in result.get("collect", {})
            print(json.dumps(result), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
