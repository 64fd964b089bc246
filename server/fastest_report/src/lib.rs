//! Run events to what people read in a terminal or a CI log, in pytest's own look.
//!
//! It is told events and writes to a given [`std::io::Write`]. It deliberately knows no process
//! and no environment, and no clock and no terminal but in `live`: what the terminal is like is
//! in the [`Style`].
//!
//! Reading order: [`style`], [`reporter`], `verdict` (what a report counts as), `lines`, `edge`
//! and `sequence` (while tests run), `tally` (what is kept), `failures`, `warnings`,
//! `durations`, `short` and `closing` (the sections of the end), `screen`, `paint`, `paths`.

mod closing;
mod durations;
mod edge;
mod failures;
mod github;
mod head;
mod json_lines;
pub mod junit;
mod lines;
mod live;
mod paint;
mod paths;
mod report_log;
pub mod reporter;
mod screen;
mod sequence;
mod short;
pub mod style;
mod tally;
mod verdict;
mod warnings;
mod wrap;

#[cfg(test)]
mod tests;

pub use github::Github;
pub use json_lines::JsonLines;
pub use junit::Junit;
pub use report_log::ReportLog;
pub use reporter::{End, Reporter};
pub use style::{Durations, ProgressKind, ShowCapture, Style, Tracebacks, report_chars};
