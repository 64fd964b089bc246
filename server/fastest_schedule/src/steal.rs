//! What a worker that has nothing left takes from one that has.
//!
//! The thief takes so much that both end at the same time, what it costs to collect the unit a
//! second time counted in, and nothing where it would end after the victim would have. A file of
//! which nothing has run moves whole for less than what makes it worth tearing one apart.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::{
    event::WorkerId,
    schedule::Schedule,
    worker::{Share, Worker},
};

/// How much later, in microseconds, a worker must end than another before part of a unit of its
/// is run by that other one, where modules are imported and fixtures set up again. For less, a file
/// stays whole, so that a small suite runs as under pytest on fast machines and on slow ones.
const WORTH_SPLITTING: u64 = 300_000;

/// The same where durations are guesses: what a unit's last tests took may be no guide to the rest.
const GUESSED_WORTH_SPLITTING: u64 = 1_000_000;

/// How much later than that a worker must end for a whole file to move to one that has nothing to
/// do: about as much as a machine's moods and what is around tests make of what is expected.
const WORTH_MOVING: u64 = 30_000;

/// The same where durations are guesses.
const GUESSED_WORTH_MOVING: u64 = 100_000;

/// A block that takes more than such a part of the time there is to gain is chosen before what is
/// shorter: who gets it decides who ends last.
const LONG: u64 = 8;

/// In which order a victim's shares are looked at.
type Order = fn(&Schedule, &VecDeque<Share>) -> Vec<usize>;

impl Schedule {
    /// Before anything runs: where it is known how long a share takes, take what is too much for
    /// its worker. A long test that waits until somebody is idle may be the last one that runs.
    pub(crate) fn even_out(&mut self) {
        for _ in 0..self.workers.len() * 2 {
            let lightest = self.workers.iter().min_by_key(|(_, worker)| self.load(worker));
            let Some(worker) = lightest.map(|(&worker, _)| worker) else { return };
            let Some(mut state) = self.workers.remove(&worker) else { return };
            let taken = self.take(&state, Self::known_longest_first);
            let none = taken.is_none();
            state.to_run.extend(taken);
            self.workers.insert(worker, state);
            if none {
                return;
            }
        }
    }

    /// Take work for a worker (which is not among the workers now), if that pays.
    pub(crate) fn steal(&mut self, thief: &Worker) -> Option<Share> {
        self.take(thief, |_, shares| (0..shares.len()).rev().collect())
    }

    /// Take work, from the first of a victim's shares in the given order that has something to
    /// take.
    fn take(&mut self, thief: &Worker, order: Order) -> Option<Share> {
        let mut victims: Vec<(u64, WorkerId)> = self
            .workers
            .iter()
            .filter(|(_, worker)| !worker.to_run.is_empty())
            .map(|(&id, worker)| (self.load(worker), id))
            .collect();
        victims.sort_unstable_by_key(|&(load, id)| (std::cmp::Reverse(load), id));
        victims.into_iter().find_map(|(load, victim)| self.take_from(victim, load, thief, order))
    }

    /// How long a worker will be busy with what it has.
    fn load(&self, worker: &Worker) -> u64 {
        let waiting = worker.to_run.iter().map(|share| self.weight(share)).sum::<u64>();
        worker.ahead.saturating_add(waiting)
    }

    /// Whether it is not known how long all of a share takes.
    fn is_guessed(&self, share: &Share) -> bool {
        let items = &self.units[share.unit].items;
        share.items.iter().any(|&item| items[item].known.is_none())
    }

    fn weight(&self, share: &Share) -> u64 {
        let unit = &self.units[share.unit];
        share.items.iter().map(|&item| self.weigher.weigh(unit, item)).sum()
    }

    fn known_longest_first(&self, shares: &VecDeque<Share>) -> Vec<usize> {
        let known = (0..shares.len()).filter(|&at| !self.is_guessed(&shares[at]));
        let mut known: Vec<usize> = known.collect();
        known.sort_by_key(|&at| std::cmp::Reverse(self.weight(&shares[at])));
        known
    }

    fn take_from(
        &mut self,
        victim: WorkerId,
        load: u64,
        thief: &Worker,
        order: Order,
    ) -> Option<Share> {
        let shares = &self.workers.get(&victim)?.to_run;
        let (at, blocks) = order(self, shares).into_iter().find_map(|at| {
            let blocks = self.blocks_worth_taking(&shares[at], load, thief);
            (!blocks.is_empty()).then_some((at, blocks))
        })?;
        let state = self.workers.get_mut(&victim)?;
        let share = &mut state.to_run[at];
        let items = &self.units[share.unit].items;
        let (taken, kept) =
            share.items.iter().partition(|&&item| blocks.contains(&items[item].block));
        let unit = share.unit;
        share.items = kept;
        state.to_run.retain(|share| !share.items.is_empty());
        Some(Share { unit, items: taken })
    }

    /// What a thief takes of a share, if that pays.
    fn blocks_worth_taking(&self, share: &Share, load: u64, thief: &Worker) -> HashSet<u32> {
        let has_it = thief.collected.contains(&share.unit)
            || thief.to_run.iter().any(|other| other.unit == share.unit);
        let cost = if has_it { 0 } else { self.units[share.unit].cost };
        // How much later the victim would end than the thief would begin.
        let Some(gap) = load.checked_sub(self.load(thief).saturating_add(cost)) else {
            return HashSet::new();
        };
        let (splitting, moving) = match self.is_guessed(share) {
            false => (WORTH_SPLITTING, WORTH_MOVING),
            true => (GUESSED_WORTH_SPLITTING, GUESSED_WORTH_MOVING),
        };
        if has_it && gap > 0 || gap > splitting {
            return self.blocks_to_take(share, gap);
        }
        let weight = self.weight(share);
        let pays = weight >= cost && weight.saturating_add(moving) <= gap;
        if thief.to_run.is_empty() && pays { self.all_blocks(share) } else { HashSet::new() }
    }

    /// The blocks of a share that is all of its unit; none if it is not.
    fn all_blocks(&self, share: &Share) -> HashSet<u32> {
        let unit = &self.units[share.unit];
        let is_whole = share.items.len() == unit.items.len() * self.plan.repeat.max(1);
        if !is_whole || unit.has_groups {
            return HashSet::new();
        }
        unit.items.iter().map(|item| item.block).collect()
    }

    /// The blocks to take, so that both end at the same time: long ones first, the longest before
    /// the others, then from the last on as many as fit. A single one that fits badly is taken
    /// where both end sooner with it than with all that fit.
    fn blocks_to_take(&self, share: &Share, gap: u64) -> HashSet<u32> {
        let mut blocks = self.whole_blocks(share);
        blocks.reverse();
        blocks.retain(|&(_, weight)| weight < gap);
        let long = |weight: u64| if weight > gap / LONG { weight } else { 0 };
        blocks.sort_by_key(|&(_, weight)| std::cmp::Reverse(long(weight)));
        let mut chosen = HashSet::new();
        let mut room = gap / 2;
        for &(block, weight) in &blocks {
            if weight <= room {
                room -= weight;
                chosen.insert(block);
            }
        }
        let fitting = gap / 2 - room;
        let badly = blocks.iter().filter(|&&(_, weight)| weight > gap / 2);
        match badly.min_by_key(|&&(_, weight)| weight) {
            Some(&(block, weight)) if gap - weight > fitting => [block].into(),
            _ => chosen,
        }
    }

    /// The blocks of which nothing has run or been told, with their weights, in order. Those of a
    /// group stay where the group is.
    fn whole_blocks(&self, share: &Share) -> Vec<(u32, u64)> {
        let unit = &self.units[share.unit];
        let items = &unit.items;
        let runs = self.plan.repeat.max(1);
        let mut all: HashMap<u32, usize> = HashMap::new();
        let mut grouped = HashSet::new();
        for item in items {
            *all.entry(item.block).or_default() += runs;
            if item.group.is_some() {
                grouped.insert(item.block);
            }
        }
        let mut order = Vec::new();
        let mut here: HashMap<u32, (usize, u64)> = HashMap::new();
        for &at in &share.items {
            let item = &items[at];
            let (count, weight) = here.entry(item.block).or_default();
            if *count == 0 {
                order.push(item.block);
            }
            *count += 1;
            *weight += self.weigher.weigh(unit, at);
        }
        let whole = |block: &u32| here[block].0 == all[block] && !grouped.contains(block);
        order.into_iter().filter(whole).map(|block| (block, here[&block].1)).collect()
    }
}
