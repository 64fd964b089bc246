//! What is known of one worker. Units are indices into the schedule's list.

use std::collections::{HashSet, VecDeque};

/// A worker that was started and has not ended.
#[derive(Debug, Default)]
pub struct Worker {
    /// It has listed the units and takes commands.
    pub listed: bool,
    /// It was told to finish or stop, and gets no work any more.
    pub closing: bool,
    /// Units to collect, not yet asked for.
    pub to_collect: VecDeque<usize>,
    /// Units it was asked to collect, in order, without an answer.
    pub collecting: VecDeque<usize>,
    /// Units it has collected.
    pub collected: HashSet<usize>,
    /// Units to run, not yet asked for.
    pub to_run: VecDeque<usize>,
    /// Units it was asked to run, in order, and has not done.
    pub running: VecDeque<usize>,
    /// The test that runs.
    pub current: Option<String>,
    /// Whether any unit was collected or test ended here: a worker that dies without would
    /// only die again.
    pub progressed: bool,
}

impl Worker {
    /// The units that somebody else must take over if it dies, in order.
    pub fn unfinished(&self) -> impl Iterator<Item = usize> {
        let queues = [&self.collecting, &self.to_collect, &self.running, &self.to_run];
        let mut seen = HashSet::new();
        queues.into_iter().flatten().copied().filter(move |unit| seen.insert(*unit))
    }
}
