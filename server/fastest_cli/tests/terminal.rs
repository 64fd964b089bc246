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
