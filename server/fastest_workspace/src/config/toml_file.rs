//! The tables of TOML files that configure pytest.

use std::path::Path;

use toml::Table as Toml;

use super::files::{Table, read};
use super::ini::{Mode, Value};
use super::python_text;
use crate::options::{PytestVersion, UsageError};

/// `pytest.toml` and `.pytest.toml`: `[pytest]`, or nothing. They configure pytest even if empty.
pub fn dedicated(path: &Path, version: PytestVersion) -> Result<Table, UsageError> {
    let document = parse(path, &read(path)?)?;
    if version < (9, 2) {
        return Ok(document.get("pytest").map(native).unwrap_or_default());
    }
    Ok(pytest_table(path, &document)?.unwrap_or_default())
}

/// `pyproject.toml`: `[tool.pytest]` (pytest 9) or `[tool.pytest.ini_options]`.
pub fn pyproject(path: &Path, version: PytestVersion) -> Result<Option<Table>, UsageError> {
    let text = read(path)?;
    // Parsing takes longer than everything else in this room; most projects above the rootdir
    // (and many at it) do not mention pytest. A syntax error in such a file is not reported.
    if !text.contains("pytest") {
        return Ok(None);
    }
    tool_table(path, &parse(path, &text)?, version)
}

/// Any other TOML file, given by `-c`: as `pyproject.toml`, or (pytest 9.2) as `pytest.toml`.
pub fn custom(path: &Path, version: PytestVersion) -> Result<Option<Table>, UsageError> {
    let document = parse(path, &read(path)?)?;
    let table = tool_table(path, &document, version)?;
    if version < (9, 2) {
        return Ok(table);
    }
    match table {
        None => pytest_table(path, &document),
        Some(_) if document.contains_key("pytest") => Err(UsageError::new(format!(
            "{}: Cannot use both [pytest] and [tool.pytest]/[tool.pytest.ini_options] in the \
             same file.",
            path.display()
        ))
        .hint("keep [pytest]; the [tool.pytest] tables are meant for pyproject.toml")),
        table => Ok(table),
    }
}

fn pytest_table(path: &Path, document: &Toml) -> Result<Option<Table>, UsageError> {
    if let Some(table) = document.get("pytest") {
        return Ok(Some(native(table)));
    }
    let stray: Vec<&str> =
        document.iter().filter(|(_, v)| !v.is_table()).map(|(name, _)| name.as_str()).collect();
    if stray.is_empty() {
        return Ok(None);
    }
    Err(UsageError::new(format!(
        "{}: pytest configuration must be under a [pytest] table (found top-level options: {})",
        path.display(),
        stray.join(", ")
    )))
}

fn tool_table(
    path: &Path,
    document: &Toml,
    version: PytestVersion,
) -> Result<Option<Table>, UsageError> {
    let Some(tool) = document.get("tool").and_then(|tool| tool.get("pytest")?.as_table()) else {
        return Ok(None);
    };
    let options = tool.get("ini_options");
    if version < (9, 0) || !tool.keys().any(|key| key != "ini_options") {
        return Ok(options.map(as_ini));
    }
    if options.and_then(toml::Value::as_table).is_some_and(|options| !options.is_empty()) {
        return Err(UsageError::new(format!(
            "{}: Cannot use both [tool.pytest] (native TOML types) and \
             [tool.pytest.ini_options] (string-based INI format) simultaneously. \
             Please use [tool.pytest] with native TOML types (recommended) \
             or [tool.pytest.ini_options] for backwards compatibility.",
            path.display()
        )));
    }
    let mut entries = entries(tool);
    entries.retain(|(name, _)| name != "ini_options");
    Ok(Some(Table { mode: Mode::Toml, entries }))
}

fn native(table: &toml::Value) -> Table {
    Table { mode: Mode::Toml, entries: table.as_table().map(entries).unwrap_or_default() }
}

fn entries(table: &Toml) -> Vec<(String, Value)> {
    table.iter().map(|(name, value)| (name.clone(), Value::Native(value.clone()))).collect()
}

/// Values of `[tool.pytest.ini_options]` as pytest reads them: lists, and the rest as text.
fn as_ini(table: &toml::Value) -> Table {
    let value = |value: &toml::Value| match value {
        toml::Value::Array(items) => Value::List(items.iter().map(python_text::str).collect()),
        other => Value::Text(python_text::str(other)),
    };
    let entries = table.as_table().into_iter().flatten();
    Table { mode: Mode::Ini, entries: entries.map(|(n, v)| (n.clone(), value(v))).collect() }
}

fn parse(path: &Path, text: &str) -> Result<Toml, UsageError> {
    text.parse::<Toml>().map_err(|error| {
        let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count());
        let place = line.map(|line| format!(" (at line {line})")).unwrap_or_default();
        UsageError::new(format!("{}: {}{place}", path.display(), error.message()))
    })
}
