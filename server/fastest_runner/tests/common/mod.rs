//! What the tests of this room share: an interpreter, and small projects.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

/// The Python that `FASTEST_TEST_PYTHON` names; without it, says so on stderr.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("FASTEST_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("SKIPPED: set FASTEST_TEST_PYTHON to a Python that has pytest");
    }
    python
}

/// A temporary project of these files (path and text) with an empty `pytest.ini`.
pub fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("pytest.ini"), "[pytest]\n").unwrap();
    for (path, text) in files {
        fs::write(dir.path().join(path), text).unwrap();
    }
    dir
}
