//! Run events to what people read in a terminal or a CI log, in pytest's own look.
//!
//! It is told events and writes to a given [`std::io::Write`]. It deliberately knows no process,
//! no clock, no environment and no terminal: what the terminal is like is in the [`Style`].
//!
//! Reading order: [`style`], [`reporter`], `progress` (while tests run), `tally` (what is kept),
//! `failures`, `warnings`, `short` and `closing` (the sections of the end), `paint`, `paths`.

mod closing;
mod failures;
mod live;
mod paint;
mod paths;
mod progress;
pub mod reporter;
mod short;
pub mod style;
mod tally;
mod warnings;

#[cfg(test)]
mod tests;

pub use reporter::{End, Reporter};
pub use style::{ShowCapture, Style, report_chars};
