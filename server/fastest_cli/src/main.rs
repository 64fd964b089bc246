//! The binary `fastest-lsp`: arguments to a collection, a run or a language server.
//!
//! Under the name `fastest` it means `--run`. This room puts the others together and knows no
//! rule of pytest's.

mod allocator;
mod ask;
mod collect;
mod crash;
mod daemon;
mod exact;
mod invocation;
mod json;
mod lines;
mod run;
mod text;

use std::process::ExitCode;

use fastest_workspace::options::UsageError;

fn main() -> ExitCode {
    if let Some(options) = invocation::server() {
        return ExitCode::from(match options {
            Ok(options) => {
                allocator::give_back_at_once();
                fastest_lsp::serve(&options)
            }
            Err(error) => invocation::refuse(&error).code(),
        });
    }
    allocator::begin();
    crash::report_panics();
    if let Some(shell) = invocation::asked_completions() {
        return ExitCode::from(invocation::print_completions(shell).code());
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(question) = daemon::Question::of(&arguments) {
        return ExitCode::from(daemon::ask(question).code());
    }
    ExitCode::from(match invocation::read() {
        Ok(invocation) => dispatch(invocation),
        Err(error) => invocation::refuse(&error).code(),
    })
}

fn dispatch(invocation: invocation::Invocation) -> u8 {
    let asked = &invocation.project.config.options.asked;
    if asked.help {
        return invocation::print_help(&invocation).code();
    }
    if asked.version > 0 {
        return invocation::print_version(&invocation).code();
    }
    let options = &invocation.project.config.options;
    if options.collecting.only && options.own.watch {
        let error = "argument --watch: not allowed with argument --collect-only";
        return invocation::refuse(&UsageError::new(error)).code();
    }
    if options.collecting.only {
        return collect::collect(invocation).code();
    }
    if !invocation.runs {
        return invocation::nothing_asked().code();
    }
    if ask::is_question(asked) { ask::ask(&invocation) } else { run::run(invocation) }
}
