//! `cargo xtask corpus`: node ids and outcomes against pytest's, over real suites
//! (`tests/corpus`).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::python::{Python, find};
use crate::shell::{Done, build_release, repository, run};

/// What `tests/corpus` needs: `tomllib`, and projects that are as new.
pub const PYTHON: (u32, u32) = (3, 11);

/// Prepares the chosen projects and compares: what is collected, or with `--run` what happens.
pub fn corpus(chosen: &[&str]) -> Done {
    let (runs, chosen) = match chosen {
        ["--run", chosen @ ..] => (true, chosen),
        _ => (false, chosen),
    };
    let choice = choice(chosen)?;
    let binary = build_release()?;
    let python = find(PYTHON)?;
    prepare(&python, &choice)?;
    if runs {
        return run(&mut compare_runs(&python, &binary, &choice));
    }
    run(&mut compare(&python, &binary, &choice))?;
    run(&mut compare_served(&python, &binary, &choice))
}

/// Downloads and installs projects, those that are not there yet.
pub fn prepare(python: &Python, choice: &[String]) -> Done {
    run(script(python, "prepare.py").args(choice))
}

/// The comparison's command.
pub fn compare(python: &Python, binary: &Path, choice: &[String]) -> Command {
    let mut command = script(python, "compare.py");
    command.arg("--binary").arg(binary).args(choice);
    command
}

/// The command that compares runs.
pub fn compare_runs(python: &Python, binary: &Path, choice: &[String]) -> Command {
    let mut command = script(python, "runs.py");
    command.arg("--binary").arg(binary).args(choice);
    command
}

/// The command that compares what the language server discovers with what the command line lists.
pub fn compare_served(python: &Python, binary: &Path, choice: &[String]) -> Command {
    let mut command = script(python, "served.py");
    command.arg("--binary").arg(binary).args(choice);
    command
}

/// Where prepared projects are: `$FASTEST_CORPUS`, or below `target`.
pub fn cache() -> PathBuf {
    std::env::var_os("FASTEST_CORPUS")
        .map_or_else(|| repository().join("target/corpus"), PathBuf::from)
}

fn script(python: &Python, name: &str) -> Command {
    let mut command = Command::new(&python.path);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(repository().join("tests/corpus").join(name)).arg(cache());
    command
}

/// `--quick`, `--all` or names, as the scripts take them.
pub fn choice(chosen: &[&str]) -> Done<Vec<String>> {
    match chosen {
        [] | ["--quick"] => Ok(vec!["--quick".to_owned()]),
        ["--all"] => Ok(Vec::new()),
        names => match names.iter().find(|name| name.starts_with('-')) {
            Some(option) => Err(format!("{option} is not --quick, --all or a project's name")),
            None => Ok(names.iter().map(|name| format!("--only={name}")).collect()),
        },
    }
}
