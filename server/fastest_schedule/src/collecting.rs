//! The first stage: every unit is collected, in the worker that is to run it.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::{
    deal,
    event::{Command, Effect, Ending, Found, WorkerId},
    schedule::{Progress, Schedule},
    unit::Unit,
    worker::Worker,
};

/// How many units a worker is asked to collect at once, so that it never waits for the next.
const HELD: usize = 2;

impl Schedule {
    /// A worker knows which units there are.
    pub(crate) fn listed(&mut self, worker: WorkerId, units: Vec<String>, failures: usize) {
        let Some(state) = self.workers.get_mut(&worker) else { return };
        state.listed = true;
        if self.progress == Progress::Listing {
            self.collection_failures += failures;
            self.failures += failures;
            self.know_units(units);
            self.progress = Progress::Collecting;
        }
    }

    fn know_units(&mut self, ids: Vec<String>) {
        let ids = self.part(ids);
        for id in ids {
            let weight = self.plan.weights.get(&id).copied().unwrap_or(1);
            if self.index.insert(id.clone(), self.units.len()).is_none() {
                self.units.push(Unit::new(id, weight));
            }
        }
        self.files = self.plan.selection.files(&self.units);
        self.deal(self.files.first.clone());
    }

    /// The units of this shard. Each part is dealt by weights alone, so that every machine that
    /// has the same weights deals the same parts.
    fn part(&mut self, mut ids: Vec<String>) -> Vec<String> {
        let Some((part, parts)) = self.plan.shard else { return ids };
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        let mine = deal::part(&ids, &self.plan.weights, part, parts);
        let (some, all) = (mine.len(), ids.len());
        let text = format!("shard {part}/{parts}: {some} of {all} files");
        self.effects.push(Effect::Noted { text });
        mine
    }

    fn deal(&mut self, units: Vec<usize>) {
        self.unknown += units.len();
        self.unproven += units.iter().filter(|&&unit| self.is_unproven(unit)).count();
        let hands = deal::longest_first(&self.units, units, self.workers.len());
        for (worker, hand) in self.workers.values_mut().zip(hands) {
            worker.to_collect.extend(hand);
        }
    }

    /// With `--lf`, files without known failures are collected only if need be; whether it is.
    pub(crate) fn collect_later(&mut self) -> bool {
        let needed = self.plan.selection.needed(&self.units, &self.files);
        self.skipped += self.files.later.len() - needed.len();
        self.files.later.clear();
        let any = !needed.is_empty();
        self.deal(needed);
        any
    }

    /// A worker collected a unit; it runs it too, unless somebody else has collected it before.
    pub(crate) fn collected(
        &mut self,
        worker: WorkerId,
        id: &str,
        (items, deselected): (Vec<Found>, Vec<String>),
        failures: usize,
        took: u64,
    ) {
        let Some(&at) = self.index.get(id) else { return };
        let unproven = self.is_unproven(at);
        let Some(state) = self.workers.get_mut(&worker) else { return };
        let unit = &mut self.units[at];
        state.collecting.retain(|&unit| unit != at);
        state.collected.insert(at);
        // Whoever collects a file again has got no further than the one before.
        state.progressed |= !unit.known;
        if unit.known {
            match unit.places_in(&items) {
                Some(places) => state.places.insert(at, places),
                None => state.places.remove(&at),
            };
            return;
        }
        self.unknown -= 1;
        self.unproven -= usize::from(unproven);
        self.collection_failures += failures;
        self.failures += failures;
        let runs = if self.plan.collect_only { 0 } else { self.plan.repeat.max(1) };
        unit.fill(items, self.plan.dist, &self.weigher, runs);
        unit.cost = took;
        unit.failed = failures > 0;
        unit.deselected = deselected;
        let items = 0..unit.items.len();
        let items: VecDeque<usize> = (0..runs).flat_map(|_| items.clone()).collect();
        for item in items {
            state.push(at, item);
        }
    }

    /// Every unit is known: nothing runs, or each worker runs what it collected.
    pub(crate) fn end_collection(&mut self) {
        if self.plan.selection.is_active() {
            self.choose();
        }
        let failed = self.collection_failures > 0 && !self.plan.continue_on_collection_errors;
        self.effects.push(Effect::CollectionEnded { failed });
        if failed {
            self.stop(Ending::CollectionFailed(self.collection_failures));
        } else if self.stopped_ahead {
            self.stop(Ending::StoppedByWorker);
        } else {
            self.gather_groups();
            self.even_out();
            self.progress = Progress::Running;
        }
    }

    /// Take out what is not to run, and bring the rest into its order.
    fn choose(&mut self) {
        let chosen = self.plan.selection.choose(&self.units, self.skipped);
        let mut owners: HashMap<usize, WorkerId> = HashMap::new();
        for (&worker, state) in &mut self.workers {
            let shares = state.to_run.drain(..);
            owners.extend(shares.map(|share| (share.unit, worker)));
        }
        for item in self.units.iter_mut().flat_map(|unit| &mut unit.items) {
            item.open = 0;
        }
        let runs = if self.plan.collect_only { 0 } else { self.plan.repeat.max(1) };
        for &(unit, item) in (0..runs).flat_map(|_| &chosen.kept) {
            self.units[unit].items[item].open += 1;
            if let Some(state) = owners.get(&unit).and_then(|owner| self.workers.get_mut(owner)) {
                state.push(unit, item);
            }
        }
        let id = |&(unit, item): &(usize, usize)| self.units[unit].items[item].node_id.clone();
        let kept = chosen.kept.iter().map(id).collect();
        let (deselected, note) = (chosen.deselected, chosen.note);
        let note = note.map(|note| format!("run-last-failure: {note}"));
        self.effects.push(Effect::Chosen { kept, deselected, note });
    }

    /// Bring the tests of each `xdist_group` together in the worker that has most of them.
    fn gather_groups(&mut self) {
        let homes = self.homes();
        if homes.is_empty() {
            return;
        }
        let mut moves: Vec<(WorkerId, usize, usize)> = Vec::new();
        for (&worker, state) in &mut self.workers {
            for share in &mut state.to_run {
                let unit = &self.units[share.unit];
                let home = |item: usize| homes.get(&(share.unit, unit.items[item].block));
                share.items.retain(|&item| match home(item) {
                    Some(&home) if home != worker => {
                        moves.push((home, share.unit, item));
                        false
                    }
                    _ => true,
                });
            }
            state.to_run.retain(|share| !share.items.is_empty());
        }
        for (home, unit, item) in moves {
            if let Some(state) = self.workers.get_mut(&home) {
                state.push(unit, item);
            }
        }
    }

    /// The worker of each block that is of a group.
    fn homes(&self) -> HashMap<(usize, u32), WorkerId> {
        let mut loads: HashMap<&str, HashMap<WorkerId, u64>> = HashMap::new();
        let mut blocks: HashMap<(usize, u32), &str> = HashMap::new();
        for (&worker, state) in &self.workers {
            for (unit, at) in state.to_run.iter().flat_map(|s| s.items.iter().map(|&i| (s.unit, i)))
            {
                let item = &self.units[unit].items[at];
                if let Some(group) = &item.group {
                    *loads.entry(group).or_default().entry(worker).or_default() +=
                        self.weigher.weigh(&self.units[unit], at);
                    blocks.entry((unit, item.block)).or_insert(group);
                }
            }
        }
        let heaviest = |loads: &HashMap<WorkerId, u64>| {
            loads
                .iter()
                .max_by_key(|&(&worker, &load)| (load, std::cmp::Reverse(worker)))
                .map(|(&worker, _)| worker)
        };
        let homes: HashMap<&str, WorkerId> =
            loads.iter().filter_map(|(&group, loads)| Some((group, heaviest(loads)?))).collect();
        blocks.into_iter().filter_map(|(block, group)| Some((block, *homes.get(group)?))).collect()
    }

    /// Ask a worker to collect what it should; where that is little, what others should.
    pub(crate) fn feed_collecting(&mut self, worker: WorkerId, state: &mut Worker) {
        while state.collecting.len() < HELD {
            let next = state.to_collect.pop_front().or_else(|| {
                let may_take = self.progress == Progress::Collecting && state.collecting.is_empty();
                may_take.then(|| deal::steal_uncollected(&mut self.workers)).flatten()
            });
            let Some(unit) = next else { return };
            self.ask_to_collect(worker, state, unit);
        }
    }

    pub(crate) fn ask_to_collect(&mut self, worker: WorkerId, state: &mut Worker, unit: usize) {
        state.collecting.push_back(unit);
        self.send(worker, Command::Collect { unit: self.units[unit].id.clone() });
    }
}
