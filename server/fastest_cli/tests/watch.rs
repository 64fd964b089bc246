//! `--watch`: what an edit affects runs again, on a terminal and without one.
//!
//! `FASTEST_TEST_PYTHON` names a Python that has pytest; without it these tests say so and pass.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the helpers of a test are a test's code too")]

mod common;
#[path = "common/screen.rs"]
mod screen;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use common::python;
use screen::{on_terminal, ours};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What is shown where an edit or a key is waited for.
const PROMPT: &str = "[watching";

/// A project of two modules, each imported by one test file.
fn project() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("pytest.ini", "[pytest]\n");
    write("one.py", "value = 1\n");
    write("two.py", "value = 2\n");
    write("test_one.py", "import one\ndef test_one(): assert one.value == 1\n");
    write("test_two.py", "import two\ndef test_two(): assert two.value == 2\n");
    dir
}

/// Once a word has come, something is typed.
fn press(word: &str, keys: &str) -> Value {
    json!([word, keys])
}

/// Once a word has come, a file is written.
fn write(word: &str, dir: &TempDir, name: &str, text: &str) -> Value {
    json!([word, "", dir.path().join(name), text])
}

/// Watches a project on a terminal; what appeared there, and the exit code.
fn watched(dir: &TempDir, options: &[&str], steps: &[Value]) -> Option<(String, i32)> {
    let python = python()?;
    let command = ours(&python, &[&["--watch"], options].concat()).join(" ");
    // Nobody but the binary can have set the terminal back when it is asked how it is set.
    let script = format!("trap : INT; {command}; code=$?; stty -a | tr ';' '\\n'; exit $code");
    let (said, code) = on_terminal(&python, dir.path(), steps, &["sh", "-c", &script]);
    let words: Vec<&str> = said.split_whitespace().collect();
    assert!(words.contains(&"icanon") && words.contains(&"echo"), "not set back: {said}");
    Some((said, code))
}

/// Asserts that texts come one after the other.
#[track_caller]
fn in_order(said: &str, texts: &[&str]) {
    let mut rest = said;
    for text in texts {
        let Some(at) = rest.find(text) else { panic!("no {text:?} where it should be: {said}") };
        rest = &rest[at + text.len()..];
    }
}

#[test]
fn an_edit_runs_what_imports_the_file() {
    let dir = project();
    let steps = [
        write(PROMPT, &dir, "one.py", "value = 3\n"),
        write("1 failed", &dir, "notes.txt", "nothing to run\n"),
        write(PROMPT, &dir, "one.py", "value = 1\n"),
        press("1 passed", ""),
        press(PROMPT, "q"),
    ];
    let Some((said, code)) = watched(&dir, &[], &steps) else { return };
    assert_eq!(code, 0, "{said}");
    let expected = [
        "2 passed",
        "one.py changed: running test_one.py",
        "FAILED test_one.py::test_one - assert 3 == 1",
        "1 failed in",
        "one.py changed: running test_one.py",
        "1 passed in",
    ];
    in_order(&said, &expected);
}

/// Without a configuration file pytest would take the root from the arguments.
#[test]
fn the_root_and_what_is_named_stay_what_they_are() {
    let dir = project();
    fs::remove_file(dir.path().join("pytest.ini")).unwrap();
    // With it modules beside it can be imported from below.
    fs::write(dir.path().join("conftest.py"), "").unwrap();
    fs::create_dir(dir.path().join("below")).unwrap();
    let tests = "import one\ndef test_a(): assert one.value == 1\ndef test_b(): assert 0\n";
    fs::write(dir.path().join("below/test_three.py"), tests).unwrap();
    let steps = [
        write(PROMPT, &dir, "one.py", "value = 3\n"),
        press("below/test_three.py::test_a - assert 3 == 1", ""),
        press("1 failed", ""),
        press(PROMPT, "q"),
    ];
    let named = ["below/test_three.py::test_a", "test_two.py"];
    let Some((said, code)) = watched(&dir, &named, &steps) else { return };
    assert_eq!(code, 1, "{said}");
    in_order(&said, &["2 passed", "running below/test_three.py", "1 failed in"]);
}

#[test]
fn the_exit_code_is_that_of_the_last_run() {
    let dir = project();
    let steps = [
        write(PROMPT, &dir, "one.py", "value = 3\n"),
        press("1 failed", ""),
        press(PROMPT, "\u{3}"),
    ];
    let Some((said, code)) = watched(&dir, &[], &steps) else { return };
    assert_eq!(code, 1, "{said}");
}

#[test]
fn a_syntax_error_is_the_runs_own_and_watching_goes_on() {
    let dir = project();
    let steps = [
        write(PROMPT, &dir, "test_one.py", "def test_one(: pass\n"),
        write("1 error", &dir, "test_one.py", "def test_one(): pass\n"),
        press("1 passed", ""),
        write(PROMPT, &dir, "conftest.py", "import nothing_of_this_name\n"),
        press("nothing_of_this_name", ""),
        write(PROMPT, &dir, "conftest.py", "\n"),
        press("2 passed", ""),
        write(PROMPT, &dir, "pytest.ini", "[pytest\n"),
        press("ERROR", ""),
        write(PROMPT, &dir, "pytest.ini", "[pytest]\naddopts = -v\n"),
        press("2 passed", ""),
        press(PROMPT, "q"),
    ];
    let Some((said, code)) = watched(&dir, &[], &steps) else { return };
    assert_eq!(code, 0, "{said}");
    in_order(&said, &["ERROR collecting test_one.py", "SyntaxError", "1 error in", "1 passed in"]);
}

#[test]
fn keys_choose_what_runs() {
    let dir = project();
    let steps = [
        press(PROMPT, "f"),
        write("no test has failed", &dir, "two.py", "value = 3\n"),
        press("1 failed", ""),
        press(PROMPT, "a"),
        press("1 failed, 1 passed", ""),
        press(PROMPT, "f"),
        press("1 failed", ""),
        press(PROMPT, "p"),
        press("path holds", "xx\u{7f}\u{7f}ONE\n"),
        press("1 passed", ""),
        press("[watching path `ONE`]", "k"),
        press("tests that match", "one or\n"),
        press("Wrong expression", "k"),
        press("tests that match", "test_one and one\n"),
        press("1 passed", ""),
        press("[watching path `ONE`, -k `test_one and one`]", "?"),
        press("quit, with the exit code", "\n"),
        press("running again", ""),
        press("1 passed", ""),
        press(PROMPT, "q"),
    ];
    let Some((said, code)) = watched(&dir, &[], &steps) else { return };
    assert_eq!(code, 0, "{said}");
}

#[test]
fn what_failed_last_runs_first() {
    let dir = project();
    let tests = "import one\ndef test_a(): pass\ndef test_b(): assert one.value == 1\n";
    fs::write(dir.path().join("test_one.py"), tests).unwrap();
    let steps = [
        write(PROMPT, &dir, "one.py", "value = 3\n"),
        write("1 failed", &dir, "one.py", "value = 4\n"),
        press("1 failed", ""),
        press(PROMPT, "q"),
    ];
    let Some((said, _)) = watched(&dir, &["-v", "-n1"], &steps) else { return };
    in_order(
        &said,
        &[
            "test_one.py::test_a PASSED",
            "test_one.py::test_b FAILED",
            "rerun previous 1 failure first",
            "test_one.py::test_b FAILED",
            "test_one.py::test_a PASSED",
        ],
    );
}

#[test]
fn ctrl_c_ends_a_run_and_then_the_watch() {
    let dir = project();
    let slow = "import time, pathlib\ndef test_slow():\n    print('x')\n    time.sleep(600)\n";
    fs::write(dir.path().join("test_slow.py"), slow).unwrap();
    let steps = [
        press("test_slow.py::test_slow", "\u{3}"),
        press("KeyboardInterrupt", ""),
        press(PROMPT, "\u{3}"),
    ];
    let Some((said, code)) = watched(&dir, &[], &steps) else { return };
    assert_eq!(code, 2, "{said}");
}

#[test]
fn a_key_ends_a_run_for_another() {
    let dir = project();
    let slow = "import time, pathlib\ndef test_slow():\n    time.sleep(600)\n";
    fs::write(dir.path().join("test_slow.py"), slow).unwrap();
    let steps = [
        press("test_slow.py::test_slow", "p"),
        press("path holds", "two\n"),
        press("1 passed", ""),
        press(PROMPT, "q"),
    ];
    let Some((said, code)) = watched(&dir, &[], &steps) else { return };
    assert_eq!(code, 0, "{said}");
}

/// The test itself is what saves a file in the middle of the run.
#[test]
fn a_file_saved_during_a_run_counts_after_it() {
    let dir = project();
    let tests = "import pathlib, two\n\
        def test_two():\n    two_py = pathlib.Path(two.__file__)\n    \
        if two.value == 2: two_py.write_text('value = 20')\n";
    fs::write(dir.path().join("test_two.py"), tests).unwrap();
    let steps = [press("two.py changed", ""), press(PROMPT, "q")];
    let Some((said, code)) = watched(&dir, &[], &steps) else { return };
    assert_eq!(code, 0, "{said}");
    in_order(&said, &["2 passed", "two.py changed: running test_two.py", "1 passed"]);
}

/// A test that writes what is there already is no reason to run it again.
#[test]
fn a_run_that_changes_nothing_is_followed_by_none() {
    let dir = project();
    let tests = "import pathlib, two\n\
        def test_two(): pathlib.Path(two.__file__).write_text('value = 2\\n')\n";
    fs::write(dir.path().join("test_two.py"), tests).unwrap();
    let steps = [
        write(PROMPT, &dir, "one.py", "value = 1 # saved\n"),
        press("1 passed", ""),
        press(PROMPT, "q"),
    ];
    let Some((said, _)) = watched(&dir, &[], &steps) else { return };
    assert!(!said.contains("two.py changed"), "{said}");
}

#[test]
fn tests_that_have_the_terminal_get_what_is_typed() {
    let dir = project();
    let tests = "def test_one():\n    assert input('name? ') == 'q'\n";
    fs::write(dir.path().join("test_one.py"), tests).unwrap();
    let steps = [press("name? ", "q\n"), press("2 passed", ""), press(PROMPT, "q")];
    let Some((said, code)) = watched(&dir, &["-s"], &steps) else { return };
    assert_eq!(code, 0, "{said}");
}

/// A watch whose standard streams are no terminal.
struct Piped {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Piped {
    fn start(dir: &Path, options: &[&str]) -> Option<Self> {
        let python = python()?;
        let command = ours(&python, &[&["--watch"], options].concat());
        let mut child = Command::new(command[0])
            .args(&command[1..])
            .current_dir(dir)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("PYTEST_ADDOPTS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Some(Self { child, lines })
    }

    /// Reads on until a line holds a text.
    fn wait_for(&mut self, text: &str) {
        let holds = |line: std::io::Result<String>| line.unwrap().contains(text);
        assert!(self.lines.any(holds), "it ended without {text:?}");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-s", signal, &id]).status().unwrap();
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn without_a_terminal_it_runs_until_it_is_told_to_end() {
    for signal in ["TERM", "INT"] {
        let dir = project();
        let Some(mut watch) = Piped::start(dir.path(), &[]) else { return };
        watch.wait_for("2 passed");
        fs::write(dir.path().join("one.py"), "value = 3\n").unwrap();
        watch.wait_for("1 failed");
        watch.signal(signal);
        assert_eq!(watch.child.wait().unwrap().code(), Some(1));
    }
}

/// The process that workers are forked from is the same in every run.
#[test]
fn the_second_run_starts_warm() {
    let dir = project();
    let tests = "import one, os\ndef test_one(): print('parent', os.getppid())\n";
    fs::write(dir.path().join("test_one.py"), tests).unwrap();
    let Some(mut watch) = Piped::start(dir.path(), &["-rP"]) else { return };
    let mut parents = Vec::new();
    for value in 2..5 {
        let line = watch.lines.find(|line| line.as_ref().unwrap().starts_with("parent "));
        parents.push(line.unwrap().unwrap());
        watch.wait_for(" passed in ");
        fs::write(dir.path().join("one.py"), format!("value = {value}\n")).unwrap();
    }
    assert!(parents.iter().all(|parent| *parent == parents[0]), "{parents:?}");
}

#[test]
fn watching_and_listing_exclude_each_other() {
    let dir = project();
    let done = Command::new(common::BINARY)
        .args(["--collect-only", "--watch"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&done.stderr).contains("--watch: not allowed with"));
}
