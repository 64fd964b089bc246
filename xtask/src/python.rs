//! Pythons that are there, and virtual environments made of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Done, output, repository, run};

/// An interpreter.
#[derive(Clone, Debug)]
pub struct Python {
    pub path: PathBuf,
    pub version: (u32, u32),
}

/// The interpreter that things are made of: `$FASTEST_PYTHON`, or the first of `python3`,
/// `python` and `python3.N` (newest first) that starts and is at least as new as asked.
pub fn find(at_least: (u32, u32)) -> Done<Python> {
    let named = std::env::var("FASTEST_PYTHON").ok();
    let versioned = (9..=15).rev().map(|minor| format!("python3.{minor}"));
    let candidates = named.into_iter().chain(["python3".to_owned(), "python".to_owned()]);
    candidates
        .chain(versioned)
        .filter_map(|name| probe(&name))
        .find(|p| p.version >= at_least)
        .ok_or_else(|| {
            let (major, minor) = at_least;
            format!("no Python {major}.{minor} or newer in PATH; name one in FASTEST_PYTHON")
        })
}

/// The interpreter of just this version: `pythonX.Y`, or one that pyenv installed.
pub fn exactly(version: (u32, u32)) -> Option<Python> {
    let (major, minor) = version;
    let named = probe(&format!("python{major}.{minor}"));
    let installed = || pyenv(version).into_iter().filter_map(|path| probe(&path.to_string_lossy()));
    named.into_iter().chain(installed()).find(|python| python.version == version)
}

/// pyenv's interpreters of a version; its shims start only those that it was told to use.
fn pyenv((major, minor): (u32, u32)) -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let Some(versions) = root.map(|root| root.join("versions")) else { return Vec::new() };
    let prefix = format!("{major}.{minor}.");
    let entries = std::fs::read_dir(versions).into_iter().flatten().flatten();
    let fitting = entries.filter(|e| e.file_name().to_string_lossy().starts_with(&prefix));
    fitting.map(|entry| interpreter_of(&entry.path())).collect()
}

fn probe(name: &str) -> Option<Python> {
    let script = "import sys, venv; print(*sys.version_info[:2], sys.executable)";
    let text = output(Command::new(name).args(["-c", script])).ok()?;
    let mut words = text.trim().splitn(3, ' ');
    let version = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Python { path: PathBuf::from(words.next()?), version })
}

/// A virtual environment with these packages, made once: `target/NAME`-like folders are kept as
/// long as the interpreter and the list stay the same. Returns its interpreter.
pub fn environment(folder: &Path, python: &Python, packages: &[&str]) -> Done<PathBuf> {
    let interpreter = interpreter_of(folder);
    let stamp = folder.join("packages.txt");
    let wanted = format!("{}\n{}\n", python.path.display(), packages.join("\n"));
    if interpreter.exists() && std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(interpreter);
    }
    // It may not be there.
    let _ = std::fs::remove_dir_all(folder);
    run(Command::new(&python.path).args(["-m", "venv"]).arg(folder))?;
    pip(&interpreter, &["install", "--quiet"], packages)?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(interpreter)
}

/// `pip COMMAND… PACKAGES…` of an environment.
pub fn pip(interpreter: &Path, command: &[&str], packages: &[&str]) -> Done {
    run(Command::new(interpreter)
        .args(["-m", "pip", "--disable-pip-version-check"])
        .args(command)
        .args(packages))
}

/// The interpreter of a virtual environment.
pub fn interpreter_of(folder: &Path) -> PathBuf {
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    folder.join(inside)
}

/// Where the environments that tests need are: fixed, so that a test that is run by hand finds
/// them.
pub fn test_environments() -> PathBuf {
    repository().join("target/test-envs")
}

/// pytest as the oracle: the newest that the interpreter can have.
pub const PYTEST: [&str; 2] =
    ["pytest==9.2.0; python_version >= '3.10'", "pytest==8.4.2; python_version < '3.10'"];

/// The oracle's environment; returns its interpreter.
pub fn oracle() -> Done<PathBuf> {
    environment(&test_environments().join("pytest"), &find((3, 9))?, &PYTEST)
}

/// What debugging and coverage in the language server need besides pytest.
const FULL: [&str; 4] =
    ["pytest==9.2.0", "debugpy==1.8.17", "coverage==7.11.0", "pytest-cov==7.0.0"];

/// The environments of the tests that debug and measure: that of the interpreter that is found,
/// whose interpreter it returns, and `full-newest` of the newest Python, where that is another one
/// (debuggers work in another way from 3.12 on).
pub fn full() -> Done<PathBuf> {
    let found = find((3, 10))?;
    let newest = (10..=15).rev().find_map(|minor| exactly((3, minor)));
    match newest.filter(|newest| newest.version > found.version) {
        Some(newest) => {
            environment(&test_environments().join("full-newest"), &newest, &FULL)?;
        }
        None => println!("SKIPPED: debugging on a newer Python than the one found: none installed"),
    }
    environment(&test_environments().join("full"), &found, &FULL)
}
