//! Reading the files that configure pytest: which table of which file counts.
//!
//! The rules are those of the loaders in `_pytest/config/findpaths.py`. pytest 9 added
//! `pytest.toml`, `.pytest.toml` and `[tool.pytest]`; 9.2 made `-c` strict about what it reads.

use std::path::Path;

use super::ini::{Mode, Value};
use super::{iniconfig, toml_file};
use crate::options::{PytestVersion, UsageError};

/// What a file says: names and values, in the file's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// How values are to be read.
    pub mode: Mode,
    /// The values as the file has them.
    pub entries: Vec<(String, Value)>,
}

/// The names of configuration files, best first.
#[must_use]
pub fn names(version: PytestVersion) -> &'static [&'static str] {
    const NAMES: &[&str] = &[
        "pytest.toml",
        ".pytest.toml",
        "pytest.ini",
        ".pytest.ini",
        "pyproject.toml",
        "tox.ini",
        "setup.cfg",
    ];
    if version >= (9, 0) { NAMES } else { &NAMES[2..] }
}

/// Reads a file of one of [`names`]; `None` when it does not configure pytest.
///
/// # Errors
/// When it cannot be read or parsed, or says contradicting things.
pub fn load_named(
    name: &str,
    path: &Path,
    version: PytestVersion,
) -> Result<Option<Table>, UsageError> {
    match name {
        "pytest.toml" | ".pytest.toml" => toml_file::dedicated(path, version).map(Some),
        "pytest.ini" => ini_section(path).map(Option::unwrap_or_default).map(Some),
        ".pytest.ini" if version >= (9, 0) => {
            ini_section(path).map(Option::unwrap_or_default).map(Some)
        }
        "pyproject.toml" => toml_file::pyproject(path, version),
        "setup.cfg" => cfg_section(path),
        _ => ini_section(path),
    }
}

/// Reads the file that `-c` names.
///
/// # Errors
/// As [`load_named`]; and when there is no such file, or none that pytest can read.
pub fn load_given(path: &Path, version: PytestVersion) -> Result<Table, UsageError> {
    let shown = path.display();
    if !path.exists() || path.is_dir() {
        let what = if path.is_dir() { "is a directory" } else { "not found" };
        return Err(UsageError::new(format!(
            "Config file '{shown}' {what}. Check your '-c/--config-file' option."
        )));
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if names(version).contains(&name) {
        return Ok(load_named(name, path, version)?.unwrap_or_default());
    }
    let table = match path.extension().and_then(|extension| extension.to_str()) {
        Some("ini") => ini_section(path)?,
        Some("cfg") => cfg_section(path)?,
        Some("toml") => toml_file::custom(path, version)?,
        _ if path.is_file() && version >= (9, 2) => {
            return Err(UsageError::new(format!(
                "Config file '{shown}' has an unsupported format. \
                 Supported extensions are: .cfg, .ini, .toml."
            )));
        }
        _ => None,
    };
    Ok(table.unwrap_or_default())
}

/// `[pytest]` of an INI file.
fn ini_section(path: &Path) -> Result<Option<Table>, UsageError> {
    let text = read(path)?;
    let sections = iniconfig::parse(&text).map_err(|fault| fault.in_file(path))?;
    Ok(sections.into_iter().find(|section| section.name == "pytest").map(table))
}

/// `[tool:pytest]` of `setup.cfg`.
fn cfg_section(path: &Path) -> Result<Option<Table>, UsageError> {
    let text = read(path)?;
    let sections = iniconfig::parse(&text).map_err(|fault| fault.in_file(path))?;
    let old = sections.iter().any(|section| section.name == "pytest");
    let section = sections.into_iter().find(|section| section.name == "tool:pytest");
    if section.is_none() && old {
        return Err(UsageError::new(
            "[pytest] section in setup.cfg files is no longer supported, \
             change to [tool:pytest] instead.",
        )
        .context("inifile", path.display().to_string()));
    }
    Ok(section.map(table))
}

fn table(section: iniconfig::Section) -> Table {
    let entries =
        section.entries.into_iter().map(|(name, value)| (name, Value::Text(value))).collect();
    Table { mode: Mode::Ini, entries }
}

/// The text of a configuration file; Python opens all of them as UTF-8.
pub(super) fn read(path: &Path) -> Result<String, UsageError> {
    std::fs::read_to_string(path)
        .map_err(|error| UsageError::new(format!("cannot read `{}`: {error}", path.display())))
}
