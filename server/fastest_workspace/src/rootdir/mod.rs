//! Which directory node ids count from, and which file configures pytest.
//!
//! The rules are those of `_pytest/config/findpaths.py`; where pytest changed them, the version
//! decides. This module finds files and calls `crate::config` to read them; it does not know
//! what options mean.

mod expand;
pub mod paths;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::config::files::{self, Table};
use crate::config::ini::{Ini, parse_overrides};
use crate::options::{PytestVersion, UsageError};

use paths::{absolute, common_ancestor, is_root};

/// What decides the rootdir.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Where pytest was called.
    pub invocation_dir: &'a Path,
    /// `-c`.
    pub config_file: Option<&'a str>,
    /// `--rootdir`.
    pub rootdir: Option<&'a str>,
    /// `-o`.
    pub overrides: &'a [String],
    /// Paths and node ids, as far as pytest knows them before it loads plugins.
    pub args: &'a [String],
    /// The environment, for variables in `--rootdir`.
    pub variables: &'a HashMap<String, String>,
    /// Which pytest's rules.
    pub version: PytestVersion,
}

/// Where the project begins and what configures it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// pytest's rootdir.
    pub rootdir: PathBuf,
    /// The file that configures pytest; it may hold nothing about pytest.
    pub inipath: Option<PathBuf>,
    /// What it says, with `-o` put over it.
    pub ini: Ini,
    /// Names of files beside it that configure pytest too and are not read (pytest 9).
    pub ignored: Vec<&'static str>,
}

/// pytest's `determine_setup`.
///
/// # Errors
/// In pytest's words: a file that cannot be parsed, a `-c` or `--rootdir` that is not there, an
/// `-o` without `=`.
pub fn determine(question: &Question<'_>) -> Result<Setup, UsageError> {
    let mut found = match question.config_file.filter(|file| !file.is_empty()) {
        Some(file) => given(question, file)?,
        None => searched(question)?,
    };
    if let Some(rootdir) = question.rootdir.filter(|dir| !dir.is_empty()) {
        found.rootdir = commanded(question, rootdir)?;
    }
    let mut ini = Ini::new(found.inipath.clone(), question.invocation_dir, question.version);
    ini.set_file(found.table);
    ini.set_overrides(parse_overrides(question.overrides)?);
    Ok(Setup { rootdir: found.rootdir, inipath: found.inipath, ini, ignored: found.ignored })
}

struct Found {
    rootdir: PathBuf,
    inipath: Option<PathBuf>,
    table: Table,
    ignored: Vec<&'static str>,
}

/// What `-c` says.
fn given(question: &Question<'_>, file: &str) -> Result<Found, UsageError> {
    let path = absolute(question.invocation_dir, file);
    let table = files::load_given(&path, question.version)?;
    let rootdir = if question.version >= (9, 2) && !path.is_file() {
        // A device or pipe says nothing about where the project lies.
        let dirs = directories(question);
        let ancestor = common_ancestor(question.invocation_dir, &dirs);
        if is_root(&ancestor) { question.invocation_dir.to_owned() } else { ancestor }
    } else {
        path.parent().unwrap_or(&path).to_owned()
    };
    Ok(Found { rootdir, inipath: Some(path), table, ignored: Vec::new() })
}

/// What is found by looking upwards from the arguments.
fn searched(question: &Question<'_>) -> Result<Found, UsageError> {
    let dirs = directories(question);
    let invocation_dir = question.invocation_dir;
    let ancestor = common_ancestor(invocation_dir, &dirs);
    if let Some(found) = locate(std::slice::from_ref(&ancestor), question.version)? {
        return Ok(found);
    }
    let bare = |rootdir: PathBuf| Found {
        rootdir,
        inipath: None,
        table: Table::default(),
        ignored: Vec::new(),
    };
    if question.rootdir.is_some_and(|dir| !dir.is_empty()) {
        return Ok(bare(ancestor));
    }
    if let Some(project) = ancestor.ancestors().find(|dir| dir.join("setup.py").is_file()) {
        return Ok(bare(project.to_owned()));
    }
    if dirs != [ancestor.clone()]
        && let Some(mut found) = locate(&dirs, question.version)?
    {
        found.ignored.clear();
        return Ok(found);
    }
    let rootdir = common_ancestor(invocation_dir, &[invocation_dir.to_owned(), ancestor.clone()]);
    Ok(bare(if is_root(&rootdir) { ancestor } else { rootdir }))
}

/// pytest's `locate_config`: the first file that configures pytest, upwards from each of `dirs`.
fn locate(dirs: &[PathBuf], version: PytestVersion) -> Result<Option<Found>, UsageError> {
    let mut bare_pyproject = None;
    for base in dirs.iter().flat_map(|dir| dir.ancestors()) {
        for (index, name) in files::names(version).iter().enumerate() {
            let path = base.join(name);
            if !path.is_file() {
                continue;
            }
            if let Some(table) = files::load_named(name, &path, version)? {
                let ignored = ignored(base, &files::names(version)[index + 1..], version)?;
                let rootdir = base.to_owned();
                return Ok(Some(Found { rootdir, inipath: Some(path), table, ignored }));
            }
            if *name == "pyproject.toml" {
                bare_pyproject.get_or_insert(path);
            }
        }
    }
    // pytest 8.1 (#11962): a pyproject.toml that does not configure pytest marks the rootdir.
    Ok(bare_pyproject.filter(|_| version >= (8, 1)).map(|path| Found {
        rootdir: path.parent().unwrap_or(&path).to_owned(),
        inipath: Some(path),
        table: Table::default(),
        ignored: Vec::new(),
    }))
}

/// The files of lower rank in the same directory that configure pytest as well.
fn ignored(
    base: &Path,
    names: &'static [&'static str],
    version: PytestVersion,
) -> Result<Vec<&'static str>, UsageError> {
    let mut ignored = Vec::new();
    if version < (9, 0) {
        return Ok(ignored);
    }
    for name in names {
        let path = base.join(name);
        if path.is_file() && files::load_named(name, &path, version)?.is_some() {
            ignored.push(*name);
        }
    }
    Ok(ignored)
}

/// The directories that the arguments name, or that hold what they name.
fn directories(question: &Question<'_>) -> Vec<PathBuf> {
    question
        .args
        .iter()
        .filter(|arg| !arg.starts_with('-'))
        .map(|arg| absolute(question.invocation_dir, arg.split("::").next().unwrap_or_default()))
        .filter(|path| path.exists())
        .map(|path| match path.parent() {
            Some(parent) if !path.is_dir() => parent.to_owned(),
            _ => path,
        })
        .collect()
}

fn commanded(question: &Question<'_>, rootdir: &str) -> Result<PathBuf, UsageError> {
    let path = absolute(question.invocation_dir, expand::variables(rootdir, question.variables));
    if path.is_dir() {
        return Ok(path);
    }
    Err(UsageError::new(format!(
        "Directory '{}' not found. Check your '--rootdir' option.",
        path.display()
    )))
}
