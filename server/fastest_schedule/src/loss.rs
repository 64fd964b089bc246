//! What becomes of a lost worker's work: what it was at gets the blame, the rest a new worker.

use std::collections::VecDeque;

use crate::{
    event::{Effect, Ending, WorkerId},
    schedule::{Progress, Schedule},
    worker::Worker,
};

impl Schedule {
    /// A worker is gone without having ended its session.
    pub(crate) fn gone(&mut self, worker: WorkerId, reason: &str) {
        let Some(mut state) = self.workers.remove(&worker) else { return };
        if self.progress == Progress::Stopping(Ending::Cancelled) {
            return;
        }
        self.blame(worker, &mut state, reason);
        if !self.is_stopping() {
            self.hand_over(state);
        }
    }

    /// Give what it was at its outcome, unless it has one, and take it off its list.
    fn blame(&mut self, worker: WorkerId, state: &mut Worker, reason: &str) {
        if state.started {
            let told = state.reported;
            if let Some(slot) = state.release()
                && !told
            {
                self.crashed(worker, slot.unit, slot.item, reason);
            }
        } else if let Some(&unit) = state.collecting.front() {
            self.crashed_collecting(worker, state, unit, reason);
        } else if let Some(unit) = state.running.front().map(|slot| slot.unit)
            && !state.progressed
        {
            self.crash_all_of(worker, state, unit, reason);
        }
    }

    fn crashed(&mut self, worker: WorkerId, unit: usize, item: usize, reason: &str) {
        self.failures += 1;
        let item = &mut self.units[unit].items[item];
        item.open = item.open.saturating_sub(1);
        let (node_id, reason) = (item.node_id.clone(), reason.to_owned());
        self.effects.push(Effect::Crashed { worker, node_id, reason });
    }

    /// A file that kills whoever collects it has a collection error; where another worker could
    /// collect it, what this one should have run of it has failed.
    fn crashed_collecting(
        &mut self,
        worker: WorkerId,
        state: &mut Worker,
        unit: usize,
        reason: &str,
    ) {
        if self.units[unit].known {
            return self.crash_all_of(worker, state, unit, reason);
        }
        self.failures += 1;
        self.collection_failures += 1;
        self.unknown -= 1;
        self.units[unit].known = true;
        state.collecting.retain(|&other| other != unit);
        let (unit, reason) = (self.units[unit].id.clone(), reason.to_owned());
        self.effects.push(Effect::CrashedCollecting { worker, unit, reason });
    }

    fn crash_all_of(&mut self, worker: WorkerId, state: &mut Worker, unit: usize, reason: &str) {
        let mut left = std::mem::take(state);
        state.listed = left.listed;
        state.to_collect = std::mem::take(&mut left.to_collect);
        state.collecting = std::mem::take(&mut left.collecting);
        state.collecting.retain(|&other| other != unit);
        for share in left.into_shares() {
            if share.unit != unit {
                state.to_run.push_back(share);
                continue;
            }
            for item in share.items {
                self.crashed(worker, unit, item, reason);
            }
        }
    }

    /// Give what the worker had left to a new one; or, if it died before it could list anything,
    /// which a new one would do again, to one that lives.
    fn hand_over(&mut self, state: Worker) {
        if state.is_idle() {
            return;
        }
        let listed = state.listed;
        // What is known is collected again when something of it is to run.
        let asked = state.collecting.iter().chain(&state.to_collect).copied();
        let to_collect: VecDeque<usize> = asked.filter(|&unit| !self.units[unit].known).collect();
        let to_run = state.into_shares();
        if to_collect.is_empty() && to_run.is_empty() {
            return;
        }
        if listed {
            self.replace(Worker { to_collect, to_run, ..Worker::default() });
        } else if let Some(heir) = self.workers.values_mut().find(|worker| !worker.closing) {
            heir.to_collect.extend(to_collect);
            heir.to_run.extend(to_run);
        } else {
            self.stop(Ending::NeverStarted);
        }
    }

    fn replace(&mut self, state: Worker) {
        if self.plan.max_restarts.is_some_and(|max| self.restarts >= max) {
            return self.stop(Ending::MaxRestarts(self.restarts));
        }
        self.restarts += 1;
        self.start_worker(state);
    }
}
