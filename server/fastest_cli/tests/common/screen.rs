//! What tests of the binary on a terminal share.

use std::path::Path;
use std::process::{Command, Output};

use serde::Serialize;

use crate::common::BINARY;

/// What a command prints in a folder, and its exit code.
pub fn done(command: &mut Command, dir: &Path) -> (String, i32) {
    for name in ["CI", "PYTEST_ADDOPTS", "FORCE_COLOR", "PY_COLORS"] {
        command.env_remove(name);
    }
    // Python takes the bytecode of a file for that of one of the same size in the same second.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("COLUMNS", "80").env("NO_COLOR", "1");
    let done = command.current_dir(dir).output().unwrap();
    let Output { stdout, stderr, status } = done;
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    (String::from_utf8_lossy(&stdout).into_owned(), status.code().unwrap())
}

/// What appears on a terminal, typing an answer to each word that comes (`pty_session.py`), and
/// the exit code.
pub fn on_terminal(
    python: &Path,
    dir: &Path,
    steps: &(impl Serialize + ?Sized),
    command: &[&str],
) -> (String, i32) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pty_session.py");
    let steps = serde_json::to_string(steps).unwrap();
    done(Command::new(python).arg(script).arg(steps).args(command), dir)
}

/// A run of this binary.
pub fn ours<'a>(python: &'a Path, options: &[&'a str]) -> Vec<&'a str> {
    [&[BINARY, "--run", "--python", python.to_str().unwrap()], options].concat()
}
