//! Runs: what is to run, the run itself, and what is told of it.
//!
//! Reading order: [`selection`] (items to node ids), [`request`] (to the runner's words),
//! [`task`] (one run from begin to end), [`terminal`] (one that somebody else runs),
//! [`translate`] (its events in the protocol's words),
//! [`messages`] (failures), [`covered`] (coverage), [`batch`] (on the way out).

pub mod batch;
pub mod covered;
pub mod messages;
pub mod progress;
pub mod request;
pub mod selection;
pub mod task;
pub mod terminal;
pub mod translate;
