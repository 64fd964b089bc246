//! Who gets which unit.

use std::collections::{BTreeMap, VecDeque};

use crate::{event::WorkerId, unit::Unit, worker::Worker};

/// Deal units to `workers` hands, longest first, each to the hand with the least so far, so that
/// no hand is longer than it must be. Within a hand they are in pytest's order: tests that were
/// only ever run in it may depend on it, and nothing runs before all are collected.
pub fn longest_first(units: &[Unit], workers: usize) -> Vec<VecDeque<usize>> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|&unit| std::cmp::Reverse(units[unit].weight));
    let mut hands = vec![(0_u64, VecDeque::new()); workers.max(1)];
    for unit in order {
        let lightest = (0..hands.len()).min_by_key(|&hand| hands[hand].0).unwrap_or(0);
        hands[lightest].0 = hands[lightest].0.saturating_add(units[unit].weight.max(1));
        hands[lightest].1.push_back(unit);
    }
    let in_order = |mut hand: VecDeque<usize>| {
        hand.make_contiguous().sort_unstable();
        hand
    };
    hands.into_iter().map(|(_, hand)| in_order(hand)).collect()
}

/// Take the last unit that waits to be collected from the worker that has most waiting.
pub fn steal_uncollected(workers: &mut BTreeMap<WorkerId, Worker>) -> Option<usize> {
    let victim = workers.values_mut().max_by_key(|worker| worker.to_collect.len())?;
    victim.to_collect.pop_back()
}
