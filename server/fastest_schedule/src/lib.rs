//! Decides which worker collects and runs which tests: a machine `(State, Event) -> Vec<Effect>`.
//!
//! It knows units (files), their items, and workers. It deliberately knows no clock, no process,
//! no protocol and no pytest: whoever drives it turns [`Effect`]s into deeds and deeds into
//! [`Event`]s, in the order in which they happen; durations are told to it.
//!
//! A run has two stages, as pytest's has. First every unit is collected, each in one worker, the
//! long ones first; where one fails, nothing runs (pytest's exit code 2). Then each worker runs
//! what it collected, a little at a time, and one that has nothing left takes work from the one
//! that has most: whole units, or of a unit the *blocks* (items that share a fixture, or a single
//! item) that let both end at the same time.
//!
//! Reading order: [`event`], `unit`, `blocks`, `worker`, [`schedule`], `collecting`, [`select`], `running`,
//! `steal`, `loss`; `weigh` knows how long things take, `deal` shares them out.

mod ahead;
mod blocks;
mod collecting;
mod deal;
pub mod event;
mod loss;
mod running;
pub mod schedule;
pub mod select;
mod steal;
mod unit;
mod weigh;
mod worker;

#[cfg(test)]
mod tests;

pub use event::{Command, Dist, Effect, Ending, Event, Found, Plan, WorkerId};
pub use schedule::Schedule;
pub use select::Selection;
