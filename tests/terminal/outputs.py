"""Compares what `fastest-lsp --run` prints with what pytest prints, over small projects.

    outputs.py BINARY [--only TEXT]

Both run on the interpreter that runs this script.  Times, the line that names our version and
memory addresses are made equal, nothing else is; the whole of stdout must then be the same, and
the exit code.  With two workers the output must be the same too where one file is run, or where
the order of files cannot be seen.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from cases import CASES, PROJECTS, Case  # noqa: E402


@dataclass
class Run:
    """What a command printed."""

    text: str
    exit: int
    errors: str = field(default="", compare=False)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    chosen = [case for case in CASES if options.only in case.name]
    with ThreadPoolExecutor(options.jobs) as pool:
        reports = list(pool.map(lambda case: check(case, options.binary), chosen))
    failed = [report for report in reports if report]
    print("\n".join(failed))
    print(f"terminal: {len(chosen) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def spread(workers: int) -> list[str]:
    """So many workers, and no file in two of them: a busy machine could make it look long."""
    return ["-n", str(workers), "--dist", "loadfile"]


def check(case: Case, binary: str) -> str:
    """What differs, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / case.project
        write(project, PROJECTS[case.project])
        expected = run([sys.executable, "-m", "pytest"], case, project)
        found = []
        for workers in case.workers:
            ours = run([binary, "--run", *spread(workers)], case, project)
            if ours != expected:
                found.append(describe(case, workers, expected, ours))
        return "\n".join(found)


def write(project: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(command: list[str], case: Case, project: Path) -> Run:
    clean(project)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(project),
        "VIRTUAL_ENV": sys.prefix,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        **case.env,
    }
    done = subprocess.run(
        [*command, *case.args],
        cwd=project / case.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace")
    return Run(normal(text), done.returncode, done.stderr.decode("utf-8", "replace"))


def clean(project: Path) -> None:
    for name in (".pytest_cache", "__pycache__"):
        for path in project.rglob(name):
            shutil.rmtree(path, ignore_errors=True)


def normal(text: str) -> str:
    """The text without what differs from run to run.  Signs around a time fill the line."""
    text = re.sub(r"fastest-\d+\.\d+\.\d+.*\n", "", text)
    text = re.sub(r"=+( [^\n=]* in )[\d.]+s( \([\d:]+\))? =+", r"=\1TIME=", text)
    text = re.sub(r"(=+ )(\x1b\[[^\n=]* in )[\d.]+s", r"=\2TIME", text)
    text = re.sub(r"TIME(\S*) =+", r"TIME\1=", text)
    text = re.sub(r"\bin \d+\.\d+s", "in TIME", text)
    text = re.sub(r"(?m)^\d+\.\d\ds (setup|call|teardown)", r"TIME \1", text)
    text = re.sub(r" +\d+(\.\d+)?(us|ms|s)((\x1b\[0m)?\n)", r" TIME\3", text)
    # Fixtures of pytest-xdist, which suites written for it may use here without it.
    text = text.replace("testrun_uid, ", "").replace(", worker_id", "")
    text = re.sub(r"oldfd=\d+", "oldfd=N", text)
    return re.sub(r"0x[0-9a-f]{6,}", "0xADDRESS", text)


def describe(case: Case, workers: int, expected: Run, ours: Run) -> str:
    lines = [f"--- {case.name}: {' '.join(case.args)} (-n {workers})"]
    if ours.exit != expected.exit:
        lines.append(f"exit code {ours.exit}, pytest's is {expected.exit}")
    lines += difflib.unified_diff(
        expected.text.splitlines(), ours.text.splitlines(), "pytest", "ours", lineterm="", n=2
    )
    if ours.errors:
        lines.append(f"stderr: {ours.errors}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
