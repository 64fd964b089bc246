//! What a worker that has nothing left takes from one that has.
//!
//! The thief takes so much that both end at the same time, what it costs to collect the unit a
//! second time counted in, and nothing where it would end after the victim would have.

use std::collections::{HashMap, HashSet};

use crate::{
    event::WorkerId,
    schedule::Schedule,
    worker::{Share, Worker},
};

/// What it costs at least, in microseconds, to run part of a unit in a second worker, however fast
/// it was collected: modules are imported and fixtures set up again there. For less, a file stays
/// whole, so that a small suite runs as under pytest on fast machines and on slow ones.
const SPLIT_COST: u64 = 1_000_000;

impl Schedule {
    /// Take work for a worker (which is not among the workers now), if that pays.
    pub(crate) fn steal(&mut self, thief: &Worker) -> Option<Share> {
        let mut victims: Vec<(u64, WorkerId)> = self
            .workers
            .iter()
            .filter(|(_, worker)| !worker.to_run.is_empty())
            .map(|(&id, worker)| (self.load(worker), id))
            .collect();
        victims.sort_unstable_by_key(|&(load, id)| (std::cmp::Reverse(load), id));
        victims.into_iter().find_map(|(load, victim)| self.steal_from(victim, load, thief))
    }

    /// How long a worker will be busy with what it has.
    fn load(&self, worker: &Worker) -> u64 {
        let waiting = worker.to_run.iter().map(|share| self.weight(share)).sum::<u64>();
        worker.ahead.saturating_add(waiting)
    }

    fn weight(&self, share: &Share) -> u64 {
        let unit = &self.units[share.unit];
        share.items.iter().map(|&item| self.weigher.weigh(unit, item)).sum()
    }

    /// Take something from a victim's last share that has something to take.
    fn steal_from(&mut self, victim: WorkerId, load: u64, thief: &Worker) -> Option<Share> {
        let shares = &self.workers.get(&victim)?.to_run;
        let (at, blocks) = (0..shares.len()).rev().find_map(|at| {
            let blocks = self.blocks_to_take(&shares[at], self.gap(&shares[at], load, thief)?);
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

    /// How much later the victim would end than the thief would begin; `None` if not later.
    fn gap(&self, share: &Share, load: u64, thief: &Worker) -> Option<u64> {
        let has_it = thief.collected.contains(&share.unit);
        let cost = if has_it { 0 } else { self.units[share.unit].cost.max(SPLIT_COST) };
        load.checked_sub(thief.ahead.saturating_add(cost)).filter(|&gap| gap > 0)
    }

    /// The blocks to take: from the last on as many as fit in half of the gap; if none fits, the
    /// smallest that is shorter than the gap.
    fn blocks_to_take(&self, share: &Share, gap: u64) -> HashSet<u32> {
        let mut chosen = HashSet::new();
        let mut room = gap / 2;
        let mut smallest: Option<(u64, u32)> = None;
        for (block, weight) in self.whole_blocks(share).into_iter().rev() {
            if weight <= room {
                room -= weight;
                chosen.insert(block);
            }
            smallest = smallest.into_iter().chain([(weight, block)]).min();
        }
        if chosen.is_empty() {
            chosen.extend(smallest.filter(|&(weight, _)| weight < gap).map(|(_, block)| block));
        }
        chosen
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
