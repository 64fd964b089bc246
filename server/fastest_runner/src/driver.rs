//! The driver: turns what workers let be known into the schedule's events, and the schedule's
//! effects into deeds.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use fastest_model::run::{Outcome, Phase, PhaseReport, RunEvent};
use fastest_schedule::{Command, Effect, Ending, Event, Found, Plan, Schedule, WorkerId};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use crate::{
    bundle::Bundle,
    cancel::Cancels,
    exit,
    output::Output,
    request::{RunError, RunRequest, RunSummary, Transport},
    summary::Tally,
    wire::{self, FromWorker, ToWorker, WireCollected, WireReport},
    worker::{self, Launch, News, NewsSender, Worker},
};

/// Run tests; what happens is sent to `events` as it happens, and nothing is sent after the
/// future is done. No process of the run outlives it, nor its being dropped.
///
/// # Errors
/// If no worker can be started or spoken with. A run whose tests fail, or that pytest refuses,
/// is no error: see [`RunSummary::exit`].
pub async fn run(
    request: RunRequest,
    events: UnboundedSender<RunEvent>,
    mut cancels: Cancels,
) -> Result<RunSummary, RunError> {
    let bundle = Arc::new(Bundle::unpack().map_err(RunError::Unpack)?);
    let started = Instant::now();
    let (mut driver, mut news) = Driver::new(request, bundle, events);
    let (mut schedule, effects) = Schedule::new(driver.plan());
    let mut ending = driver.apply(effects);
    while ending.is_none() {
        let event = tokio::select! {
            Some((worker, what)) = news.recv() => driver.take_in(worker, what)?,
            () = cancels.next() => vec![Event::Cancel],
        };
        for event in event {
            let effects = schedule.on(event);
            ending = ending.or(driver.apply(effects));
        }
    }
    driver.part(&mut news, &mut cancels).await;
    let ending = ending.unwrap_or(Ending::Complete);
    Ok(driver.tally.summary(ending, driver.workers_wanted, started.elapsed(), &driver.request.plan))
}

/// A worker and what is known of it beyond what the schedule keeps.
struct Known {
    process: Worker,
    output: Output,
    /// Its session has ended in good order.
    finished: bool,
}

struct Driver {
    request: RunRequest,
    launch: Launch,
    workers_wanted: usize,
    run_uid: String,
    events: UnboundedSender<RunEvent>,
    news: NewsSender,
    /// Dropping this ends every process of the run.
    tasks: JoinSet<()>,
    workers: BTreeMap<WorkerId, Known>,
    session_started: bool,
    listed: bool,
    collected: HashSet<String>,
    tally: Tally,
}

impl Driver {
    fn new(
        request: RunRequest,
        bundle: Arc<Bundle>,
        events: UnboundedSender<RunEvent>,
    ) -> (Self, UnboundedReceiver<(WorkerId, News)>) {
        let (news, receiver) = unbounded_channel();
        let units = (!request.plan.is_empty()).then_some(request.plan.len());
        let driver = Self {
            launch: launch(&request, bundle),
            workers_wanted: request.workers.resolve(units),
            run_uid: format!(
                "{:016x}{:016x}",
                crate::transport::random(),
                crate::transport::random()
            ),
            request,
            events,
            news,
            tasks: JoinSet::new(),
            workers: BTreeMap::new(),
            session_started: false,
            listed: false,
            collected: HashSet::new(),
            tally: Tally::default(),
        };
        (driver, receiver)
    }

    fn plan(&self) -> Plan {
        let weight = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Plan {
            workers: self.workers_wanted,
            weights: self
                .request
                .plan
                .iter()
                .map(|unit| (unit.path.clone(), weight(unit.node_ids.len())))
                .collect(),
            max_failures: self.request.max_failures,
            continue_on_collection_errors: self.request.continue_on_collection_errors,
            collect_only: self.request.collect_only,
            ..Plan::default()
        }
    }

    /// Do what the schedule asks; the ending, once it says so.
    fn apply(&mut self, effects: Vec<Effect>) -> Option<Ending> {
        let mut ending = None;
        for effect in effects {
            match effect {
                Effect::Start { worker } => self.start(worker),
                Effect::Send { worker, command } => self.send(worker, command),
                Effect::Interrupt { worker } => self.with(worker, Worker::interrupt),
                Effect::Kill { worker } => self.with(worker, Worker::kill),
                Effect::CollectionEnded => self.tell(RunEvent::CollectionEnded),
                Effect::Crashed { worker, node_id, reason } => {
                    self.tell_crash(worker, node_id, &reason);
                }
                Effect::CrashedCollecting { worker, unit, reason } => {
                    self.tell_crash_collecting(worker, unit, &reason);
                }
                Effect::Lost { node_ids } => {
                    self.tally.lost.clone_from(&node_ids);
                    self.tell(RunEvent::Lost { node_ids });
                }
                Effect::Ended(how) => ending = Some(how),
            }
        }
        ending
    }

    fn start(&mut self, id: WorkerId) {
        let process = worker::start(id, &self.launch, &self.news, &mut self.tasks);
        self.workers.insert(id, Known { process, output: Output::default(), finished: false });
    }

    fn configure(&self, id: WorkerId) -> ToWorker {
        ToWorker::Configure {
            args: self.request.pytest_args.clone(),
            worker: (self.workers_wanted > 1).then(|| format!("gw{id}")),
            workers: self.workers_wanted,
            run_uid: self.run_uid.clone(),
            cwd_on_path: self.request.cwd_on_path,
            columns: self.request.columns,
            foreground: self.request.foreground,
            markup: self.request.markup,
            passed_output: self.request.passed_output,
            junit_family: self.request.junit_family.clone(),
            report_log: self.request.report_log,
            overlay: wire::overlay(&self.request.overlay),
            debug: self.request.debug.as_ref().map(wire::debugging),
        }
    }

    fn send(&self, worker: WorkerId, command: Command) {
        self.with(worker, |process| process.send(command.into()));
    }

    fn with(&self, worker: WorkerId, act: impl FnOnce(&Worker)) {
        if let Some(known) = self.workers.get(&worker) {
            act(&known.process);
        }
    }

    fn tell(&self, event: RunEvent) {
        // A listener that left early wants to hear nothing more.
        let _left = self.events.send(event);
    }

    /// What a worker's news mean to the schedule; everybody else is told on the way.
    fn take_in(&mut self, worker: WorkerId, what: News) -> Result<Vec<Event>, RunError> {
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
                if self.listed { Ok(Vec::new()) } else { Err(RunError::Protocol(why)) }
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
            FromWorker::Listed { units, deselected, reports, lines } => {
                let first = !std::mem::replace(&mut self.listed, true);
                self.open_output(worker, first);
                let failures = reports.iter().filter(|report| report.is_failure()).count();
                if first {
                    self.tell_collect_reports(reports);
                    self.tell_deselected(deselected);
                    if !lines.is_empty() {
                        self.tell(RunEvent::CollectionLines { lines });
                    }
                }
                vec![Event::Listed { worker, units, failures }]
            }
            FromWorker::Collected(collected) => vec![self.take_collected(worker, collected)],
            FromWorker::Started(started) => {
                let (node_id, place, start) = started.into_model();
                self.tell(RunEvent::TestStarted { node_id, place, start, worker });
                vec![Event::TestStarted { worker }]
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
            FromWorker::Finished { exit, reason, last_words } => {
                if !last_words.is_empty() {
                    self.tell(RunEvent::SummaryText { pieces: last_words });
                }
                let ordinary = self.tally.finished(exit, reason);
                self.finish(worker, ordinary);
                vec![Event::Finished { worker }]
            }
        })
    }

    /// A worker's session has ended; one that ends before any could list says why.
    fn finish(&mut self, worker: WorkerId, ordinary: bool) {
        let before_all = !self.listed && !ordinary;
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
        let failures = reports.iter().filter(|report| report.is_failure()).count();
        if self.collected.insert(unit.clone()) {
            self.tell_collect_reports(reports);
            self.tell_deselected(deselected);
            self.tally.collected.extend(items.iter().cloned());
            self.tell(RunEvent::Collected { node_ids: items.clone() });
        }
        let found = items.into_iter().enumerate().map(|(at, node_id)| Found {
            node_id,
            scope: scopes.get(at).copied().flatten(),
            group: groups.remove(&at),
        });
        let (items, took) = (found.collect(), microseconds(duration));
        Event::Collected { worker, unit, items, failures, took }
    }

    fn take_ended(&mut self, worker: WorkerId, node_id: String, duration: f64) -> Vec<Event> {
        let took = microseconds(duration);
        drop(node_id);
        vec![Event::TestEnded { worker, took }]
    }

    fn take_report(&self, worker: WorkerId, report: Box<WireReport>) -> Vec<Event> {
        let mut events = Vec::new();
        if report.is_failure() {
            events.push(Event::Failed { worker });
        }
        if report.is_last() {
            events.push(Event::Reported { worker });
        }
        self.tell(RunEvent::PhaseEnded { report: report.into_model(self.request.markup), worker });
        events
    }

    fn take_output(&mut self, worker: WorkerId, stderr: bool, text: String) {
        let Some(known) = self.workers.get_mut(&worker) else { return };
        let shown = known.output.push(stderr, text);
        self.tell_output(worker, shown);
    }

    fn open_output(&mut self, worker: WorkerId, show_held: bool) {
        let Some(known) = self.workers.get_mut(&worker) else { return };
        let shown = known.output.open(show_held);
        self.tell_output(worker, shown);
    }

    fn take_end(
        &mut self,
        worker: WorkerId,
        status: &std::io::Result<std::process::ExitStatus>,
    ) -> Vec<Event> {
        let Some(known) = self.workers.get(&worker) else { return Vec::new() };
        if known.finished {
            self.workers.remove(&worker);
            return Vec::new();
        }
        let reason = match status {
            Ok(status) => exit::describe(*status),
            Err(error) => format!("lost: {error}"),
        };
        if !self.listed {
            self.open_output(worker, self.tally.workers_lost == 0);
        }
        self.tally.workers_lost += 1;
        self.tell(RunEvent::WorkerLost { worker, reason: reason.clone() });
        vec![Event::Gone { worker, reason }]
    }

    fn tell_collect_reports(&self, reports: Vec<wire::WireCollectReport>) {
        for report in reports {
            self.tell(report.into_model(self.request.markup));
        }
    }

    fn tell_deselected(&mut self, node_ids: Vec<String>) {
        if !node_ids.is_empty() {
            self.tell(RunEvent::Deselected { count: node_ids.len() });
            self.tally.deselected.extend(node_ids);
        }
    }

    fn tell_output(&self, worker: WorkerId, pieces: Vec<(bool, String)>) {
        for (stderr, text) in pieces {
            self.tell(RunEvent::Output { worker, stderr, text });
        }
    }

    fn tell_crash(&mut self, worker: WorkerId, node_id: String, reason: &str) {
        self.tally.crashes += 1;
        let text = format!("worker crashed: {reason}");
        let headline = node_id.split_once("::").map_or(&*node_id, |(_, name)| name);
        let report = PhaseReport {
            headline: headline.replace("::", "."),
            summary: text.clone(),
            text,
            sections: self.last_words(worker),
            ..PhaseReport::new(node_id.clone(), Phase::Call, Outcome::Failed)
        };
        self.tell(RunEvent::PhaseEnded { report, worker });
    }

    fn tell_crash_collecting(&mut self, worker: WorkerId, node_id: String, reason: &str) {
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

    /// Wait until the processes whose sessions have ended are gone, so that nothing is left.
    async fn part(
        &mut self,
        news: &mut UnboundedReceiver<(WorkerId, News)>,
        cancels: &mut Cancels,
    ) {
        while self.workers.values().any(|known| known.finished) {
            tokio::select! {
                Some((worker, what)) = news.recv() => match what {
                    News::Output { stderr, text } => self.take_output(worker, stderr, text),
                    News::Gone(_) | News::NotStarted(_) => drop(self.workers.remove(&worker)),
                    News::Started { .. } | News::Message(_) | News::Broken(_) => {}
                },
                () = cancels.next() => self.workers.values().for_each(|known| known.process.kill()),
            }
        }
    }
}

/// What all workers of a run have in common. Where a module of the working directory may hide an
/// installed one, as under `python -m pytest`, nothing may be imported before that is known.
fn launch(request: &RunRequest, bundle: Arc<Bundle>) -> Launch {
    let plain = !request.cwd_on_path && !request.foreground && request.debug.is_none();
    let forks = request.transport == Transport::Inherited && plain;
    Launch {
        python: request.python.clone(),
        bundle,
        dir: request.invocation_dir.clone(),
        env: request.env.clone(),
        transport: request.transport,
        foreground: request.foreground,
        zygote: request.zygote.clone().filter(|_| forks),
    }
}

/// Seconds of a worker's clock.
fn microseconds(seconds: f64) -> u64 {
    let whole = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    u64::try_from(whole.as_micros()).unwrap_or(u64::MAX)
}

fn check_protocol(theirs: u32) -> Result<(), RunError> {
    if theirs == wire::PROTOCOL {
        return Ok(());
    }
    let ours = wire::PROTOCOL;
    Err(RunError::Protocol(format!("the worker speaks version {theirs}, not {ours}")))
}
