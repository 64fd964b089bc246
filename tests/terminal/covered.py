"""Compares `--cov` with pytest-cov: the reports, their numbers, exit codes.

    covered.py BINARY

The interpreter that runs this needs pytest-cov; exit code and count as with `outputs.py`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from outputs import PROJECTS, Case, Run, run, write

LIBRARY = """
import os

FLAG = os.environ.get("FLAG")

def absolute(n):
    if n < 0:
        return -n
    return n

def classify(n):
    if n == 0:
        return "zero"
    elif n > 100:
        return "large"
    else:
        return "small"

def never():
    return 1

def excluded():  # pragma: no cover
    return 2
"""

OTHER = """
def only_b(x):
    for i in range(x):
        if i == 3:
            break
    return x
"""

PROJECTS["covered"] = {
    "pytest.ini": "[pytest]\n",
    "lib/__init__.py": "",
    "lib/one.py": LIBRARY,
    "lib/two.py": OTHER,
    "lib/unused.py": "X = 1\nY = 2\n",
    "conftest.py": "import lib.one\n",
    "test_a.py": "from lib import one\n"
    "def test_abs():\n    assert one.absolute(-1) == 1\n"
    "def test_classify():\n    assert one.classify(0) == 'zero'\n",
    "test_b.py": "from lib import one, two\n"
    "def test_b():\n    assert two.only_b(5) == 5\n"
    "def test_large():\n    assert one.classify(1000) == 'large'\n",
    "test_fails.py": "def test_fails():\n    assert 0\n",
}
PROJECTS["configured"] = {
    **PROJECTS["covered"],
    "pyproject.toml": "[tool.coverage.run]\nbranch = true\nsource = ['lib']\n"
    "[tool.coverage.report]\nfail_under = 95\nshow_missing = true\nprecision = 2\n"
    "exclude_also = ['def never']\n",
}

PASSING = ("test_a.py", "test_b.py")

CASES = [
    Case("covered", (*PASSING, "--cov=lib")),
    Case("covered", (*PASSING, "--cov")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-branch", "--cov-report=term-missing")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-report=term:skip-covered")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-report=xml", "--cov-report=json:out.json")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-report=lcov:out.lcov", "--cov-report=html")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-report=annotate:notes")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-report=")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-fail-under=90")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-fail-under=50")),
    Case("covered", (*PASSING, "--cov=lib", "--no-cov")),
    Case("covered", (*PASSING, "--cov=lib", "--cov-context=test", "--cov-report=json")),
    Case("covered", ("--cov=lib",)),
    Case("covered", ("--cov=lib", "--no-cov-on-fail")),
    Case("covered", (*PASSING, "--cov=lib.one", "--cov=lib/two.py", "--cov-precision=1")),
    Case("configured", (*PASSING, "--cov")),
    Case("configured", (*PASSING, "--cov", "--cov-fail-under=10", "-q")),
]


def main() -> int:
    binary = sys.argv[1]
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    failed = 0
    chosen = [case for case in CASES if only in case.name]
    for case in chosen:
        found = check(case, binary)
        failed += bool(found)
        for line in found:
            print(f"--- {case.name}: {line}")
    alone = [appended, crashed]
    failed += sum(bool(scenario(binary)) for scenario in alone)
    print(f"coverage: {len(chosen) + len(alone) - failed} passed, {failed} failed")
    return 1 if failed else 0


def check(case: Case, binary: str) -> list[str]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / case.project
        write(project, PROJECTS[case.project])
        expected_run = run([sys.executable, "-m", "pytest"], case, project)
        expected = [*reports(project), *sections(expected_run)]
        for workers in case.workers:
            ours_run = run([binary, "--run", "-n", str(workers)], case, project)
            ours = [*reports(project), *sections(ours_run)]
            if ours_run.exit != expected_run.exit:
                found.append(f"-n {workers}: exit {ours_run.exit}, not {expected_run.exit}")
            if ours != expected:
                found += [f"-n {workers}", *(f"- {line}" for line in expected if line not in ours)]
                found += [f"+ {line}" for line in ours if line not in expected]
                found.append(ours_run.errors)
    return found


def appended(binary: str) -> list[str]:
    """What `--cov-append` adds up to."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / "covered"
        write(project, PROJECTS["covered"])
        totals = []
        for command in ([sys.executable, "-m", "pytest"], [binary, "--run", "-n", "2"]):
            run(command, Case("covered", ("test_a.py", "--cov=lib")), project)
            args = ("test_b.py", "--cov=lib", "--cov-append")
            totals.append(sections(run(command, Case("covered", args), project)))
    if totals[0] == totals[1]:
        return []
    print(f"--- --cov-append: {totals[0]} and {totals[1]}")
    return ["differs"]


def crashed(binary: str) -> list[str]:
    """What was measured in a worker that died is gone, which the report says."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / "covered"
        write(project, PROJECTS["covered"])
        died = "import os\ndef test_dies():\n    os._exit(1)\n"
        (project / "test_dies.py").write_text(died, encoding="utf-8")
        done = run([binary, "--run", "-n", "2"], Case("covered", ("--cov=lib",)), project)
        wanted = "WARNING: a worker died, and what its tests had covered is lost"
        if wanted in done.text and "TOTAL" in done.text:
            return []
        print(f"--- a crash: no warning\n{done.text}{done.errors}")
        return ["no warning"]


def sections(done: Run) -> list[str]:
    """The lines about coverage, in their order."""
    text = re.sub(r"\x1b\[[\d;]*m", "", done.text)
    lines = text.splitlines()
    begin = next((n for n, line in enumerate(lines) if "tests coverage" in line), len(lines))
    told = [line for line in lines[begin:] if " in TIME" not in line]
    return told + [line for line in lines[:begin] if line.startswith(("ERROR: Cov", "WARNING: "))]


def reports(project: Path) -> list[str]:
    """What the files say; they are removed."""
    found = []
    for name in ("coverage.xml", "out.json", "coverage.json", "out.lcov"):
        path = project / name
        if path.exists():
            found += [f"{name}: {line}" for line in content(path)]
            path.unlink()
    for folder, pattern in (("htmlcov", "*.html"), ("notes", "*,cover")):
        found += sorted(path.name for path in (project / folder).glob(pattern))
    leftovers = [path.name for path in project.glob(".coverage.*")]
    return found + [f"left over: {name}" for name in leftovers]


def content(path: Path) -> list[str]:
    if path.suffix == ".xml":
        root = ET.parse(path).getroot()
        root.attrib["timestamp"] = "STAMP"
        return ET.tostring(root, encoding="unicode").splitlines()
    if path.suffix == ".json":
        told = json.loads(path.read_text())
        told["meta"]["timestamp"] = "STAMP"
        return [f"{k}: {json.dumps(v, sort_keys=True)}" for k, v in told.items()]
    return path.read_text().splitlines()


if __name__ == "__main__":
    sys.exit(main())
