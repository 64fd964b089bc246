//! Which file is the project's interpreter.

use std::path::{Path, PathBuf};

use fastest_model::problem::{Problem, Severity};

use crate::environment::{Origin, Request, Variables, pyenv};

type Located = (PathBuf, Origin);

pub(super) fn locate(request: &Request<'_>) -> Result<Located, Problem> {
    if let Some(given) = request.python {
        return explicit(request, given).map(|python| (python, Origin::Option));
    }
    let levels = project_levels(request.rootdir);
    variable(request.variables, "VIRTUAL_ENV")
        .or_else(|| uv_environment(request))
        .or_else(|| levels.iter().find_map(|level| virtualenv_beside(level)))
        .or_else(|| variable(request.variables, "CONDA_PREFIX"))
        .or_else(|| levels.iter().find_map(|level| tool_place(level)))
        .or_else(|| on_path(request).map(|python| (python, Origin::Path)))
        .ok_or_else(none_found)
}

fn none_found() -> Problem {
    Problem::new(Severity::UsageError, "there is no Python interpreter for this project")
        .hint("name one with `--python PATH`, or activate a virtual environment")
}

fn explicit(request: &Request<'_>, given: &Path) -> Result<PathBuf, Problem> {
    let path = request.cwd.join(given);
    let found = if path.is_dir() {
        interpreter_in(&path)
    } else if is_executable(&path) {
        Some(path)
    } else if given.components().count() == 1 {
        command_on_path(request, &[&given.to_string_lossy()])
    } else {
        None
    };
    found.ok_or_else(|| {
        let text = format!("`--python {}` is no Python interpreter", given.display());
        Problem::new(Severity::UsageError, text)
            .hint("give the path of an interpreter or of a virtual environment")
    })
}

fn variable(variables: &Variables, name: &'static str) -> Option<Located> {
    let python = interpreter_in(variables.path(name)?)?;
    Some((python, Origin::Variable(name)))
}

fn uv_environment(request: &Request<'_>) -> Option<Located> {
    let name = "UV_PROJECT_ENVIRONMENT";
    let directory = request.rootdir.join(request.variables.path(name)?);
    Some((interpreter_in(&directory)?, Origin::Variable(name)))
}

/// The rootdir and what is above it within its repository.
fn project_levels(rootdir: &Path) -> Vec<&Path> {
    let is_top = |path: &Path| path.join(".git").exists() || path.join(".hg").exists();
    match rootdir.ancestors().position(is_top) {
        Some(top) => rootdir.ancestors().take(top + 1).collect(),
        None => vec![rootdir],
    }
}

fn virtualenv_beside(level: &Path) -> Option<Located> {
    [".venv", "venv"].iter().find_map(|name| {
        let place = level.join(name);
        let python = interpreter_in(&place).or_else(|| named_by_file(level, &place))?;
        Some((python, Origin::Project(place)))
    })
}

/// A `.venv` file holds the path of an environment.
fn named_by_file(level: &Path, place: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(place).ok()?;
    interpreter_in(&level.join(text.lines().next()?.trim()))
}

fn tool_place(level: &Path) -> Option<Located> {
    pdm_interpreter(level)
        .or_else(|| {
            let place = level.join(".pixi/envs/default");
            Some((interpreter_in(&place)?, Origin::Project(place)))
        })
        .or_else(|| hatch_environment(&level.join(".hatch")))
}

/// PDM keeps the path of the interpreter itself.
fn pdm_interpreter(level: &Path) -> Option<Located> {
    let place = level.join(".pdm-python");
    let text = std::fs::read_to_string(&place).ok()?;
    let python = level.join(text.trim());
    is_executable(&python).then_some((python, Origin::Project(place)))
}

/// Hatch with `dirs.env.virtual = ".hatch"`: one directory for each environment. The one for tests
/// is preferred.
fn hatch_environment(place: &Path) -> Option<Located> {
    let mut directories: Vec<PathBuf> =
        std::fs::read_dir(place).ok()?.flatten().map(|entry| entry.path()).collect();
    let is_for_tests = |path: &Path| path.to_string_lossy().contains("test");
    directories.sort_by_key(|path| (!is_for_tests(path), path.clone()));
    directories.into_iter().find_map(|path| Some((interpreter_in(&path)?, Origin::Project(path))))
}

/// The interpreter of an environment's directory, in any system's layout.
pub(super) fn interpreter_in(directory: &Path) -> Option<PathBuf> {
    ["bin/python", "bin/python3", "Scripts/python.exe", "python.exe"]
        .iter()
        .map(|place| directory.join(place))
        .find(|path| is_executable(path))
}

fn on_path(request: &Request<'_>) -> Option<PathBuf> {
    command_on_path(request, &["python3", "python"])
}

/// The first of the commands that is on `$PATH`, the first command preferred.
fn command_on_path(request: &Request<'_>, commands: &[&str]) -> Option<PathBuf> {
    let path = request.variables.get("PATH")?;
    let directories: Vec<PathBuf> =
        std::env::split_paths(path).filter(|directory| directory.is_absolute()).collect();
    commands.iter().find_map(|command| {
        directories.iter().find_map(|directory| command_in(request, directory, command))
    })
}

fn command_in(request: &Request<'_>, directory: &Path, command: &str) -> Option<PathBuf> {
    let suffix = if cfg!(windows) && !command.ends_with(".exe") { ".exe" } else { "" };
    let path = directory.join(format!("{command}{suffix}"));
    if !is_executable(&path) {
        return None;
    }
    if pyenv::is_shim(&path) {
        return pyenv::resolve(request, &path, command);
    }
    // Other managers' shims (mise, asdf, rye) are links to the manager or shell scripts.
    is_interpreter(&path).then_some(path)
}

/// Whether a file on `$PATH` is Python itself: not a script, not a link to some other program.
fn is_interpreter(path: &Path) -> bool {
    let resolved = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = resolved.file_name().map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| name.contains("python") || name.contains("pypy"))
        && !pyenv::starts_with_shebang(&resolved)
}

pub(super) fn is_executable(path: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else { return false };
    metadata.is_file() && has_execute_bit(&metadata)
}

#[cfg(unix)]
fn has_execute_bit(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn has_execute_bit(_metadata: &std::fs::Metadata) -> bool {
    true
}
