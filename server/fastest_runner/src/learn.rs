//! What the next run can know from this one: durations, and what pytest's cacheprovider keeps
//! (`cache/lastfailed` and `cache/nodeids`), by its rules.

use std::collections::{BTreeSet, HashSet};

use fastest_model::{
    Learned, Memory,
    run::{Outcome, Phase, PhaseReport, RunEvent},
};

/// What is learned while a run goes on.
#[derive(Debug, Default)]
pub struct Learning {
    learned: Learned,
    last_failed: BTreeSet<String>,
    node_ids: BTreeSet<String>,
    /// Tests that there are, whether they run or not.
    present: HashSet<String>,
    /// Whether the command line names tests, so that files are not collected whole.
    in_part: bool,
    /// Whether it is told later which of the collected tests run.
    selects: bool,
}

impl Learning {
    /// With what earlier runs left.
    pub fn new(memory: &Memory, in_part: bool, selects: bool) -> Self {
        Self {
            selects,
            last_failed: memory.last_failed.clone(),
            node_ids: memory.node_ids.clone(),
            in_part,
            ..Self::default()
        }
    }

    /// A file was collected, whole or with failures.
    pub fn collected(&mut self, unit: &str, items: &[String], deselected: &[String], failed: bool) {
        let all = || items.iter().chain(deselected);
        self.present.extend(all().cloned());
        if !self.in_part && !failed {
            self.learned.files.insert(unit.to_owned());
        }
        if !failed && self.last_failed.remove(unit) {
            self.last_failed.extend(all().cloned());
        }
        if !self.selects {
            self.chosen(items);
        }
    }

    /// These tests run.
    pub fn chosen(&mut self, items: &[String]) {
        self.node_ids.extend(items.iter().cloned());
    }

    /// How long collecting a file took, or a test.
    pub fn took(&mut self, node_id: String, took: u64) {
        self.learned.durations.insert(node_id, took);
    }

    /// Something was told.
    pub fn on(&mut self, event: &RunEvent) {
        match event {
            RunEvent::PhaseEnded { report, .. } => self.phase(report),
            RunEvent::CollectError { node_id, .. } => {
                self.last_failed.insert(node_id.clone());
            }
            RunEvent::CollectSkipped { node_id, .. } => {
                self.last_failed.remove(node_id);
            }
            _ => {}
        }
    }

    fn phase(&mut self, report: &PhaseReport) {
        let passed = matches!(report.outcome, Outcome::Passed | Outcome::XPassed);
        let skipped = matches!(report.outcome, Outcome::Skipped | Outcome::XFailed);
        if (passed && report.phase == Phase::Call) || skipped {
            self.last_failed.remove(&report.node_id);
        } else if matches!(report.outcome, Outcome::Failed | Outcome::Error) {
            self.last_failed.insert(report.node_id.clone());
        }
    }

    /// The end of it. A worker that was the whole run has kept pytest's cache itself.
    pub fn finish(mut self, kept_by_pytest: bool) -> Learned {
        if !kept_by_pytest {
            self.learned.last_failed = Some(self.last_failed);
            self.learned.node_ids = Some(self.node_ids);
        }
        self.learned.present = self.present;
        self.learned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(node_id: &str, phase: Phase, outcome: Outcome) -> RunEvent {
        let report = PhaseReport::new(node_id.to_owned(), phase, outcome);
        RunEvent::PhaseEnded { report, worker: 0 }
    }

    #[test]
    fn failures_are_kept_as_pytest_keeps_them() {
        let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<BTreeSet<_>>();
        let memory = Memory {
            last_failed: ids(&["a::fixed", "a::still", "a::other", "a::skipped", "b", "c"]),
            ..Memory::default()
        };
        let mut learning = Learning::new(&memory, false, false);
        let events = [
            phase("a::fixed", Phase::Setup, Outcome::Passed),
            phase("a::fixed", Phase::Call, Outcome::Passed),
            phase("a::still", Phase::Setup, Outcome::Passed),
            phase("a::still", Phase::Call, Outcome::Failed),
            phase("a::skipped", Phase::Setup, Outcome::Skipped),
            phase("a::again", Phase::Call, Outcome::Rerun),
            phase("a::teardown", Phase::Call, Outcome::Passed),
            phase("a::teardown", Phase::Teardown, Outcome::Error),
        ];
        events.iter().for_each(|event| learning.on(event));
        learning.collected("b", &["b::x".to_owned()], &["b::y".to_owned()], false);
        learning.collected("c", &["c::x".to_owned()], &[], true);
        let expected = ids(&["a::still", "a::other", "a::teardown", "b::x", "b::y", "c"]);
        assert_eq!(learning.finish(false).last_failed, Some(expected));
    }
}
