//! Coverage.

use serde::{Deserialize, Serialize};

use super::Range;

/// How much of a file was run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// Run.
    pub covered: u64,
    /// There.
    pub total: u64,
}

/// One file of a `coverage` event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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
    /// Tests that ran something of it; `None` where they are too many to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_ids: Option<Vec<String>>,
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

/// The answer to `fastest/fileCoverage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCoverageResult {
    /// In the order of their lines.
    pub statements: Vec<Statement>,
    /// In the order of their lines.
    pub branches: Vec<Branch>,
    /// In the order of their lines.
    pub functions: Vec<Function>,
    /// Tests that ran something of the file.
    pub item_ids: Vec<String>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statement {
    /// Without blanks before and behind it.
    pub range: Range,
    /// 0 or 1.
    pub count: u32,
}

/// A way from one line to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// From 1.
    pub line: u32,
    /// From 1; -1 is the function's or module's exit.
    pub to: i64,
    /// Whether it was taken.
    pub taken: bool,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Function {
    /// With the class that it is in.
    pub name: String,
    /// The whole of it.
    pub range: Range,
    /// 0 or 1.
    pub count: u32,
}
