//! Coverage: what is measured, and the process that combines and reports it, in texts (`--cov`) or,
//! for editors, line by line ([`details`]).

mod data;
mod details;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::{
    bundle::Bundle,
    request::{RunError, RunRequest},
};

pub use data::DataFolder;
pub use details::{Details, FileLines, Mask, MeasuredFile, details};

/// What the tests that covered a line are recorded by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Contexts {
    /// `NODEID|setup`, `NODEID|run` and `NODEID|teardown`: pytest-cov's.
    Phase,
    /// The node id.
    Test,
}

/// What is measured in the workers and reported in the end: the options of pytest-cov, and what
/// editors want besides.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// `--cov`: paths and packages; `None` for what the configuration says, or everything.
    pub source: Option<Vec<String>>,
    /// The source where neither `source` nor the configuration names one; empty for everything
    /// that is not installed.
    pub fallback: Vec<String>,
    /// `--cov-branch`.
    pub branch: bool,
    /// `--cov-config`.
    pub config_file: String,
    /// `--cov-append`.
    pub append: bool,
    /// `--cov-context=test`.
    pub contexts: Option<Contexts>,
    /// Where data are kept, if not in the project's own data file ([`DataFolder::file`]).
    pub data_file: Option<PathBuf>,
    /// `--cov-report`: kinds, and where each goes.
    pub reports: Vec<(String, Option<String>)>,
    /// `--cov-fail-under`: a whole number or not, as it was given.
    pub fail_under: Option<serde_json::Number>,
    /// `--cov-precision`.
    pub precision: Option<u32>,
    /// `--no-cov-on-fail`.
    pub quiet_on_failure: bool,
}

/// Where the report is made.
#[derive(Clone, Debug)]
pub struct Place {
    python: PathBuf,
    dir: PathBuf,
    env: Vec<(OsString, OsString)>,
    columns: usize,
}

impl Place {
    /// Where the workers of a run are.
    #[must_use]
    pub fn of(request: &RunRequest) -> Self {
        Self {
            python: request.python.clone(),
            dir: request.invocation_dir.clone(),
            env: request.env.clone(),
            columns: request.columns,
        }
    }
}

/// What the report came to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct CoverageReport {
    /// The reports for the terminal, and where others went.
    pub text: String,
    /// The percentage in total.
    pub total: Option<f64>,
    /// Why the run fails: too little is covered.
    pub failure: Option<String>,
    /// Whether enough is covered, in a line.
    pub reached: Option<String>,
    /// Whether that line says no.
    #[serde(default)]
    pub short: bool,
    /// Why there is no report.
    pub problem: Option<String>,
}

#[derive(Serialize)]
struct Asked<'a> {
    #[serde(flatten)]
    coverage: &'a Coverage,
    failed: bool,
}

/// What the process runs: the harness's folder and the module come as its arguments.
const BOOT: &str = "import sys; sys.path.append(sys.argv.pop(1)); \
                    import importlib; importlib.import_module(sys.argv.pop(1)).main()";

/// Combines what the workers of a run measured, and reports it. `failed` says whether tests did.
///
/// # Errors
/// If the interpreter does not start, or does not answer.
pub async fn report(
    place: &Place,
    coverage: &Coverage,
    failed: bool,
) -> Result<CoverageReport, RunError> {
    ask(place, "fastest_harness.coverage_report", &Asked { coverage, failed }).await
}

/// What a module of the harness answers to a question, in a process of its own, which ends with
/// the future.
async fn ask<T: DeserializeOwned>(
    place: &Place,
    module: &str,
    asked: &impl Serialize,
) -> Result<T, RunError> {
    let bundle = Bundle::unpack().map_err(RunError::Unpack)?;
    let output = start(place, bundle.path(), module, asked)
        .await
        .map_err(|source| RunError::NoPython { python: place.python.clone(), source })?;
    serde_json::from_slice(&output).map_err(|error| {
        RunError::Protocol(format!("the report of coverage cannot be read: {error}"))
    })
}

async fn start(
    place: &Place,
    harness: &Path,
    module: &str,
    asked: &impl Serialize,
) -> io::Result<Vec<u8>> {
    let mut process = Command::new(&place.python)
        .args(["-c", BOOT])
        .arg(harness)
        .arg(module)
        .current_dir(&place.dir)
        .envs(place.env.iter().map(|(name, value)| (name, value)))
        .env("COLUMNS", place.columns.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = process.stdin.take() {
        stdin.write_all(&serde_json::to_vec(asked)?).await?;
    }
    Ok(process.wait_with_output().await?.stdout)
}
