//! The server under pytest-lsp: as editors' capability profiles have it (`tests/editors/profiles`).

use std::path::PathBuf;
use std::process::Command;

use crate::python::{environment, find, test_environments};
use crate::shell::{Done, binary, repository};
use crate::suite::Suite;

/// The client, LSP's types, and what checks the tests of it.
const PACKAGES: [&str; 7] = [
    "pytest==9.2.0",
    "pytest-lsp==1.0.1",
    "pytest-asyncio==1.5.0",
    "pygls==2.1.1",
    "lsprotocol==2025.0.0",
    "cattrs==26.2.1",
    "mypy==2.4.1",
];

/// The oldest Python that pytest-lsp has.
const PYTHON: (u32, u32) = (3, 10);

/// All steps; where there is no such Python, a sentence that says so.
pub fn steps(suite: &mut Suite) {
    if let Err(message) = find(PYTHON) {
        println!("\n=== editors' profiles: SKIPPED: {message}");
        return;
    }
    suite.step("mypy: profiles", || python(&["-m", "mypy", "--strict", "."]));
    suite.step("profiles", || python(&["-m", "pytest", "-q"]));
}

/// Python of the environment, in the tests' folder.
fn python(arguments: &[&str]) -> Done<Command> {
    let folder = test_environments().join("profiles");
    let mut command = Command::new(environment(&folder, &find(PYTHON)?, &PACKAGES)?);
    command.current_dir(here()).env("FASTEST_TEST_BINARY", binary("debug")).args(arguments);
    Ok(command)
}

fn here() -> PathBuf {
    repository().join("tests/editors/profiles")
}
