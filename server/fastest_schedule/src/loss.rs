//! What becomes of a lost worker's work: what it was at gets the blame, the rest a new worker.

use crate::{
    event::{Effect, Ending, WorkerId},
    schedule::{Progress, Schedule},
    unit::Stage,
    worker::Worker,
};

impl Schedule {
    /// A worker is gone without having ended its session.
    pub(crate) fn gone(&mut self, worker: WorkerId, reason: &str) {
        let Some(state) = self.workers.remove(&worker) else { return };
        if self.progress == Progress::Stopping(Ending::Cancelled) {
            return;
        }
        self.blame(worker, &state, reason);
        if !self.is_stopping() {
            self.hand_over(state);
        }
    }

    fn blame(&mut self, worker: WorkerId, state: &Worker, reason: &str) {
        if let Some(node_id) = &state.current {
            if let Some(&unit) = state.running.front() {
                self.crashed(worker, unit, node_id.clone(), reason);
            }
        } else if let Some(&unit) = state.collecting.front() {
            self.crashed_collecting(worker, unit, reason);
        } else if let Some(&unit) = state.running.front()
            && !state.progressed
        {
            self.crash_open_items(worker, unit, reason);
        }
    }

    fn crashed(&mut self, worker: WorkerId, unit: usize, node_id: String, reason: &str) {
        self.failures += 1;
        self.units[unit].ended.insert(node_id.clone());
        self.effects.push(Effect::Crashed { worker, node_id, reason: reason.to_owned() });
    }

    fn crashed_collecting(&mut self, worker: WorkerId, unit: usize, reason: &str) {
        if self.units[unit].stage != Stage::New {
            return self.crash_open_items(worker, unit, reason);
        }
        self.failures += 1;
        self.collection_failures += 1;
        self.units[unit].stage = Stage::Done;
        let (unit, reason) = (self.units[unit].id.clone(), reason.to_owned());
        self.effects.push(Effect::CrashedCollecting { worker, unit, reason });
    }

    fn crash_open_items(&mut self, worker: WorkerId, unit: usize, reason: &str) {
        let open: Vec<String> = self.units[unit].open_items().cloned().collect();
        for node_id in open {
            self.crashed(worker, unit, node_id, reason);
        }
    }

    /// Give what the worker had left to a new one; or, if it died before it could list anything,
    /// which a new one would do again, to one that lives.
    fn hand_over(&mut self, state: Worker) {
        let (to_collect, to_run): (Vec<_>, Vec<_>) = self
            .left_of(&state)
            .into_iter()
            .partition(|&unit| self.units[unit].stage == Stage::New);
        if to_collect.is_empty() && to_run.is_empty() {
            return;
        }
        if state.listed {
            self.start_worker(Worker {
                to_collect: to_collect.into(),
                to_run: to_run.into(),
                ..Worker::default()
            });
        } else if let Some(heir) = self.workers.values_mut().find(|worker| !worker.closing) {
            heir.to_collect.extend(to_collect);
            heir.to_run.extend(to_run);
        } else {
            self.stop(Ending::NeverStarted);
        }
    }

    /// The units that somebody else must do; those without an open test are done.
    fn left_of(&mut self, state: &Worker) -> Vec<usize> {
        let mut left = Vec::new();
        for at in state.unfinished() {
            let unit = &mut self.units[at];
            if unit.stage == Stage::Collected && unit.open_items().next().is_none() {
                unit.stage = Stage::Done;
            }
            if unit.stage != Stage::Done {
                left.push(at);
            }
        }
        left
    }
}
