"""The projects and command lines of `outputs.py`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """A project and a way to run it."""

    project: str
    args: tuple[str, ...] = ()
    workers: tuple[int, ...] = (1, 2)
    folder: str = "."
    env: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return " ".join((self.project, *self.args))


MIXED = """
import sys, warnings, logging
import pytest

def helper(value):
    local = value * 2
    raise ValueError(f"no luck with {local}\\nsecond line")

@pytest.fixture
def bad_setup():
    print("in setup")
    raise RuntimeError("setup broke")

@pytest.fixture
def bad_teardown():
    yield
    print("in teardown")
    raise RuntimeError("teardown broke")

def test_pass():
    print("passed output")

def test_compare():
    print("to stdout")
    print("to stderr", file=sys.stderr)
    logging.getLogger("x").warning("a log line")
    assert {"a": 1, "b": [1, 2, 3]} == {"a": 2, "b": [1, 2, 4]}

def test_text():
    assert "foo\\nbar\\n" * 3 == "foo\\nbaz\\n" * 3

def test_helper():
    helper(21)

def test_chained():
    try:
        helper(1)
    except ValueError as error:
        raise KeyError("outer") from error

def test_setup(bad_setup):
    pass

def test_teardown(bad_teardown):
    pass

def test_both(bad_teardown):
    assert 0, "call too"

def test_missing(no_such_fixture):
    pass

@pytest.mark.skip(reason="not today")
def test_skip():
    pass

@pytest.mark.skip
def test_skip_bare():
    pass

@pytest.mark.skipif(True, reason="long enough to be cut off at the right edge of the line of it")
def test_skipif():
    pass

def test_skip_inside():
    pytest.skip("from within")

@pytest.mark.xfail(reason="known bug")
def test_xfail():
    assert 0

@pytest.mark.xfail(run=False, reason="crashes")
def test_xfail_norun():
    pass

def test_xfail_inside():
    pytest.xfail("decided late")

@pytest.mark.xfail(reason="fixed")
def test_xpass():
    pass

@pytest.mark.xfail(strict=True, reason="must fail")
def test_xpass_strict():
    pass

class TestClass:
    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_param(self, n):
        warnings.warn(f"careful {n}")
        assert n != 2
"""

MANY = """
import pytest

@pytest.mark.parametrize("n", range(150))
def test_many(n):
    if n == 70:
        pytest.skip("seventy")
    assert n != 77
"""

PASSING = """
import pytest

@pytest.mark.parametrize("n", range(5))
def test_it(n):
    pass
"""

SUBTESTS = """
def test_subtests(subtests):
    for n in range(4):
        with subtests.test("message", n=n):
            assert n % 2 == 0

def test_fine(subtests):
    with subtests.test(n=1):
        pass

def test_skips(subtests):
    import pytest
    with subtests.test("s"):
        pytest.skip("why not")
    with subtests.test("x"):
        pytest.xfail("known")
"""

UNITTEST = """
import unittest

class TestUnit(unittest.TestCase):
    def test_equal(self):
        self.assertEqual([1, 2], [1, 3])

    @unittest.skip("no unittest")
    def test_skip(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail("yes")

    @unittest.expectedFailure
    def test_unexpected(self):
        pass
"""

DOCTEST = '''
def add(a, b):
    """
    >>> add(1, 2)
    3
    >>> add(2, 2)
    5
    """
    return a + b
'''

WIDE = """
import pytest

@pytest.mark.skip(reason="日本語のとても長い理由がここにあるので切り取られなければならないのです")
def test_日本語のテスト():
    pass

def test_wide_failure():
    text = "幅の広い文字" * 8
    assert text == "別の文字"

def test_emoji():
    assert "🎉" * 40 == ""
"""

CONFTEST = """
import pytest

def pytest_report_header(config, start_path):
    return ["project deps: mylib-1.1", "second line"]

def pytest_report_collectionfinish(config, items):
    return f"I saw {len(items)} items"

def pytest_report_teststatus(report, config):
    if report.when == "call" and report.passed and "slow" in report.keywords:
        return "slow", "S", ("SLOW", {"blue": True})

def pytest_terminal_summary(terminalreporter, exitstatus, config):
    terminalreporter.section("my own section")
    terminalreporter.line(f"exit status {int(exitstatus)}")
    passed = terminalreporter.getreports("passed")
    slow = terminalreporter.stats.get("slow", [])
    terminalreporter.write_line(f"{len(passed)} passed, {len(slow)} slow")
    terminalreporter.write_sep("-", "done", green=True)
"""

HOOKED = """
import pytest

def test_fast():
    pass

@pytest.mark.slow
def test_slow():
    pass

def test_fails():
    assert 0
"""

LOGS = """
import logging
import pytest

log = logging.getLogger("app")

@pytest.fixture
def resource():
    log.info("set up")
    yield 1
    log.info("tear down")

def test_one(resource):
    log.warning("careful %s", 1)

def test_two():
    log.error("broken")
    assert 0

def test_quiet():
    pass
"""

PROJECTS: dict[str, dict[str, str]] = {
    "unimportable": {
        "pytest.ini": "[pytest]\n",
        "test_a.py": "import nowhere_at_all\ndef test_a(): pass\n",
        "test_b.py": "def test_b(): pass\n",
        "test_c.py": "import nowhere_at_all\ndef test_c(): pass\n",
    },
    "mixed": {"pytest.ini": "[pytest]\n", "test_mixed.py": MIXED},
    "many": {"pytest.ini": "[pytest]\n", "test_many.py": MANY},
    "passing": {"pytest.ini": "[pytest]\n", "test_passing.py": PASSING},
    "slow": {
        "pytest.ini": "[pytest]\n",
        "test_slow.py": "import time\n"
        "def test_a(): time.sleep(0.2)\ndef test_b(): time.sleep(0.4)\ndef test_c(): pass\n",
    },
    "empty": {"pytest.ini": "[pytest]\n", "test_none.py": "x = 1\n"},
    "subtests": {"pytest.ini": "[pytest]\n", "test_sub.py": SUBTESTS},
    "unit": {"pytest.ini": "[pytest]\n", "test_unit.py": UNITTEST},
    "doctest": {"pytest.ini": "[pytest]\naddopts = --doctest-modules\n", "adding.py": DOCTEST},
    "wide": {"pytest.ini": "[pytest]\n", "test_wide.py": WIDE},
    "hooked": {
        "pytest.ini": "[pytest]\nmarkers =\n    slow: is slow\n",
        "conftest.py": CONFTEST,
        "test_hooked.py": HOOKED,
    },
    "logs": {"pytest.ini": "[pytest]\n", "test_logs.py": LOGS},
    "broken": {
        "pytest.ini": "[pytest]\n",
        "test_import.py": "import no_such_module_at_all\n",
        "test_syntax.py": "def broken(:\n",
        "test_skipped.py": "import pytest\npytest.skip('whole file', allow_module_level=True)\n",
        "test_fine.py": "def test_fine(): pass\n",
    },
    "folders": {
        "pytest.ini": "[pytest]\n",
        "a/test_one.py": PASSING,
        "b/sub/test_two.py": "def test_two(): pass\ndef test_three(): assert 0\n",
        "c/test_four.py": "import pytest\n@pytest.mark.skip(reason='x')\ndef test_four(): pass\n",
    },
    "setup": {
        "pytest.ini": "[pytest]\n",
        "test_setup.py": "import pytest\n"
        "@pytest.fixture(scope='module')\ndef thing():\n    yield 1\n"
        "def test_uses(thing): pass\ndef test_uses_too(thing): pass\n",
    },
    "inherited": {
        "pytest.ini": "[pytest]\n",
        "base.py": "class Base:\n    def test_inherited(self): assert 1\n",
        "test_inherits.py": "from base import Base\nclass TestIt(Base): pass\n",
    },
    "exits": {
        "pytest.ini": "[pytest]\n",
        "test_exits.py": "import pytest\ndef test_a(): pass\n"
        "def test_b(): pytest.exit('enough')\ndef test_c(): pass\n",
    },
}

ALONE = (1,)

CASES: list[Case] = [
    *(
        Case("mixed", args)
        for args in [
            (),
            ("-v",),
            ("-vv",),
            ("-q",),
            ("-qq",),
            ("-q", "-rA"),
            ("-ra",),
            ("-rs", "--no-fold-skipped"),
            ("-rN",),
            ("-rfEsxXp",),
            ("--tb=long",),
            ("--tb=short",),
            ("--tb=line",),
            ("--tb=native",),
            ("--tb=no",),
            ("-l",),
            ("-l", "--tb=short", "--no-showlocals"),
            ("--show-capture=no",),
            ("--show-capture=stderr",),
            ("--show-capture=log", "-rP"),
            ("--xfail-tb", "-rx"),
            ("-vv", "--force-short-summary"),
            ("--color=yes",),
            ("--color=yes", "-v"),
            ("--color=yes", "-q", "-rA"),
            ("--color=yes", "--code-highlight=no"),
            ("--no-header",),
            ("--no-summary",),
            ("--disable-warnings",),
            ("-p", "no:warnings"),
            ("-W", "error::UserWarning", "-k", "param"),
            ("-k", "pass"),
            ("-k", "nothing_at_all"),
            ("--deselect=test_mixed.py::test_pass", "-q"),
            ("-o", "console_output_style=classic"),
            ("-o", "console_output_style=classic", "-v"),
            ("-o", "console_output_style=count"),
            ("-o", "console_output_style=count", "-v"),
            ("-o", "console_output_style=times"),
            ("-o", "console_output_style=times", "-v"),
            (
                "-o",
                "verbosity_test_cases=2",
            ),
            ("-v", "-o", "verbosity_test_cases=0"),
            ("-o", "verbosity_assertions=2", "-k", "compare"),
            ("--max-warnings=1", "-k", "test_param and not 2"),
            ("--max-warnings=5", "-k", "test_param and not 2"),
        ]
    ),
    Case("mixed", ("-x",), workers=ALONE),
    # Which errors count depends on the order of collection, which is pytest's in one worker.
    Case("unimportable", ("-x",), workers=ALONE),
    Case("unimportable", ("-x", "test_a.py")),
    Case("unimportable", ("-x", "test_b.py", "test_a.py"), workers=ALONE),
    Case("unimportable", ("--maxfail=2",), workers=ALONE),
    Case("unimportable", ("--maxfail=2", "test_a.py", "test_c.py", "test_b.py"), workers=ALONE),
    Case("unimportable", ("--maxfail=3",), workers=ALONE),
    Case("unimportable", ("-x", "--continue-on-collection-errors"), workers=ALONE),
    Case("mixed", ("--maxfail=2", "-v"), workers=ALONE),
    Case("mixed", ("-v",), env={"COLUMNS": "60"}),
    Case("mixed", (), env={"COLUMNS": "40"}),
    Case("mixed", ("-v",), env={"COLUMNS": "150"}),
    Case("mixed", (), env={"CI": "true"}),
    Case("mixed", (), env={"FORCE_COLOR": "1"}),
    Case("mixed", (), env={"FORCE_COLOR": "1", "NO_COLOR": "1"}),
    Case("many"),
    Case("many", ("-q",)),
    Case("many", ("--color=yes",)),
    Case("many", ("-o", "console_output_style=count")),
    Case("many", ("-o", "console_output_style=classic")),
    Case("many", ("--maxfail=1",), workers=ALONE),
    Case("passing"),
    Case("passing", ("-q",)),
    Case("passing", ("-qq",)),
    Case("passing", ("-v",)),
    Case("passing", ("--color=yes",)),
    # On a busy machine a set-up may take longer than the 5 ms that are hidden by default.
    Case("slow", ("--durations=3", "--durations-min=0.1")),
    Case("slow", ("--durations=0", "--durations-min=0.1")),
    Case("slow", ("--durations=3", "--durations-min=0.25", "-q")),
    Case("empty"),
    Case("empty", ("-q",)),
    Case("empty", ("-v",)),
    Case("subtests"),
    Case("subtests", ("-v",)),
    Case("subtests", ("-q",)),
    Case("subtests", ("-rA", "--color=yes")),
    Case("subtests", ("-v", "-o", "verbosity_subtests=0")),
    Case("unit"),
    Case("unit", ("-v",)),
    Case("unit", ("-ra",)),
    Case("doctest"),
    Case("doctest", ("-v",)),
    Case("wide"),
    Case("wide", ("-v",)),
    Case("wide", ("-rs", "-q")),
    Case("hooked", workers=ALONE),
    Case("hooked", ("-v",), workers=ALONE),
    Case("hooked", ("--color=yes",), workers=ALONE),
    Case("hooked", ("--no-summary",), workers=ALONE),
    Case("logs"),
    Case("logs", ("--log-level=INFO",)),
    Case("logs", ("--log-cli-level=INFO",), workers=ALONE),
    Case("logs", ("-o", "log_cli=true"), workers=ALONE),
    Case("logs", ("-o", "log_cli=true", "--color=yes", "-v"), workers=ALONE),
    Case("logs", ("--log-level=DEBUG", "--color=yes")),
    Case("broken"),
    Case("broken", ("-q",)),
    Case("broken", ("--color=yes",)),
    Case("broken", ("--tb=short",)),
    Case("broken", ("--continue-on-collection-errors",)),
    Case("broken", ("-rs", "test_skipped.py", "test_fine.py")),
    Case("folders", workers=ALONE),
    Case("folders", ("-v",), workers=ALONE),
    Case("folders", ("-q",), workers=ALONE),
    Case("folders", ("-rs",), folder="b", workers=ALONE),
    Case("folders", ("-v", "-ra", "../c", "../a"), folder="b", workers=ALONE),
    Case("setup", ("--setup-show",), workers=ALONE),
    Case("setup", ("--setup-show", "-v"), workers=ALONE),
    Case("setup", ("--setup-plan",), workers=ALONE),
    Case("setup", ("--setup-only",), workers=ALONE),
    Case("inherited", ("-v",)),
    Case("inherited", ("-vv",)),
    Case("exits", workers=ALONE),
    Case("exits", ("-v",), workers=ALONE),
]
