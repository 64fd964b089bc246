//! What keeps the house in order: the invariants of `ARCHITECTURE.md` that can be read from
//! sources and manifests.

mod edges;
mod sources;

use std::path::Path;
use std::process::Command;

/// Files that git knows, relative to the repository, with `/`.
fn tracked_files() -> Vec<String> {
    let listed = Command::new("git")
        .current_dir(fastest_tests::repository())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .expect("git is there");
    let text = String::from_utf8(listed.stdout).expect("file names here are UTF-8");
    let exists = |path: &&str| !path.is_empty() && fastest_tests::repository().join(path).is_file();
    text.split('\0').filter(exists).map(str::to_owned).collect()
}

/// A tracked file's text; empty where it is no text.
fn read(path: &str) -> String {
    std::fs::read_to_string(fastest_tests::repository().join(path)).unwrap_or_default()
}

/// Whether a file is tests only: unit tests beside their module, integration tests, tools.
fn is_test(path: &str) -> bool {
    path.contains("/tests/")
        || path.starts_with("tests/")
        || path.ends_with("/tests.rs")
        || Path::new(path)
            .components()
            .any(|part| matches!(part.as_os_str().to_str(), Some("fuzz" | "benches" | "examples")))
}
