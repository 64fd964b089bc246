//! `--run`: the tests that the command line means, in parallel workers.

use fastest_model::ExitCode;

use crate::invocation::Invocation;

/// Runs the tests.
pub fn run(_invocation: Invocation) -> ExitCode {
    ExitCode::InternalError
}
