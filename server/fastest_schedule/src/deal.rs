//! Who gets which unit.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::{event::WorkerId, unit::Unit, worker::Worker};

/// Deal these units to `workers` hands, longest first, each to the hand with the least so far, so
/// that no hand is longer than it must be. Within a hand they are in pytest's order: tests that
/// were only ever run in it may depend on it, and nothing runs before all are collected.
pub fn longest_first(
    units: &[Unit],
    mut order: Vec<usize>,
    workers: usize,
) -> Vec<VecDeque<usize>> {
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

/// The `part`-th of so many parts, in the given order; the longest are dealt first.
pub fn part(
    ids: &[String],
    weights: &HashMap<String, u64>,
    part: usize,
    parts: usize,
) -> Vec<String> {
    let weight = |id: &String| weights.get(id).copied().unwrap_or(1).max(1);
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(weight(&ids[at])), &ids[at]));
    let mut loads = vec![0_u64; parts.max(1)];
    let mut part_of = vec![0; ids.len()];
    for at in order {
        let lightest = (0..loads.len()).min_by_key(|&load| loads[load]).unwrap_or(0);
        loads[lightest] = loads[lightest].saturating_add(weight(&ids[at]));
        part_of[at] = lightest + 1;
    }
    let mine = ids.iter().zip(part_of).filter(|(_, of)| *of == part);
    mine.map(|(id, _)| id.clone()).collect()
}
