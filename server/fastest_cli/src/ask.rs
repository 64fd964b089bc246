//! What only pytest can answer, asked instead of a run: `--markers`, `--fixtures`,
//! `--fixtures-per-test`, `--cache-show`. pytest itself answers, on our own streams.

use std::process::Command;

use fastest_model::ExitCode;
use fastest_workspace::options::Asked;

use crate::invocation::{Invocation, refuse_problem};
use crate::run::given_paths;

/// What the interpreter runs: pytest as its own script starts it, without a folder of ours or
/// the working directory on `sys.path`.
const BOOT: &str = "import sys; sys.path[:1 if sys.path[:1] == [''] else 0] = []; \
    import pytest; sys.argv[0] = 'pytest'; sys.exit(pytest.main())";

/// Whether that is what is asked.
pub fn is_question(asked: &Asked) -> bool {
    asked.markers || asked.fixtures || asked.fixtures_per_test || asked.cache_show.is_some()
}

/// Lets pytest answer; its exit code.
pub fn ask(invocation: &Invocation) -> u8 {
    let config = &invocation.project.config;
    let environment = match &invocation.project.environment {
        Ok(environment) => environment,
        Err(problem) => return refuse_problem(problem).code(),
    };
    let given = &config.options;
    let mut command = Command::new(&environment.python);
    command.args(["-c", BOOT, "-o", "addopts="]).env("PYTEST_ADDOPTS", "");
    command.args(&given.passthrough).args(&given.unknown).args(&given.terminal);
    command.args(given_paths(&invocation.project)).current_dir(&config.invocation_dir);
    match command.status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()),
        Err(error) => {
            eprintln!("ERROR: failed to start `{}`: {error}", environment.python.display());
            Some(ExitCode::UsageError.code())
        }
    }
    .unwrap_or(ExitCode::InternalError.code())
}
