//! The environments that runs are compared in besides the oracle's own.

use std::path::PathBuf;

use crate::python::{PYTEST, Python, environment, exactly, find, test_environments};
use crate::shell::Done;

/// Plugins that real suites use, and what they need: for cases that say which of them to load.
const PLUGINS: [&str; 10] = [
    "pytest-asyncio==1.5.0",
    "anyio==4.16.0",
    "trio==0.35.0",
    "pytest-mock==3.17.0",
    "hypothesis==6.170.15",
    "pytest-randomly==5.1.0",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.8.0",
    "pytest-order==1.5.0",
    "pytest-rerunfailures==16.7",
];

/// Old and new pytests on old and new Pythons; what stands here is tried where it is installed.
const MATRIX: [(&str, (u32, u32)); 6] = [
    ("7.4.4", (3, 9)),
    ("7.4.4", (3, 11)),
    ("8.3.5", (3, 10)),
    ("8.4.2", (3, 13)),
    ("9.2.0", (3, 12)),
    ("9.2.0", (3, 13)),
];

/// Makes every environment that can be made here, and says which cannot.
pub fn prepare() -> Done {
    let python = find((3, 10))?;
    environment(&test_environments().join("plugins"), &python, &[&PYTEST[..], &PLUGINS].concat())?;
    for (pytest, version) in MATRIX {
        let (major, minor) = version;
        match exactly(version) {
            Some(python) => {
                make(&python, pytest)?;
            }
            None => println!("SKIPPED: pytest {pytest} on Python {major}.{minor}: not installed"),
        }
    }
    Ok(())
}

/// The interpreters of the oldest and the newest that can be made here.
pub fn ends() -> Done<Vec<PathBuf>> {
    let there = MATRIX.iter().filter_map(|(pytest, version)| Some((pytest, exactly(*version)?)));
    let all: Vec<_> = there.collect();
    let ends = [all.first(), all.last().filter(|_| all.len() > 1)];
    ends.into_iter().flatten().map(|(pytest, python)| make(python, pytest)).collect()
}

fn make(python: &Python, pytest: &str) -> Done<PathBuf> {
    let (major, minor) = python.version;
    let name = format!("matrix-pytest{pytest}-python{major}.{minor}");
    environment(&test_environments().join(name), python, &[&format!("pytest=={pytest}")])
}
