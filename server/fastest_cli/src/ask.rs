//! What only pytest can answer, asked instead of a run: `--markers`, `--fixtures`,
//! `--fixtures-per-test`, `--cache-show`. pytest itself answers, on our own streams.

use fastest_model::ExitCode;
use fastest_runner::ask_pytest;
use fastest_workspace::options::Asked;

use crate::invocation::{Invocation, refuse_problem};
use crate::run::given_paths;

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
    let mut args = vec!["-o".to_owned(), "addopts=".to_owned()];
    let all = [&given.passthrough, &given.unknown, &given.terminal];
    args.extend(all.into_iter().flatten().cloned());
    args.extend(given_paths(&invocation.project));
    match ask_pytest(&environment.python, &config.invocation_dir, &args) {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()),
        Err(error) => {
            eprintln!("ERROR: failed to start `{}`: {error}", environment.python.display());
            Some(ExitCode::UsageError.code())
        }
    }
    .unwrap_or(ExitCode::InternalError.code())
}
