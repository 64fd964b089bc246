//! What is told of workers that died.

use fastest_model::run::{Outcome, Phase, PhaseReport, RunEvent};
use fastest_schedule::{Event, WorkerId};

use super::Driver;
use crate::exit;

impl Driver {
    pub(super) fn take_end(
        &mut self,
        worker: WorkerId,
        status: &std::io::Result<std::process::ExitStatus>,
    ) -> Vec<Event> {
        let ended = self.clock.disarm(worker);
        let Some(known) = self.workers.get(&worker) else { return Vec::new() };
        if known.finished {
            self.workers.remove(&worker);
            return Vec::new();
        }
        let by_us = ended.is_some();
        let reason = match status {
            _ if by_us => ended.unwrap_or_default(),
            Ok(status) => exit::describe(*status),
            Err(error) => format!("lost: {error}"),
        };
        if let Some(known) = self.workers.get_mut(&worker) {
            known.ended_by_us = by_us;
        }
        if !self.listed {
            self.open_output(worker, self.tally.workers_lost == 0);
        }
        self.tally.workers_lost += 1;
        self.tell(RunEvent::WorkerLost { worker, reason: reason.clone() });
        vec![Event::Gone { worker, reason }]
    }

    /// A test that died has failed; one whose call had its outcome died in its teardown, which is
    /// an error besides, as pytest has it.
    pub(super) fn tell_crash(&mut self, worker: WorkerId, node_id: String, reason: &str) {
        self.ahead.listen_to(worker);
        self.tally.crashes += 1;
        let called = self.workers.get(&worker).is_some_and(|known| known.called);
        let (phase, outcome) = match called {
            true => (Phase::Teardown, Outcome::Error),
            false => (Phase::Call, Outcome::Failed),
        };
        let by_us = self.workers.get(&worker).is_some_and(|known| known.ended_by_us);
        let text = if by_us { reason.to_owned() } else { format!("worker crashed: {reason}") };
        let headline = node_id.split_once("::").map_or(&*node_id, |(_, name)| name);
        let report = PhaseReport {
            headline: headline.replace("::", "."),
            summary: text.clone(),
            text,
            sections: self.last_words(worker),
            ..PhaseReport::new(node_id.clone(), phase, outcome)
        };
        self.tell(RunEvent::PhaseEnded { report, worker });
        if !called {
            let report = PhaseReport::new(node_id, Phase::Teardown, Outcome::Passed);
            self.tell(RunEvent::PhaseEnded { report, worker });
        }
        self.ahead.listen_to_all();
    }

    /// Keep in mind how far a worker's running test is.
    pub(super) fn note_phase(&mut self, worker: WorkerId, report: &PhaseReport) {
        if let Some(known) = self.workers.get_mut(&worker) {
            known.called = report.phase == Phase::Call && report.outcome != Outcome::Rerun;
        }
    }

    pub(super) fn tell_crash_collecting(
        &mut self,
        worker: WorkerId,
        node_id: String,
        reason: &str,
    ) {
        self.tally.crashes += 1;
        let summary = format!("worker crashed while collecting: {reason}");
        let mut text = summary.clone();
        for (title, words) in self.last_words(worker) {
            text.push_str(&format!("\n{title}:\n{words}"));
        }
        let (painted, location) = (None, None);
        self.tell(RunEvent::CollectError { node_id, text, painted, summary, location });
    }

    fn last_words(&self, worker: WorkerId) -> Vec<(String, String)> {
        let tail = self.workers.get(&worker).map_or("", |known| known.output.tail());
        if tail.is_empty() {
            return Vec::new();
        }
        vec![("Last output of the worker".to_owned(), tail.to_owned())]
    }
}
