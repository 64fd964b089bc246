//! How long tests take: recorded, or guessed from what was seen.

use std::collections::{HashMap, VecDeque};

use crate::unit::Unit;

/// What a test of which nothing is known counts for, in microseconds, until some were seen:
/// most tests of most suites are about that short.
const GUESS: u64 = 2_000;

/// For how many seen tests the guess counts.
const GUESS_COUNTS: u32 = 4;

/// How many of a unit's last tests tell how long its next ones will take.
const RECENT: usize = 8;

/// How many of them there must be for that.
const ENOUGH: usize = 3;

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
    pub fn learn(&mut self, unit: &mut Unit, item: usize, took: u64) {
        if unit.items[item].known.is_none() {
            self.seen = self.seen.saturating_add(took);
            self.seen_count = self.seen_count.saturating_add(1);
            unit.recent.push(took);
        }
    }

    /// From how many tests it learned.
    pub const fn seen(&self) -> usize {
        self.seen_count as usize
    }

    /// How long a test is expected to take; at least 1.
    pub fn weigh(&self, unit: &Unit, item: usize) -> u64 {
        let guess = || unit.recent.typical().unwrap_or_else(|| self.unknown());
        unit.items[item].known.unwrap_or_else(guess).max(1)
    }

    /// How long a test may take, where it is better to think it longer: one long test of the unit is
    /// reason enough to take all for long.
    pub fn weigh_pessimistically(&self, unit: &Unit, item: usize) -> u64 {
        let guess = || unit.recent.mean().unwrap_or_else(|| self.unknown());
        unit.items[item].known.unwrap_or_else(guess).max(1)
    }

    fn unknown(&self) -> u64 {
        let all = self.seen.saturating_add(GUESS * u64::from(GUESS_COUNTS));
        all / u64::from(self.seen_count.saturating_add(GUESS_COUNTS))
    }
}

/// How long a unit's last tests took: its next are more like them than like those of other files.
#[derive(Debug)]
pub struct Recent(VecDeque<u64>);

impl Recent {
    pub const fn new() -> Self {
        Self(VecDeque::new())
    }

    fn push(&mut self, took: u64) {
        if self.0.len() == RECENT {
            self.0.pop_front();
        }
        self.0.push_back(took);
    }

    /// Whether none was seen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their mean, once there are enough. The longest does not count: it may have set up what the
    /// others use.
    fn typical(&self) -> Option<u64> {
        let others = self.0.len().checked_sub(1).filter(|&others| others >= ENOUGH - 1)?;
        let longest = self.0.iter().max().copied().unwrap_or(0);
        Some((self.sum() - longest) / others as u64)
    }

    /// Their mean, if there are any.
    fn mean(&self) -> Option<u64> {
        self.sum().checked_div(self.0.len() as u64)
    }

    fn sum(&self) -> u64 {
        self.0.iter().fold(0, |sum, &took| sum.saturating_add(took))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_s_last_tests_count_without_the_longest() {
        let mut recent = Recent::new();
        assert_eq!((recent.typical(), recent.mean()), (None, None));
        recent.push(1_000);
        recent.push(2);
        assert_eq!((recent.typical(), recent.mean()), (None, Some(501)));
        recent.push(4);
        assert_eq!(recent.typical(), Some(3));
        (0..RECENT).for_each(|_| recent.push(50));
        assert_eq!((recent.typical(), recent.mean()), (Some(50), Some(50)));
    }
}
