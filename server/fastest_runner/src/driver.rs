//! The driver: turns what workers let be known into the schedule's events, and the schedule's
//! effects into deeds.

mod ahead;
mod loss;
mod news;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use fastest_model::RunEvent;
use fastest_schedule::{Command, Effect, Ending, Event, Plan, Schedule, Selection, WorkerId};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use ahead::Ahead;

use crate::{
    bundle::Bundle,
    cancel::Cancels,
    clock::{Clock, Due},
    expect,
    learn::Learning,
    output::Output,
    request::{RunError, RunRequest, RunSummary, Transport},
    summary::Tally,
    template::Wanted,
    wire::{self, ToWorker},
    worker::{self, Launch, News, NewsSender, Worker},
    zygote::Zygote,
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
    let bundle = bundle(&request)?;
    let started = Instant::now();
    let (mut driver, mut news) = Driver::new(request, bundle, events);
    let plan = driver.plan();
    let (mut schedule, effects) = Schedule::new(plan);
    let mut ending = driver.apply(effects);
    while ending.is_none() {
        let event = tokio::select! {
            Some((worker, what)) = news.recv() => driver.take_in(worker, what)?,
            () = cancels.next() => vec![Event::Cancel],
            () = driver.clock.wait() => driver.on_time(),
        };
        for event in event {
            let effects = schedule.on(event);
            ending = ending.or(driver.apply(effects));
        }
    }
    driver.part(&mut news, &mut cancels).await;
    driver.keep_template();
    Ok(driver.summary(ending.unwrap_or(Ending::Complete), started.elapsed()))
}

/// Have a process kept for runs like this one, which does not run. It is made beside, on the
/// runtime that this is called on.
///
/// # Errors
/// When the harness cannot be written to disk.
pub fn collect_ahead(request: RunRequest) -> Result<(), RunError> {
    let bundle = bundle(&request)?;
    Driver::new(request, bundle, unbounded_channel().0).0.keep_template();
    Ok(())
}

/// The harness's files: those that a warm process has, if there is one.
fn bundle(request: &RunRequest) -> Result<Arc<Bundle>, RunError> {
    match request.zygote.as_ref().and_then(Zygote::bundle) {
        Some(bundle) => Ok(bundle),
        None => Ok(Arc::new(Bundle::unpack().map_err(RunError::Unpack)?)),
    }
}

/// A worker and what is known of it beyond what the schedule keeps.
struct Known {
    process: Worker,
    output: Output,
    /// Its session has ended in good order.
    finished: bool,
    /// The call of its running test has its outcome.
    called: bool,
    /// It is gone because it took too long.
    ended_by_us: bool,
    /// It was told to stop, and may do so in the middle of a word.
    interrupted: bool,
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
    learning: Learning,
    ahead: Ahead,
    clock: Clock,
}

impl Driver {
    fn new(
        request: RunRequest,
        bundle: Arc<Bundle>,
        events: UnboundedSender<RunEvent>,
    ) -> (Self, UnboundedReceiver<(WorkerId, News)>) {
        let (news, receiver) = unbounded_channel();
        let workers_wanted = request.worker_count();
        let selects = request.selection.is_active() && workers_wanted > 1;
        let in_part = request.pytest_args.iter().any(|arg| arg.contains("::"));
        let learning = Learning::new(&request.memory, in_part, selects);
        let clock = Clock::new(request.run_timeout);
        let driver = Self {
            launch: launch(&request, bundle),
            workers_wanted,
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
            learning,
            ahead: Ahead::default(),
            clock,
        };
        (driver, receiver)
    }

    fn plan(&mut self) -> Plan {
        if self.is_alone() {
            // Then pytest itself selects, from everything at once.
            let arguments = native(&std::mem::take(&mut self.request.selection));
            self.request.pytest_args.splice(..0, arguments);
        }
        let weights = expect::weights(&self.request);
        let starters = self.request.starters();
        let request = &mut self.request;
        Plan {
            workers: self.workers_wanted,
            starters,
            weights,
            durations: std::mem::take(&mut request.memory.durations),
            dist: request.dist,
            selection: request.selection.clone(),
            repeat: request.repeat,
            shard: request.shard,
            max_failures: request.max_failures,
            max_restarts: request.max_restarts,
            continue_on_collection_errors: request.continue_on_collection_errors,
            collect_only: request.collect_only,
            runs_ahead: request.debug.is_none(),
        }
    }

    /// Whether the one worker runs as pytest itself would.
    const fn is_alone(&self) -> bool {
        self.workers_wanted == 1
    }

    fn summary(mut self, ending: Ending, took: Duration) -> RunSummary {
        let kept_by_pytest = self.is_alone() && self.tally.workers_lost == 0;
        let learned = std::mem::take(&mut self.learning).finish(kept_by_pytest);
        let (wanted, request) = (self.workers_wanted, &self.request);
        let summary = self.tally.summary(ending, wanted, took, &request.plan, request.max_failures);
        RunSummary { learned, ..summary }
    }

    /// Do what is due now.
    fn on_time(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for due in self.clock.due() {
            match due {
                Due::Abort(worker) => self.with(worker, Worker::abort),
                Due::Kill(worker) => self.with(worker, Worker::kill),
                Due::Run => events.push(Event::TimeIsUp),
            }
        }
        events
    }

    /// Do what the schedule asks; the ending, once it says so.
    fn apply(&mut self, effects: Vec<Effect>) -> Option<Ending> {
        let mut ending = None;
        for effect in effects {
            match effect {
                Effect::Start { worker } => self.start(worker),
                Effect::Send { worker, command } => self.send(worker, command),
                Effect::Interrupt { worker } => {
                    self.with(worker, Worker::interrupt);
                    self.workers.entry(worker).and_modify(|known| known.interrupted = true);
                }
                Effect::Kill { worker } => self.with(worker, Worker::kill),
                Effect::Chosen { kept, deselected, note } => {
                    self.tell_chosen(kept, deselected, note);
                }
                Effect::Noted { text } => {
                    self.tell(RunEvent::CollectionLines { lines: vec![text] })
                }
                Effect::CollectionEnded { failed } => self.end_collection(failed),
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
        self.launch.templates = self.find_templates(id);
        let process = worker::start(id, &self.launch, &self.news, &mut self.tasks);
        self.workers.insert(
            id,
            Known {
                process,
                output: Output::default(),
                finished: false,
                called: false,
                ended_by_us: false,
                interrupted: false,
            },
        );
    }

    /// The kept processes that a worker can be forked from, the best first.
    fn find_templates(&self, id: WorkerId) -> Vec<Zygote> {
        let templates = self.request.templates.as_ref();
        let wanted = templates.and_then(|_| self.wanted(id));
        templates.zip(wanted).map_or_else(Vec::new, |(templates, wanted)| templates.find(&wanted))
    }

    /// What a kept process must be of, for this run to use one.
    fn wanted(&self, id: WorkerId) -> Option<Wanted> {
        self.launch.zygote.as_ref()?;
        Wanted::of(&self.configuration(id), &self.launch)
    }

    /// Have a process kept for the next run like this one.
    fn keep_template(&self) {
        if let Some(templates) = &self.request.templates
            && let Some(wanted) = self.wanted(0)
        {
            templates.keep(wanted, Launch { templates: Vec::new(), ..self.launch.clone() });
        }
    }

    fn configure(&self, id: WorkerId) -> ToWorker {
        ToWorker::Configure(Box::new(self.configuration(id)))
    }

    fn configuration(&self, id: WorkerId) -> wire::Configure {
        wire::Configure {
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
            standard_modules: match self.is_alone() {
                // It imports all files itself.
                true => Vec::new(),
                false => self.request.standard_modules.clone(),
            },
            debug: self.request.debug.as_ref().map(wire::debugging),
            by_file: self.request.shard.is_some(),
            timeout: self.request.timeout,
            reruns: self.request.reruns.clone().map(Into::into),
            coverage: self.request.coverage.clone(),
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

    fn tell(&mut self, event: RunEvent) {
        let Some(event) = self.ahead.pass(event) else { return };
        self.learning.on(&event);
        // A listener that left early wants to hear nothing more.
        let _left = self.events.send(event);
    }

    fn end_collection(&mut self, failed: bool) {
        self.ahead.listen_to_all();
        let held = self.ahead.end(failed);
        self.tell(RunEvent::CollectionEnded);
        held.into_iter().for_each(|event| self.tell(event));
    }

    fn tell_collect_reports(&mut self, reports: Vec<wire::WireCollectReport>) {
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

    fn tell_output(&mut self, worker: WorkerId, pieces: Vec<(bool, String)>) {
        for (stderr, text) in pieces {
            self.tell(RunEvent::Output { worker, stderr, text });
        }
    }

    fn tell_collected(&mut self, node_ids: Vec<String>) {
        self.tally.collected.extend(node_ids.iter().cloned());
        self.tell(RunEvent::Collected { node_ids });
    }

    /// What runs of everything that was collected.
    fn tell_chosen(&mut self, kept: Vec<String>, deselected: Vec<String>, note: Option<String>) {
        self.learning.chosen(&kept);
        self.tally.nothing_chosen = kept.is_empty();
        self.tell_collected(kept);
        self.tell_deselected(deselected);
        if let Some(text) = note {
            self.tell(RunEvent::CollectionLines { lines: vec![text] });
        }
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

/// The options that make a worker which is the whole run select as pytest does.
fn native(selection: &Selection) -> Vec<String> {
    let options = [
        (selection.last_failed_only, "--lf"),
        (selection.failed_first, "--ff"),
        (selection.new_first, "--nf"),
        (selection.nothing_without_failures, "--lfnf=none"),
    ];
    let given = options.into_iter().filter(|(given, _)| *given);
    given.map(|(_, option)| option.to_owned()).collect()
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
        starters: request.starters(),
        templates: Vec::new(),
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
