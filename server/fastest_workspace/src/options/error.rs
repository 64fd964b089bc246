//! The error for a command line or configuration that cannot be used.

use std::fmt;

/// Why pytest would refuse to start (exit code 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError {
    /// What is wrong, in pytest's words where pytest has words for it.
    pub message: String,
    /// What to do about it, in one line.
    pub hint: Option<String>,
    /// Where the fault lies, as pytest lists it (`config source`, `inifile`, `rootdir`).
    pub context: Vec<(&'static str, String)>,
}

impl UsageError {
    /// An error without hint or context.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, context: Vec::new() }
    }

    /// The same error, with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, with where the fault lies; what was said first stays.
    #[must_use]
    pub fn context(mut self, what: &'static str, place: impl Into<String>) -> Self {
        if !self.context.iter().any(|(said, _)| *said == what) {
            self.context.push((what, place.into()));
        }
        self
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        for (what, place) in &self.context {
            write!(f, "\n  {what}: {place}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UsageError {}
