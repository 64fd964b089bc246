//! The binary `fastest-lsp`: arguments to a collection or a run.
//!
//! Under the name `fastest` it means `--run`. This room puts the others together and knows no
//! rule of pytest's.

mod collect;
mod invocation;
mod json;
mod lines;
mod run;
mod text;

use std::process::ExitCode;

fn main() -> ExitCode {
    let code = match invocation::read() {
        Ok(invocation) => dispatch(invocation),
        Err(error) => invocation::refuse(&error),
    };
    ExitCode::from(code.code())
}

fn dispatch(invocation: invocation::Invocation) -> fastest_model::ExitCode {
    let asked = &invocation.project.config.options.asked;
    if asked.help {
        return invocation::print_help(&invocation);
    }
    if asked.version > 0 {
        return invocation::print_version(&invocation);
    }
    if invocation.project.config.options.collecting.only {
        return collect::collect(invocation);
    }
    if invocation.runs { run::run(invocation) } else { invocation::nothing_asked() }
}
