//! Tests that run while other workers still collect.
//!
//! pytest collects everything first, and runs nothing where a file cannot be collected. A worker
//! that has nothing left to collect waits for that, in which time it can run what it has, where all
//! files that the others are at could be collected last time. Whoever is told of these tests hears
//! of them when collection has ended ([`crate::Effect::CollectionEnded`]), and where it failed,
//! never.

use crate::{
    event::{Ending, WorkerId},
    schedule::{Progress, Schedule},
    worker::Worker,
};

impl Schedule {
    /// Whether a worker, which has nothing to collect, may run what is next of its own.
    pub(crate) fn may_run_ahead(&self, state: &Worker) -> bool {
        self.progress == Progress::Collecting
            && self.plan.runs_ahead
            && self.plan.max_failures.is_none()
            && !self.plan.collect_only
            && !self.plan.selection.is_active()
            && self.collection_failures == 0
            && state.collecting.is_empty()
            && self.unproven == 0
            // Files that are not collected yet may have a say in where tests of a group run.
            && state.to_run.front().is_some_and(|share| !self.units[share.unit].has_groups)
    }

    /// Whether it is not known that a unit could be collected last time.
    pub(crate) fn is_unproven(&self, unit: usize) -> bool {
        self.weigher.recorded(&self.units[unit].id).is_none_or(|took| took == 0)
    }

    /// A worker's session has ended. One that ran ahead and ends of its own accord (`pytest.exit`)
    /// ends the run when all is collected, as it does under pytest.
    pub(crate) fn finished(&mut self, worker: WorkerId) {
        let Some(state) = self.workers.remove(&worker) else { return };
        if state.closing && state.is_idle() {
            return;
        }
        if state.has_run && self.progress == Progress::Collecting {
            self.stopped_ahead = true;
        } else {
            self.stop(Ending::StoppedByWorker);
        }
    }
}
