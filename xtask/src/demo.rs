//! `cargo xtask demo`: what the binary is for, on a real project.

use std::path::Path;
use std::process::Command;

use crate::python::{PYTEST, environment, find, pip};
use crate::shell::{Done, build_release, run, target};

/// h11: an HTTP/1.1 library with tests inside its package, pure Python, from the package index.
const PROJECT: &str = "h11";
const VERSION: &str = "0.16.0";

/// Builds the binary, fetches a project and a pytest for it, lists its tests and runs them.
pub fn demo() -> Done {
    let binary = build_release()?;
    let folder = target().join("demo");
    let requirement = format!("{PROJECT}=={VERSION}");
    let packages = [PYTEST[0], PYTEST[1], &requirement];
    let python = environment(&folder.join("venv"), &find((3, 9))?, &packages)?;
    let project = folder.join(format!("{PROJECT}-{VERSION}"));
    if !project.exists() {
        unpack(&python, &folder, &requirement)?;
    }
    println!("\nEvery test of {requirement}, without starting Python:\n");
    let fastest = || {
        let mut command = Command::new(&binary);
        command.current_dir(&project).env("VIRTUAL_ENV", folder.join("venv"));
        command
    };
    run(fastest().args(["--collect-only", "-q", PROJECT]))?;
    println!("\nThe same tests, run:\n");
    run(fastest().args(["--run", PROJECT]))
}

/// Downloads the source archive, which has the tests, and unpacks it.
fn unpack(python: &Path, folder: &Path, requirement: &str) -> Done {
    let download = ["download", "--quiet", "--no-deps", "--no-binary", PROJECT, "--dest"];
    let folder_text = folder.to_string_lossy();
    pip(python, &[download.as_slice(), &[folder_text.as_ref()]].concat(), &[requirement])?;
    let archive = folder.join(format!("{PROJECT}-{VERSION}.tar.gz"));
    run(Command::new(python).args(["-m", "tarfile", "--extract"]).arg(archive).arg(folder))
}
