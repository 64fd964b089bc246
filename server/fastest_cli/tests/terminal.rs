//! Tests that have the terminal: `-s`, `--pdb`, `--trace`, as pytest has them.
//!
//! `FASTEST_TEST_PYTHON` names a Python that has pytest; without it these tests say so and pass.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the helpers of a test are a test's code too")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_fastest-lsp");

const TESTS: &str = "def test_ok(): print('said by a test')\n\
    def test_bad():\n\
    \x20   x = 41\n\
    \x20   assert x == 42\n\
    def test_after(): print('said at the end')\n";

fn python() -> Option<PathBuf> {
    let python = std::env::var_os("FASTEST_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("SKIPPED: set FASTEST_TEST_PYTHON to a Python that has pytest");
    }
    python
}

fn project(tests: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("pytest.ini"), "[pytest]\n").unwrap();
    fs::write(dir.path().join("test_it.py"), tests).unwrap();
    dir
}

fn done(command: &mut Command, dir: &Path) -> (String, i32) {
    for name in ["CI", "PYTEST_ADDOPTS", "FORCE_COLOR", "PY_COLORS"] {
        command.env_remove(name);
    }
    let done = command.current_dir(dir).env("COLUMNS", "80").env("NO_COLOR", "1").output().unwrap();
    let Output { stdout, stderr, status } = done;
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    (String::from_utf8_lossy(&stdout).into_owned(), status.code().unwrap())
}

/// What appears on a terminal, typing an answer to each word that comes, and the exit code.
fn on_terminal(
    python: &Path,
    dir: &Path,
    steps: &[(&str, &str)],
    command: &[&str],
) -> (String, i32) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pty_session.py");
    let steps = serde_json::to_string(steps).unwrap();
    done(Command::new(python).arg(script).arg(steps).args(command), dir)
}

fn ours<'a>(python: &'a Path, options: &[&'a str]) -> Vec<&'a str> {
    [&[BINARY, "--run", "--python", python.to_str().unwrap()], options].concat()
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
