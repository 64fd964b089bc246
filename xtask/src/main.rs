//! The project's own commands. Each does all of its own set-up, below `target/`.
//!
//! ```text
//! cargo xtask demo                        a real project's suite: discovered, then run
//! cargo xtask test                        everything that must pass
//! cargo xtask test vscode                 of that, what concerns the extension for VS Code
//! cargo xtask test neovim                 the plugin for Neovim, and Emacs' client
//! cargo xtask test profiles               the server, with what other editors declare
//! cargo xtask picture                     draws docs/images/neovim.svg from a real Neovim
//! cargo xtask environments                what tests need, for running them by hand
//! cargo xtask corpus [--quick|--all|NAME…] node ids against pytest's on real suites
//! cargo xtask corpus --run […]            outcomes, time and memory against pytest and xdist
//! cargo xtask bench collect [--tests N]   discovery's time against pytest's
//! cargo xtask bench corpus [NAME…]        the same on the prepared corpus
//! cargo xtask bench run [--tests N]       a run's time against pytest's and pytest-xdist's
//! cargo xtask bench lsp [--tests N]       what an editor waits for, and the server's memory
//! ```
//!
//! Needed are Rust and a Python of 3.9 or newer with `venv` and `pip`; pip installs by name from
//! wherever it is configured to.

mod bench;
mod corpus;
mod debian;
mod demo;
mod emacs;
mod matrix;
mod neovim;
mod outcome;
mod profiles;
mod python;
mod shell;
mod suite;
mod vscode;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask demo
       cargo xtask test [vscode | neovim | profiles]
       cargo xtask picture
       cargo xtask environments
       cargo xtask corpus [--run] [--quick | --all | NAME...]
       cargo xtask bench collect [--tests N] [--style trivial|mixed] [--runs N]
       cargo xtask bench corpus [--runs N] [NAME...]
       cargo xtask bench run [--tests N] [--style trivial|mixed] [--runs N]
       cargo xtask bench lsp [start | edits | runs | memory] [--tests N] [--runs N]
                             [--processor] [--slowest N]
  each bench takes --binary PATH, to measure that and to build nothing";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["demo"] => demo::demo(),
        ["test"] => suite::test(),
        ["test", "vscode"] => suite::part(vscode::steps),
        ["test", "neovim"] => suite::part(neovim::steps),
        ["test", "profiles"] => suite::part(profiles::steps),
        ["picture"] => neovim::picture(),
        ["environments"] => python::oracle().and_then(|_| matrix::prepare()),
        ["corpus", chosen @ ..] => corpus::corpus(chosen),
        ["bench", "collect", options @ ..] => bench::collect::generated(options),
        ["bench", "run", options @ ..] => bench::execute::generated(options),
        ["bench", "lsp", options @ ..] => bench::lsp::served(options),
        ["bench", "corpus", options @ ..] => bench::collect::corpus(options),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
