//! The answer of the run before is given again while nothing has changed, and only then.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use fastest_tests::binary;

/// A project in a folder of its own.
struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        files.iter().for_each(|(path, text)| project.write(path, text));
        project.age(project.0.path(), Duration::from_secs(100));
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Makes everything as old as that: what is young is never trusted.
    fn age(&self, path: &Path, by: Duration) {
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a listing") {
                self.age(&entry.expect("an entry").path(), by);
            }
        }
        let file = File::open(path).expect("it opens");
        file.set_modified(SystemTime::now() - by).expect("it has a time");
    }

    /// What is listed; whether that came from the answer that was kept is told by spoiling it.
    fn list(&self, options: &[&str]) -> String {
        let mut command = Command::new(binary());
        command.args(["--collect-only", "-q"]).args(options).current_dir(self.0.path());
        command.env_remove("VIRTUAL_ENV").env("PATH", "").env("HOME", self.0.path());
        let output = command.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let summary = text.find(" in ").unwrap_or(text.len());
        format!("{}{}", &text[..summary], String::from_utf8_lossy(&output.stderr))
    }

    /// Whether an answer is kept and holds: the outlines are taken away, so that nothing else is
    /// remembered, and a new answer would write them again.
    fn is_remembered(&self) -> bool {
        let outlines = self.path(".pytest_cache/d/fastest/outlines");
        let _ = fs::remove_file(&outlines);
        self.list(&[]);
        !outlines.exists()
    }

    /// After a change the answer is a fresh one, and then kept again.
    #[track_caller]
    fn check(&self, change: impl FnOnce(), expected: &str) {
        self.settle();
        assert!(self.is_remembered(), "nothing has changed");
        change();
        assert_eq!(self.list(&[]).lines().next(), Some(expected));
        assert_eq!(self.list(&["--no-cache"]), self.list(&[]));
    }

    /// Lists until the answer is kept: the first run makes the cache's folder.
    fn settle(&self) {
        self.list(&[]);
        self.age(self.0.path(), Duration::from_secs(50));
        self.list(&[]);
    }
}

fn project() -> Project {
    Project::new(&[
        ("pytest.ini", "[pytest]\npythonpath = .\n"),
        ("helper.py", "CASES = [1]\n"),
        ("tests/conftest.py", ""),
        (
            "tests/test_a.py",
            "import pytest\nfrom helper import CASES\n@pytest.mark.parametrize('x', CASES)\ndef test_a(x): pass\n",
        ),
        ("tests/empty/readme.txt", ""),
    ])
}

#[test]
fn an_edited_test_file_is_read_again() {
    let project = project();
    let change = || project.write("tests/test_a.py", "def test_b(): pass\n");
    project.check(change, "tests/test_a.py::test_b");
}

#[test]
fn an_edited_import_is_read_again() {
    let project = project();
    project.check(|| project.write("helper.py", "CASES = [22]\n"), "tests/test_a.py::test_a[22]");
}

#[test]
fn a_new_file_is_seen_in_a_folder_that_had_none() {
    let project = project();
    let change = || project.write("tests/empty/test_0.py", "def test_0(): pass\n");
    project.check(change, "tests/empty/test_0.py::test_0");
}

#[test]
fn a_new_conftest_and_a_new_module_count() {
    let project = project();
    let change = || project.write("conftest.py", "collect_ignore = ['tests']\n");
    project.check(change, "");
    let shadowing = self::project();
    let change = || shadowing.write("tests/helper.py", "CASES = [7]\n");
    shadowing.check(change, "tests/test_a.py::test_a");
}

#[test]
fn a_removed_file_is_gone() {
    let project = project();
    let change = || fs::remove_file(project.path("tests/test_a.py")).expect("it is there");
    project.check(change, "");
}

#[test]
fn another_configuration_is_another_question() {
    let project = project();
    let change = || project.write("pytest.ini", "[pytest]\npython_functions = nothing\n");
    project.check(change, "");
}

#[test]
fn another_command_line_is_another_question() {
    let project = project();
    project.settle();
    assert_eq!(project.list(&["-k", "nothing"]).lines().next(), Some(""));
    assert_eq!(project.list(&[]).lines().next(), Some("tests/test_a.py::test_a[1]"));
}

#[test]
fn a_damaged_answer_is_no_answer() {
    let project = project();
    project.settle();
    let kept = project.path(".pytest_cache/d/fastest/answer");
    let whole = fs::read(&kept).expect("it was kept");
    let expected = project.list(&[]);
    for length in [0, 7, 8, whole.len() / 2, whole.len() - 1] {
        fs::write(&kept, &whole[..length]).expect("a file");
        assert_eq!(project.list(&[]), expected);
    }
    let mut spoilt = whole;
    let middle = spoilt.len() / 2;
    spoilt[middle] ^= 1;
    fs::write(&kept, spoilt).expect("a file");
    assert_eq!(project.list(&[]), expected);
}
