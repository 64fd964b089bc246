//! `fastest/status`.

use serde::Serialize;

/// How well the server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// All is well.
    #[default]
    Ok,
    /// Something is missing: no pytest, no interpreter.
    Warning,
    /// A root cannot be read.
    Error,
}

/// The whole server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The worst of the roots.
    pub health: Health,
    /// Whether nothing is being read.
    pub quiescent: bool,
    /// For a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// One for each workspace folder.
    pub roots: Vec<RootStatus>,
}

/// One workspace folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RootStatus {
    /// The root's item.
    pub id: String,
    /// pytest's rootdir.
    pub rootdir: String,
    /// pytest's configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_file: Option<String>,
    /// The interpreter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python_version: Option<String>,
    /// pytest's version there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pytest_version: Option<String>,
    /// Tests that the sources tell of.
    pub test_count: usize,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
