//! Tests that have the terminal: `-s`, `--pdb`, `--trace`, as pytest has them.
//!
//! `FASTEST_TEST_PYTHON` names a Python that has pytest; without it these tests say so and pass.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the helpers of a test are a test's code too")]

mod common;
#[path = "common/screen.rs"]
mod screen;

use std::{
    fs,
    process::{Command, Stdio},
};

use common::python;
use screen::{done, on_terminal, ours};
use tempfile::TempDir;

const TESTS: &str = "def test_ok(): print('said by a test')\n\
    def test_bad():\n\
    \x20   x = 41\n\
    \x20   assert x == 42\n\
    def test_after(): print('said at the end')\n";

fn project(tests: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("pytest.ini"), "[pytest]\n").unwrap();
    fs::write(dir.path().join("test_it.py"), tests).unwrap();
    dir
}

#[test]
fn the_debugger_stops_at_a_failure_and_talks() {
    let Some(python) = python() else { return };
    let dir = project(TESTS);
    let steps = [("(Pdb)", "p x + 1000\n"), ("1041", "c\n")];
    let command = ours(&python, &["--pdb"]);
    let (said, code) = on_terminal(&python, dir.path(), &steps, &command);
    assert_eq!(code, 1, "{said}");
    for line in ["entering PDB", "1041", "FAILED test_it.py::test_bad", "1 failed, 2 passed"] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn a_breakpoint_stops_where_output_is_not_captured() {
    let Some(python) = python() else { return };
    let dir = project("def test_it():\n    x = 40\n    breakpoint()\n    assert x == 41\n");
    let steps = [("(Pdb)", "x = 41\n"), ("(Pdb)", "c\n")];
    for options in [&["-s"][..], &["--pdb"]] {
        let command = ours(&python, options);
        let (said, code) = on_terminal(&python, dir.path(), &steps, &command);
        assert!(code == 0 && said.contains("1 passed"), "{said}");
    }
}

#[test]
fn trace_stops_at_the_start_of_each_test() {
    let Some(python) = python() else { return };
    let dir = project("def test_one(): pass\ndef test_two(): pass\n");
    let steps = [("(Pdb)", "c\n"), ("(Pdb)", "c\n")];
    let (said, code) = on_terminal(&python, dir.path(), &steps, &ours(&python, &["--trace"]));
    assert!(code == 0 && said.contains("2 passed"), "{said}");
}

#[test]
fn ctrl_c_ends_a_run_as_it_ends_pytest() {
    let Some(python) = python() else { return };
    let dir = project("import time\ndef test_it():\n    print('here')\n    time.sleep(60)\n");
    let steps = [("here", "\u{3}")];
    let (said, code) = on_terminal(&python, dir.path(), &steps, &ours(&python, &["-s"]));
    assert!(code == 2 && said.contains("KeyboardInterrupt"), "{code}: {said}");
}

/// All on one line, so that it does not matter where on it the interruption comes; in short naps,
/// because Python notices a signal that comes right before one only after it.
const WAITS: &str = "import time\n\
    tty = open('/dev/tty', 'w')\n\
    def test_ok(): pass\n\
    def test_waits():\n\
    \x20   tty.write('READY'); tty.flush(); [time.sleep(0.01) for _ in range(60000)]\n";

#[test]
fn ctrl_c_in_workers_is_told_as_pytest_tells_it() {
    let Some(python) = python() else { return };
    let dir = project(WAITS);
    let steps = [("READY", "\u{3}")];
    let end = |command: &[&str]| {
        let (said, code) = on_terminal(&python, dir.path(), &steps, command);
        let at = said.find("!!!").unwrap_or_else(|| panic!("no end: {said}"));
        (timeless(&said[at..]), code)
    };
    let options = ["-p", "no:cacheprovider", "--color=no"];
    let plain = [&[python.to_str().unwrap(), "-m", "pytest"][..], &options].concat();
    let expected = end(&plain);
    assert!(expected.0.contains("test_it.py:5: KeyboardInterrupt"), "{}", expected.0);
    for workers in ["-n1", "-n2"] {
        let command = ours(&python, &[&options[..], &[workers, "--daemon=off"]].concat());
        assert_eq!(end(&command), expected, "{workers}");
    }
}

#[test]
fn full_trace_shows_where_a_run_was_interrupted() {
    let Some(python) = python() else { return };
    let dir = project(WAITS);
    let command = ours(&python, &["--full-trace", "--color=no", "--daemon=off"]);
    let (said, code) = on_terminal(&python, dir.path(), &[("READY", "\u{3}")], &command);
    assert!(code == 2 && said.contains("def test_waits():"), "{code}: {said}");
    assert!(!said.contains("to show a full traceback"), "{said}");
}

#[test]
fn the_second_ctrl_c_ends_what_shrugs_off_the_first() {
    let Some(python) = python() else { return };
    let tests = "import time\n\
        tty = open('/dev/tty', 'w')\n\
        def test_stubborn():\n    while True:\n        \
        try: tty.write('READY'); tty.flush(); [time.sleep(0.01) for _ in range(60000)]\n        except BaseException: tty.write('STUBBORN'); tty.flush()\n";
    let dir = project(tests);
    let steps = [("READY", "\u{3}"), ("STUBBORN", "\u{3}")];
    let command = ours(&python, &["--daemon=off"]);
    let (said, code) = on_terminal(&python, dir.path(), &steps, &command);
    assert!(code == 2 && said.contains("KeyboardInterrupt"), "{code}: {said}");
}

/// In workers nobody could type at a prompt, which would fail the test without saying why.
#[test]
fn a_breakpoint_in_a_worker_says_what_to_do() {
    let Some(python) = python() else { return };
    for call in ["breakpoint()", "import pdb; pdb.set_trace()", "import pytest; pytest.set_trace()"]
    {
        let dir = project(&format!("def test_it():\n    {call}\ndef test_ok(): pass\n"));
        let none: [(&str, &str); 0] = [];
        let command = ours(&python, &["--daemon=off"]);
        let (said, code) = on_terminal(&python, dir.path(), &none, &command);
        assert_eq!(code, 1, "{said}");
        for text in ["1 failed, 1 passed", "a debugger was started", "`-s` or `--pdb`"] {
            assert!(said.contains(text), "{text}: {said}");
        }
        assert!(!said.contains("(Pdb)"), "{said}");
    }
}

#[test]
fn without_capturing_the_output_is_pytests_own() {
    let Some(python) = python() else { return };
    for options in
        [&["-s"][..], &["-s", "-v"], &["-s", "-q", "-x"], &["-s", "-rA", "--durations=1"]]
    {
        let dir = project(TESTS);
        let options = [options, &["-p", "no:cacheprovider"]].concat();
        let plain = [&["-m", "pytest"][..], &options].concat();
        let expected = done(Command::new(&python).args(plain).stdin(Stdio::null()), dir.path());
        let command = ours(&python, &options);
        let found =
            done(Command::new(command[0]).args(&command[1..]).stdin(Stdio::null()), dir.path());
        assert_eq!((timeless(&found.0), found.1), (timeless(&expected.0), expected.1));
    }
}

/// A text without numbers of seconds.
fn timeless(text: &str) -> String {
    let is_time =
        |word: &str| word.trim_end_matches('s').parse::<f64>().is_ok() && word.contains('.');
    let line = |line: &str| {
        let words = line.trim_matches('=').split_whitespace().filter(|word| !is_time(word));
        words.collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
