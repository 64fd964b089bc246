//! Decides which worker collects and runs which files: a machine `(State, Event) -> Vec<Effect>`.
//!
//! It knows units (files), workers and node ids. It deliberately knows no clock, no process, no
//! protocol and no pytest: whoever drives it turns [`Effect`]s into deeds and deeds into
//! [`Event`]s, in the order in which they happen.
//!
//! A run has two stages, as pytest's has. First every unit is collected, each in one worker;
//! where one fails, nothing runs (pytest's exit code 2). Then each worker runs what it collected,
//! and one that has nothing left takes a unit from the worker that has most.
//!
//! Reading order: [`event`], [`schedule`], `unit`, `worker`, `deal`, `loss`.

mod deal;
pub mod event;
mod loss;
pub mod schedule;
mod unit;
mod worker;

#[cfg(test)]
mod tests;

pub use event::{Command, Effect, Ending, Event, Plan, WorkerId};
pub use schedule::Schedule;
