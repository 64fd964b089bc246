//! The values that every room speaks of: spans, items, problems, outcomes and run events.
//!
//! This room holds data and nothing else: no IO, no async, no wire formats, no pytest rules.
//!
//! Reading order: [`span`], [`problem`], [`run`], [`memory`], [`exit`].

pub mod exit;
pub mod memory;
pub mod problem;
pub mod run;
pub mod span;

pub use exit::ExitCode;
pub use memory::{Learned, Memory};
pub use problem::{Problem, Severity};
pub use run::RunEvent;
pub use span::Span;
