//! How long tests take: recorded, or guessed from what was seen.

use std::collections::HashMap;

use crate::unit::Item;

/// What a test of which nothing is known counts for, in microseconds, until some were seen:
/// most tests of most suites are about that short.
const GUESS: u64 = 2_000;

/// For how many seen tests the guess counts.
const GUESS_COUNTS: u32 = 4;

/// What is known of durations, in microseconds.
#[derive(Debug, Default)]
pub struct Weigher {
    recorded: HashMap<String, u64>,
    /// Of tests without a record that ended in this run.
    seen: u64,
    seen_count: u32,
}

impl Weigher {
    pub fn new(recorded: HashMap<String, u64>) -> Self {
        Self { recorded, seen: 0, seen_count: 0 }
    }

    /// How long a test took last time.
    pub fn recorded(&self, node_id: &str) -> Option<u64> {
        self.recorded.get(node_id).copied()
    }

    /// Learn from a test that ended.
    pub fn learn(&mut self, item: &Item, took: u64) {
        if item.known.is_none() {
            self.seen = self.seen.saturating_add(took);
            self.seen_count = self.seen_count.saturating_add(1);
        }
    }

    /// From how many tests it learned.
    pub const fn seen(&self) -> usize {
        self.seen_count as usize
    }

    /// How long a test is expected to take; at least 1.
    pub fn weigh(&self, item: &Item) -> u64 {
        item.known.unwrap_or_else(|| self.unknown()).max(1)
    }

    fn unknown(&self) -> u64 {
        let all = self.seen.saturating_add(GUESS * u64::from(GUESS_COUNTS));
        all / u64::from(self.seen_count.saturating_add(GUESS_COUNTS))
    }
}
