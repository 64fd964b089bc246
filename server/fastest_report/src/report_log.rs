//! `--report-log`: the lines of pytest-reportlog. Reports come from the workers as pytest itself
//! makes JSON of them.

use std::io::{self, Write};

use fastest_model::run::RunEvent;
use serde_json::json;

use crate::End;

/// Writes the log as a run goes on.
#[derive(Debug)]
pub struct ReportLog<W> {
    out: W,
}

impl<W: Write> ReportLog<W> {
    /// One that has written nothing yet.
    pub const fn new(out: W) -> Self {
        Self { out }
    }

    /// Write what follows from an event.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn on(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::SessionStarted { info } => {
                let start = json!({"pytest_version": info.pytest, "$report_type": "SessionStart"});
                writeln!(self.out, "{start}")
            }
            RunEvent::Logged { line } => writeln!(self.out, "{line}"),
            _ => Ok(()),
        }?;
        self.out.flush()
    }

    /// Write the end.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(&mut self, end: &End) -> io::Result<()> {
        let finish = json!({"exitstatus": end.exit, "$report_type": "SessionFinish"});
        writeln!(self.out, "{finish}")?;
        self.out.flush()
    }
}
