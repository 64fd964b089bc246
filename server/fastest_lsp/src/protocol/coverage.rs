//! Coverage.

use serde::{Deserialize, Serialize};

/// How much of a file was run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// Run.
    pub covered: u64,
    /// There.
    pub total: u64,
}

/// One file of a `coverage` event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileCoverage {
    /// The file.
    pub uri: String,
    /// Of statements.
    pub statements: Covered,
    /// Of branches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branches: Option<Covered>,
    /// Of functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub functions: Option<Covered>,
}

/// `fastest/fileCoverage`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCoverageParams {
    /// The run.
    pub run_id: String,
    /// The file.
    pub uri: String,
    /// Only what this test ran.
    pub item_id: Option<String>,
}
