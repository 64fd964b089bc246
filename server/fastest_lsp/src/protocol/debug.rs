//! Debugging.

use serde::{Deserialize, Serialize};

use super::runs::Source;

/// `fastest/resolveDebug`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveDebugParams {
    /// One item.
    pub item_id: Option<String>,
    /// Several.
    pub include: Option<Vec<String>>,
    /// Taken away afterwards.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// pytest's options.
    #[serde(default)]
    pub extra_args: Vec<String>,
    /// Which text.
    #[serde(default)]
    pub source: Source,
    /// Where debugpy is.
    pub debugpy_path: Option<String>,
}

/// What to attach a debugger with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DebugConfiguration {
    /// For a person.
    pub name: String,
    /// `debugpy`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `attach`.
    pub request: &'static str,
    /// Where it listens.
    pub connect: Connect,
    /// Whether libraries are stepped over.
    pub just_my_code: bool,
    /// Whether child processes are debugged too.
    pub sub_process: bool,
}

/// A loopback address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connect {
    /// `127.0.0.1`.
    pub host: &'static str,
    /// The port.
    pub port: u16,
}
