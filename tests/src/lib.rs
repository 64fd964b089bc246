//! What the integration tests share: where the repository, the binary and the oracle are.

pub mod case;
pub mod client;
pub mod ledger;
pub mod project;

use std::path::{Path, PathBuf};

/// The repository's root.
#[must_use]
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate is a folder of the repository")
}

/// A Python that has pytest: `FASTEST_TEST_PYTHON`, or the one that `cargo xtask test` makes.
/// `None`, said on stderr, where there is neither.
#[must_use]
pub fn oracle_python() -> Option<PathBuf> {
    let made = repository().join("target/test-envs/pytest/bin/python");
    let found = std::env::var_os("FASTEST_TEST_PYTHON").map(PathBuf::from);
    let found = found.or_else(|| made.exists().then_some(made));
    if found.is_none() {
        eprintln!("SKIPPED: no Python with pytest; `cargo xtask test` makes one");
    }
    found
}

/// A Python that has pytest, debugpy, coverage.py and pytest-cov; as [`oracle_python`] otherwise.
#[must_use]
pub fn full_python() -> Option<PathBuf> {
    let made = repository().join("target/test-envs/full/bin/python");
    let found = std::env::var_os("FASTEST_TEST_FULL_PYTHON").map(PathBuf::from);
    let found = found.or_else(|| made.exists().then_some(made));
    if found.is_none() {
        eprintln!("SKIPPED: no Python with debugpy; `cargo xtask test` makes one");
    }
    found
}

/// [`full_python`], and the newest Python with the same packages where that is another one.
#[must_use]
pub fn full_pythons() -> Vec<PathBuf> {
    let newest = repository().join("target/test-envs/full-newest/bin/python");
    full_python().into_iter().chain(newest.exists().then_some(newest)).collect()
}

/// Every Python with a pytest of the matrix that `cargo xtask test` has made.
#[must_use]
pub fn matrix_pythons() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(repository().join("target/test-envs"));
    let paths = folders.into_iter().flatten().flatten().map(|entry| entry.path());
    let of_matrix = paths.filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("matrix-"))
    });
    let mut pythons: Vec<_> = of_matrix.map(|path| path.join("bin/python")).collect();
    pythons.retain(|python| python.exists());
    pythons.sort();
    pythons
}

/// The binary under test: `FASTEST_TEST_BINARY`, or the `fastest-lsp` that was built beside this
/// test (`cargo build -p fastest_cli`).
///
/// # Panics
/// When there is none: a test that does not test what it should must not pass.
#[must_use]
pub fn binary() -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().expect("a test knows its own path");
        let profile = test.parent().and_then(Path::parent).expect("it is in target/PROFILE/deps");
        profile.join(format!("fastest-lsp{}", std::env::consts::EXE_SUFFIX))
    };
    let binary = std::env::var_os("FASTEST_TEST_BINARY").map_or_else(beside, PathBuf::from);
    assert!(binary.exists(), "{} is missing: cargo build -p fastest_cli", binary.display());
    binary
}
