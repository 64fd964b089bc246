//! What `--explain` and `--verify` need to know of a run.

use std::collections::{BTreeMap, BTreeSet};

use fastest_model::RunEvent;
use fastest_model::run::{Outcome, Phase, PhaseReport};

/// What was seen of a run.
#[derive(Debug, Default)]
pub(super) struct Observer {
    /// By file: how many tests, and the workers that ran them.
    pub files: BTreeMap<String, (usize, BTreeSet<usize>)>,
    /// Why every worker collected every file.
    pub whole: Vec<String>,
    /// By node id: what was reported, in order, in the words of `fastest_runner::plain`.
    pub tests: BTreeMap<String, Vec<String>>,
}

impl Observer {
    pub(super) fn on(&mut self, event: &RunEvent) {
        match event {
            RunEvent::TestStarted { node_id, worker, .. } => {
                let file = node_id.split("::").next().unwrap_or(node_id);
                let (tests, workers) = self.files.entry(file.to_owned()).or_default();
                *tests += 1;
                workers.insert(*worker);
            }
            RunEvent::WholeSession { reasons } => self.whole.clone_from(reasons),
            RunEvent::PhaseEnded { report, .. } => self.note(&report.node_id, told(report)),
            RunEvent::CollectError { node_id, .. } => {
                self.note(node_id, "collect failed".to_owned());
            }
            RunEvent::CollectSkipped { node_id, .. } => {
                self.note(node_id, "collect skipped".to_owned());
            }
            _ => {}
        }
    }

    fn note(&mut self, node_id: &str, what: String) {
        self.tests.entry(node_id.to_owned()).or_default().push(what);
    }
}

fn told(report: &PhaseReport) -> String {
    let when = match report.phase {
        _ if report.subtest.is_some() => "subtest",
        Phase::Collect => "collect",
        Phase::Setup => "setup",
        Phase::Call => "call",
        Phase::Teardown => "teardown",
    };
    let outcome = match report.outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Error => "error",
        Outcome::Skipped => "skipped",
        Outcome::XFailed => "xfailed",
        Outcome::XPassed => "xpassed",
        Outcome::Rerun => "rerun",
    };
    format!("{when} {outcome}")
}
