//! What is known of one unit.

use std::collections::HashSet;

/// Where a unit is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has collected it.
    New,
    /// Its tests are known and not all have run.
    Collected,
    /// Nothing of it is left to do.
    Done,
}

/// A file.
#[derive(Debug)]
pub struct Unit {
    pub id: String,
    pub weight: u64,
    pub stage: Stage,
    /// Its tests, as the worker that collected it last says.
    pub items: Vec<String>,
    /// Those with an outcome.
    pub ended: HashSet<String>,
}

impl Unit {
    pub fn new(id: String, weight: u64) -> Self {
        Self { id, weight, stage: Stage::New, items: Vec::new(), ended: HashSet::new() }
    }

    /// The tests without an outcome, in order.
    pub fn open_items(&self) -> impl Iterator<Item = &String> {
        self.items.iter().filter(|id| !self.ended.contains(*id))
    }

    /// The tests with an outcome, in order.
    pub fn ended_items(&self) -> Vec<String> {
        self.items.iter().filter(|id| self.ended.contains(*id)).cloned().collect()
    }
}
