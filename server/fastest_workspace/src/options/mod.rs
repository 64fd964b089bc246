//! The command line: pytest's options, those of plugins that nearly everybody uses, and ours.
//!
//! [`table`] describes every option once; [`parse`] splits arguments as pytest's parser does
//! (argparse without abbreviations); [`Options`] is what they come to. This module does not know
//! configuration files: `crate::config` puts `addopts` before the arguments and merges both.
//!
//! argparse classifies *all* arguments before it takes values (`-k -x` is an error, `-k "-x or y"`
//! is not, `-1` is a path), which libraries that read one argument after the other cannot do;
//! that is why the splitting is our own.

mod apply;
pub(crate) mod argfile;
mod completions;
mod error;
mod help;
pub mod parse;
pub mod shell;
mod suggest;
pub mod table;
mod values;

#[cfg(test)]
mod tests;

pub use apply::collect;
pub use completions::{Shell, completions};
pub use error::UsageError;
pub use help::help;
pub use parse::{Given, Piece, pieces};
pub use values::{
    Asked, Capture, Collecting, Color, Configuring, Covering, Daemon, Display, Format, ImportMode,
    Own, Running, Selecting, StandIn, Traceback, Workers,
};

/// A version of pytest, as (major, minor).
pub type PytestVersion = (u16, u16);

/// What the arguments say, all sources merged in pytest's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Paths, node ids or dotted names, as written.
    pub args: Vec<String>,
    /// Which of the collected tests run, and in which order.
    pub selecting: Selecting,
    /// What is collected.
    pub collecting: Collecting,
    /// Where configuration comes from, and which plugins take part.
    pub configuring: Configuring,
    /// What is printed.
    pub display: Display,
    /// How tests run.
    pub running: Running,
    /// What coverage measures and reports.
    pub covering: Covering,
    /// Things asked for instead of a run (`--help`, `--markers`).
    pub asked: Asked,
    /// What pytest does not have.
    pub own: Own,
    /// Options of pytest and known plugins that matter inside a worker, one normal form each
    /// (`--tb=short`, `-v`), in order. `addopts` are among them, so a worker is to be started
    /// with `-o addopts=` and without `PYTEST_ADDOPTS`.
    pub passthrough: Vec<String>,
    /// Options that say what pytest prints and when it stops, or that ask it something instead of
    /// a run, in the same form: they are for the process that has the terminal to itself.
    pub terminal: Vec<String>,
    /// Options that nobody here knows, with the values that seem to belong to them. A plugin or
    /// a conftest may define them, so they are no error yet: see [`Options::unrecognized`].
    pub unknown: Vec<String>,
}

impl Options {
    /// pytest's error for options that nobody defines; `declared` says what plugins define.
    ///
    /// # Errors
    /// When an unknown option is left that `declared` denies.
    pub fn unrecognized(
        &self,
        version: PytestVersion,
        declared: impl Fn(&str) -> bool,
    ) -> Result<(), UsageError> {
        let name = |token: &str| token.split('=').next().unwrap_or_default().to_owned();
        let foreign: Vec<&str> = self
            .unknown
            .iter()
            .map(String::as_str)
            .filter(|token| token.starts_with('-') && !declared(&name(token)))
            .collect();
        let Some(first) = foreign.first() else { return Ok(()) };
        let error = UsageError::new(format!("unrecognized arguments: {}", foreign.join(" ")));
        Err(match suggest::nearest(&name(first), version) {
            Some(known) => error.hint(format!("did you mean `{known}`?")),
            None => error.hint("no plugin that defines it is known here; `--help` lists options"),
        })
    }
}
