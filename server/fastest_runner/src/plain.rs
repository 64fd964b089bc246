//! Plain pytest in one process, to compare a run with (`--verify`).

use std::{collections::BTreeMap, io, process::Stdio};

use serde::Deserialize;
use tokio::process::Command;

use crate::{Bundle, RunRequest, transport::random};

/// What plain pytest made of the tests.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Plain {
    /// Its exit code.
    pub exit: i32,
    /// By node id, what was reported, in order: `call passed`, `setup error`, `collect failed`.
    pub tests: BTreeMap<String, Vec<String>>,
}

const BOOT: &str = "import sys; sys.path[:1 if sys.path[:1] == [''] else 0] = [sys.argv[1]]; \
    from fastest_harness.plain import main; main(sys.argv[2], sys.argv[3:])";

/// Run what a request asks for under plain pytest; what it prints is not shown. Its process does
/// not outlive the future.
///
/// # Errors
/// If it cannot be started, or ends before it could say anything.
pub async fn run_plain(request: &RunRequest) -> io::Result<Plain> {
    let bundle = Bundle::unpack()?;
    let file = std::env::temp_dir().join(format!("fastest-plain-{:016x}", random()));
    let mut command = Command::new(&request.python);
    command.args(["-c", BOOT]).arg(bundle.path()).arg(&file).args(&request.pytest_args);
    if let Some(max) = request.max_failures {
        command.arg(format!("--maxfail={max}"));
    }
    command.current_dir(&request.invocation_dir);
    command.envs(request.env.iter().map(|(name, value)| (name, value)));
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = quiet.kill_on_drop(true).status().await?;
    let answer = std::fs::read(&file);
    // It is not there if pytest broke before it was written.
    let _absent = std::fs::remove_file(&file);
    let answer = answer.map_err(|_| io::Error::other(format!("pytest ended early: {status}")))?;
    serde_json::from_slice(&answer).map_err(io::Error::other)
}
