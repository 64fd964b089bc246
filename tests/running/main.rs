//! Whole runs of the real binary on a real interpreter: what befalls a run and nothing of it
//! is lost, which tests are selected, how a run is cancelled.

mod ahead;
#[cfg(unix)]
mod cancel;
mod faults;
mod neighbours;
mod project;
mod questions;
mod selection;
