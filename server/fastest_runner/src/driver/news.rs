//! What workers say, as events of the schedule; everybody else is told on the way.

use fastest_model::RunEvent;
use fastest_schedule::{Event, Found, WorkerId};

use super::{Driver, check_protocol, microseconds};
use crate::{
    request::RunError,
    wire::{self, FromWorker, WireCollected, WireReport},
    worker::{News, Worker},
};

impl Driver {
    /// What a worker's news mean to the schedule; everybody else is told on the way.
    pub(super) fn take_in(&mut self, worker: WorkerId, what: News) -> Result<Vec<Event>, RunError> {
        self.ahead.listen_to(worker);
        let events = self.take(worker, what);
        self.ahead.listen_to_all();
        events
    }

    fn take(&mut self, worker: WorkerId, what: News) -> Result<Vec<Event>, RunError> {
        match what {
            News::Started { pid } => {
                self.tell(RunEvent::WorkerStarted { worker, pid });
                Ok(Vec::new())
            }
            News::NotStarted(source) => {
                Err(RunError::NoPython { python: self.request.python.clone(), source })
            }
            News::Message(message) => self.take_message(worker, message),
            News::Broken(why) => {
                self.with(worker, Worker::kill);
                let stops = self.workers.get(&worker).is_some_and(|known| known.interrupted);
                if self.listed || stops { Ok(Vec::new()) } else { Err(RunError::Protocol(why)) }
            }
            News::Output { stderr, text } => {
                self.take_output(worker, stderr, text);
                Ok(Vec::new())
            }
            News::Gone(status) => Ok(self.take_end(worker, &status)),
        }
    }

    fn take_message(
        &mut self,
        worker: WorkerId,
        message: FromWorker,
    ) -> Result<Vec<Event>, RunError> {
        Ok(match message {
            FromWorker::Ready { protocol } => {
                check_protocol(protocol)?;
                let configure = self.configure(worker);
                self.with(worker, |process| process.send(configure));
                Vec::new()
            }
            FromWorker::NoPytest { executable } => {
                return Err(RunError::NoPytest { python: executable });
            }
            FromWorker::NoDebugger { executable } => {
                return Err(RunError::NoDebugger { python: executable });
            }
            FromWorker::Prepared { .. } => {
                return Err(RunError::Protocol("a worker that runs tests is kept".to_owned()));
            }
            FromWorker::Debugger { port } => {
                self.tell(RunEvent::DebuggerListens { port });
                Vec::new()
            }
            FromWorker::Hello(hello) => {
                if !std::mem::replace(&mut self.session_started, true) {
                    self.tell(RunEvent::SessionStarted { info: hello.into_model() });
                }
                Vec::new()
            }
            FromWorker::Listed { units, complete, deselected, reports, lines, whole } => {
                let first = !std::mem::replace(&mut self.listed, true);
                // Where all workers say that they give up, one is enough.
                if first || complete {
                    self.open_output(worker, first);
                }
                // Where pytest gave up, it says itself how the session ends.
                let failures = match complete {
                    true => reports.iter().filter(|report| report.is_failure()).count(),
                    false => 0,
                };
                if first {
                    self.tell_collect_reports(reports);
                    self.tell_deselected(deselected);
                    if !lines.is_empty() {
                        self.tell(RunEvent::CollectionLines { lines });
                    }
                    if !whole.is_empty() {
                        self.tell(RunEvent::WholeSession { reasons: whole });
                    }
                }
                vec![Event::Listed { worker, units, failures }]
            }
            FromWorker::Collected(collected) => vec![self.take_collected(worker, collected)],
            FromWorker::Started(started) => {
                if let Some(known) = self.workers.get_mut(&worker) {
                    known.called = false;
                }
                self.ahead.begins(worker);
                let (node_id, place, start) = started.into_model();
                self.tell(RunEvent::TestStarted { node_id, place, start, worker });
                vec![Event::TestStarted { worker }]
            }
            FromWorker::Limit { seconds } => {
                self.clock.arm(worker, seconds);
                Vec::new()
            }
            FromWorker::Passed(passed) => {
                for report in passed.into_model() {
                    self.tell(RunEvent::PhaseEnded { report, worker });
                }
                vec![Event::Reported { worker }]
            }
            FromWorker::Report(report) => self.take_report(worker, report),
            FromWorker::Ended { node_id, duration } => self.take_ended(worker, node_id, duration),
            FromWorker::Warning { text, node_id, location } => {
                let location = location.map(wire::to_location);
                self.tell(RunEvent::Warning { text, node_id, location });
                Vec::new()
            }
            FromWorker::InternalError { text } => {
                self.tell(RunEvent::InternalError { text });
                Vec::new()
            }
            FromWorker::XmlAttribute { node_id, name, value } => {
                self.tell(RunEvent::XmlAttribute { node_id, name, value });
                Vec::new()
            }
            FromWorker::SuiteProperty { name, value } => {
                self.tell(RunEvent::SuiteProperty { name, value });
                Vec::new()
            }
            FromWorker::Logged { line } => {
                self.tell(RunEvent::Logged { line });
                Vec::new()
            }
            FromWorker::Said { text, fresh } => {
                self.tell(RunEvent::Said { worker, text, fresh });
                Vec::new()
            }
            FromWorker::Finished { exit, reason, interruption, last_words } => {
                // One of several that had nothing to run has nothing to tell.
                let no_tests = exit == i32::from(fastest_model::ExitCode::NoTestsCollected.code());
                let idle = no_tests && !self.tally.collected.is_empty();
                if !last_words.is_empty() && !idle {
                    self.tell(RunEvent::SummaryText { pieces: last_words });
                }
                self.tally.interrupted(interruption);
                self.tally.finished(exit, reason);
                self.clock.disarm(worker);
                self.finish(worker);
                vec![Event::Finished { worker }]
            }
        })
    }

    /// A worker's session has ended; one that ends before any could list says why, whatever its
    /// exit code: that of an exception which pytest lets through is that of failed tests.
    fn finish(&mut self, worker: WorkerId) {
        let before_all = !self.listed;
        if let Some(known) = self.workers.get_mut(&worker) {
            known.finished = true;
        }
        if before_all && !std::mem::replace(&mut self.tally.refused, true) {
            self.open_output(worker, true);
        }
    }

    fn take_collected(&mut self, worker: WorkerId, collected: WireCollected) -> Event {
        let WireCollected { unit, items, scopes, mut groups, duration, deselected, reports } =
            collected;
        self.ahead.listen_to_all();
        let failures = reports.iter().filter(|report| report.is_failure()).count();
        if self.collected.insert(unit.clone()) {
            self.tell_collect_reports(reports);
            self.learning.collected(&unit, &items, &deselected, failures > 0);
            let took = if failures > 0 { 0 } else { microseconds(duration).max(1) };
            self.learning.took(unit.clone(), took);
            if !self.request.selection.is_active() {
                self.tell_deselected(deselected.clone());
                self.tell_collected(items.clone());
            }
        }
        let found = items.into_iter().enumerate().map(|(at, node_id)| Found {
            node_id,
            scope: scopes.get(at).copied().flatten(),
            group: groups.remove(&at),
        });
        let (items, took) = (found.collect(), microseconds(duration));
        Event::Collected { worker, unit, items, deselected, failures, took }
    }

    fn take_ended(&mut self, worker: WorkerId, node_id: String, duration: f64) -> Vec<Event> {
        let took = microseconds(duration);
        self.clock.disarm(worker);
        self.learning.took(node_id, took);
        vec![Event::TestEnded { worker, took }]
    }

    fn take_report(&mut self, worker: WorkerId, report: Box<WireReport>) -> Vec<Event> {
        let mut events = Vec::new();
        if report.is_failure() {
            events.push(Event::Failed { worker });
        }
        if report.is_last() {
            events.push(Event::Reported { worker });
        }
        let report = report.into_model(self.request.markup);
        self.note_phase(worker, &report);
        self.tell(RunEvent::PhaseEnded { report, worker });
        events
    }

    pub(super) fn take_output(&mut self, worker: WorkerId, stderr: bool, text: String) {
        let Some(known) = self.workers.get_mut(&worker) else { return };
        let shown = known.output.push(stderr, text);
        // The stacks that a test which takes too long dumps are part of its outcome.
        if !self.clock.is_ending(worker) {
            self.tell_output(worker, shown);
        }
    }

    pub(super) fn open_output(&mut self, worker: WorkerId, show_held: bool) {
        let Some(known) = self.workers.get_mut(&worker) else { return };
        let shown = known.output.open(show_held);
        self.tell_output(worker, shown);
    }
}
