"""Compares JUnit reports with pytest's own, element by element, and report logs line by line.

    reports.py BINARY

Exit code and count as with `outputs.py`.  Where `junitparser` is installed, it must understand
the reports.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from outputs import PROJECTS, Case, clean, normal, run, spread, write

junitparser: Any = None
if importlib.util.find_spec("junitparser"):
    junitparser = importlib.import_module("junitparser")

RECORDS = """
import pytest

def test_property(record_property):
    record_property("key", 1)
    record_property("other", "<&'\\"\\n>")

def test_attribute(record_xml_attribute):
    record_xml_attribute("assertions", "REQ-1")
    record_xml_attribute("classname", "mine")

def test_suite(record_testsuite_property):
    record_testsuite_property("ARCH", "PPC")

def test_output(capsys):
    print("control \\x1b[31m \\x07 and text")

def test_long():
    assert "x\\n" * 400 == ""

@pytest.mark.parametrize("name", ["a::b", "c.py", "[x]", "ü"])
def test_names(name):
    print("out", name)

class TestA:
    class TestB:
        def test_nested(self):
            raise ValueError("\\x00 binary")
"""

PROJECTS["records"] = {"pytest.ini": "[pytest]\n", "sub/test_records.py": RECORDS}

CASES = [
    Case(project, (*args,), workers=(1, 2))
    for project, args in [
        ("mixed", ()),
        ("mixed", ("-o", "junit_family=xunit1")),
        ("mixed", ("-o", "junit_logging=all")),
        ("mixed", ("-o", "junit_logging=system-out", "-o", "junit_log_passing_tests=false")),
        ("mixed", ("-o", "junit_logging=log")),
        ("mixed", ("--junit-prefix=pre", "-o", "junit_suite_name=suite")),
        ("records", ()),
        ("records", ("-o", "junit_family=legacy", "-o", "junit_logging=out-err")),
        ("broken", ()),
        ("broken", ("-o", "junit_family=xunit1", "--continue-on-collection-errors")),
        ("subtests", ()),
        ("unit", ()),
        ("empty", ()),
    ]
]


def main() -> int:
    binary = sys.argv[1]
    failed = 0
    for case in CASES:
        found = [*junit(case, binary), *(report_log(case, binary) if not case.args else [])]
        failed += bool(found)
        for line in found:
            print(f"--- {case.name}: {line}")
    print(f"reports: {len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


def junit(case: Case, binary: str) -> list[str]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / case.project
        write(project, PROJECTS[case.project])
        asked = Case(case.project, (*case.args, "--junit-xml=out/report.xml"))
        expected_run = run([sys.executable, "-m", "pytest"], asked, project)
        expected = read(project)
        for workers in case.workers:
            ours_run = run([binary, "--run", *spread(workers)], asked, project)
            ours = read(project)
            if ours != expected:
                found += [f"-n {workers}", *differing(expected, ours)]
            if ours_run != expected_run:
                found.append(f"-n {workers}: the output differs")
    return found


def read(project: Path) -> list[str]:
    """The elements of a report, a line each, without what differs from run to run."""
    path = project / "out/report.xml"
    if junitparser is not None:
        list(junitparser.JUnitXml.fromfile(str(path)))
    root = ET.parse(path).getroot()
    clean(project)
    path.unlink()
    lines: list[str] = []
    flatten(root, 0, lines)
    return lines


def flatten(element: ET.Element, depth: int, lines: list[str]) -> None:
    hidden = {"time": "TIME", "timestamp": "STAMP"}
    attributes = {k: hidden.get(k, v) for k, v in sorted(element.attrib.items())}
    if "timestamp" in element.attrib:
        stamp = re.sub(r"\d", "0", element.attrib["timestamp"])
        attributes["timestamp"] = stamp.replace("-00:00", "+00:00")
    line = f"{'  ' * depth}{element.tag} {attributes} {element.text!r}"
    lines.append(normal(line))
    for child in element:
        flatten(child, depth + 1, lines)


def report_log(case: Case, binary: str) -> list[str]:
    """Our report log has what pytest's own serialization of the reports has."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve() / case.project
        write(project, {**PROJECTS[case.project], "spy.py": SPY})
        asked = Case(case.project, (*case.args, "-p", "spy"), env={"PYTHONPATH": str(project)})
        run([sys.executable, "-m", "pytest"], asked, project)
        expected = lines_of(project / "log.jsonl")
        asked = Case(case.project, (*case.args, "--report-log=out/log.jsonl"))
        run([binary, "--run", *spread(2)], asked, project)
        ours = lines_of(project / "out/log.jsonl")
    kinds = [line["$report_type"] for line in ours]
    if kinds[:1] != ["SessionStart"] or kinds[-1:] != ["SessionFinish"]:
        return [f"the report log begins and ends with {kinds[:1]} and {kinds[-1:]}"]
    tests = [line for line in ours if line["$report_type"] in ("TestReport", "SubTestReport")]
    return differing([*map(reduced, expected)], [*map(reduced, tests)])


def lines_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_text("utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.split("\n") if line]


def reduced(line: dict[str, Any]) -> str:
    kept = {k: v for k, v in line.items() if k not in ("duration", "start", "stop", "keywords")}
    return normal(json.dumps(kept, sort_keys=True))


SPY = """
import json
def pytest_runtest_logreport(report):
    data = report._to_json()
    if "_report_type" in data:
        data["$report_type"] = data.pop("_report_type")
    else:
        data["$report_type"] = "TestReport"
    with open("log.jsonl", "a") as file:
        file.write(json.dumps(data, default=str) + "\\n")
"""


def differing(expected: list[str], ours: list[str]) -> list[str]:
    missing = [f"- {line}" for line in expected if line not in ours]
    return missing + [f"+ {line}" for line in ours if line not in expected]


if __name__ == "__main__":
    sys.exit(main())
