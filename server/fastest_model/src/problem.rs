//! Things that are wrong with a project, worded for people.

use std::path::PathBuf;

use crate::span::Span;

/// How much a [`Problem`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// pytest warns and goes on.
    Warning,
    /// pytest reports a collection error: the run is interrupted (exit code 2).
    CollectError,
    /// pytest refuses the command line or the configuration (exit code 4).
    UsageError,
}

/// One thing that is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// The file it is about.
    pub path: Option<PathBuf>,
    /// Where in that file, in bytes from its start.
    pub span: Option<Span>,
    /// What is wrong: a sentence without a final full stop, values in backticks.
    pub message: String,
    /// What to do about it, if that can be said in one line.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without place or hint.
    #[must_use]
    pub fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self { severity, path: None, span: None, message: message.into(), hint: None }
    }

    /// The same problem, about a file.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same problem, at a place of its file.
    #[must_use]
    pub const fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same problem, with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
