//! One run from begin to end. Whatever happens, it ends with one `fastest/runEnded`.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fastest_model::RunEvent;
use fastest_report::{End, Reporter, Style};
use fastest_runner::{Cancels, RunError, RunRequest, RunSummary};
use fastest_schedule::Ending;
use tokio::sync::mpsc::unbounded_channel;

use super::batch::Batch;
use super::covered::{self, Covered, Covering, PartCovered};
use super::progress::Progress;
use super::translate::{Told, Translator};
use crate::event::{Event as LoopEvent, Events, Gate};
use crate::outbox::Outbox;
use crate::protocol::runs::{Counts, EndOutcome, Event, RunEnded, RunStarted};
use crate::state::news::RunNews;

/// The part of a run that is one root's.
#[derive(Debug)]
pub struct Part {
    /// What the runner is asked.
    pub request: RunRequest,
    /// What is to be done of its coverage, if it is measured.
    pub covering: Option<Covering>,
    /// Hears of cancelling.
    pub cancels: Cancels,
    /// Tells of it.
    pub translator: Translator,
}

/// A run.
#[derive(Debug)]
pub struct Run {
    /// Its id.
    pub run_id: String,
    /// Opens when the answer to the request is on its way; `None` for runs of our own.
    pub gate: Option<Gate>,
    /// Hears where the debugger listens, once it does, or why it does not.
    pub listening: Option<Listening>,
    /// What is told first of a run that the client did not ask for.
    pub started: Option<RunStarted>,
    /// Items that are to run.
    pub enqueued: Vec<String>,
    /// By root.
    pub parts: Vec<Part>,
    /// Whether the client wants runs' notifications.
    pub wanted: bool,
    /// The title of a progress bar, where one is shown.
    pub progress: Option<String>,
    /// What a terminal would show, kept for later.
    pub account: Account,
    /// How it was ended from outside.
    pub end: Arc<Mutex<Option<EndOutcome>>>,
}

/// Who waits for the debugger's port.
pub struct Listening(Box<dyn FnOnce(Result<u16, String>) + Send>);

impl Listening {
    /// Has it called once.
    pub fn new(call: impl FnOnce(Result<u16, String>) + Send + 'static) -> Self {
        Self(Box::new(call))
    }
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listening")
    }
}

/// What a terminal would show of a run.
pub type Account = Arc<Mutex<String>>;

/// What the parts of a run share.
pub(super) struct Shared {
    batch: Batch,
    progress: Option<Progress>,
    total: usize,
    events: Events,
    account: Account,
    done: usize,
    failed: usize,
    listening: Option<Listening>,
}

/// How a part ended.
struct PartEnd {
    counts: Counts,
    lost: Vec<String>,
    broken: Option<String>,
    result: Result<RunSummary, RunError>,
    covered: Option<PartCovered>,
}

/// Starts a run.
pub fn start(run: Run, out: Outbox, events: Events) {
    let runtime = out.runtime().clone();
    runtime.spawn(async move {
        let (run_id, end) = (run.run_id.clone(), Arc::clone(&run.end));
        let wanted = run.wanted;
        let begun = Instant::now();
        let task = tokio::spawn(drive(run, out.clone(), events.clone()));
        let ended = match task.await {
            Ok(Some(ended)) => Some(ended),
            // The request was cancelled before it was answered: nobody knows of this run.
            Ok(None) => None,
            Err(error) => Some(RunEnded {
                run_id: run_id.clone(),
                outcome: EndOutcome::Error,
                exit_code: None,
                message: Some(format!("the run broke off: {error}")),
                duration_ms: milliseconds(begun.elapsed()),
                counts: Counts::default(),
                lost: Vec::new(),
            }),
        };
        // The loop is told first: what it does of it then is in time for the client's answer.
        events.send(LoopEvent::RunNews(RunNews::Ended { run_id }));
        if let Some(mut ended) = ended {
            if let Some(outcome) = *end.lock().unwrap_or_else(PoisonError::into_inner) {
                ended.outcome = outcome;
            }
            if wanted {
                out.notify("fastest/runEnded", &ended);
            }
        }
    });
}

async fn drive(run: Run, out: Outbox, events: Events) -> Option<RunEnded> {
    let Run { run_id, gate, started, enqueued, wanted, account, listening, .. } = run;
    let is_debugged = listening.is_some();
    let mut batch = Batch::new(out.clone(), run_id.clone(), wanted);
    let total = enqueued.len();
    batch.push(Event::Enqueued { item_ids: enqueued });
    let progress = run.progress.map(|title| Progress::begin(&out, run_id.clone(), title));
    let shared = Shared { batch, progress, total, events, account, done: 0, failed: 0, listening };
    let shared = Mutex::new(shared);
    let begin = async {
        if let Some(gate) = gate {
            gate.await.ok()?;
        }
        if let Some(started) = started.filter(|_| wanted) {
            out.notify("fastest/runStarted", &started);
        }
        with(&shared, |shared| shared.batch.release());
        Some(())
    };
    let begun = Instant::now();
    let parts = run.parts.into_iter().map(|part| drive_part(part, &shared));
    let parts = futures::future::join_all(parts);
    let ends = if is_debugged {
        // The answer says where the debugger listens, so the process comes before the answer.
        with(&shared, |shared| shared.batch.hold());
        let (begun, ends) = futures::future::join(begin, refuse_unless(parts, &shared)).await;
        begun?;
        ends?
    } else {
        begin.await?;
        parts.await
    };
    let mut shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (ended, covered) = sum_up(run_id, ends, begun.elapsed());
    shared.cover(&ended.run_id, covered);
    shared.batch.flush();
    if let Some(progress) = shared.progress.take() {
        progress.end(&sentence(&ended.counts));
    }
    Some(ended)
}

/// The ends of a debugged run; `None` if its debugger never listened, and the run was refused.
async fn refuse_unless(
    parts: impl Future<Output = Vec<PartEnd>>,
    shared: &Mutex<Shared>,
) -> Option<Vec<PartEnd>> {
    let ends = parts.await;
    let Some(Listening(call)) = with(shared, |shared| shared.listening.take()) else {
        return Some(ends);
    };
    with(shared, |shared| shared.batch.discard());
    let error = ends.iter().find_map(|end| end.result.as_ref().err().map(ToString::to_string));
    call(Err(error.unwrap_or_else(|| "the process ended before its debugger listened".to_owned())));
    None
}

async fn drive_part(part: Part, shared: &Mutex<Shared>) -> PartEnd {
    let Part { request, covering, cancels, mut translator } = part;
    let (sender, mut heard) = unbounded_channel();
    let lines = Lines::default();
    let mut reporter = Reporter::new(style(&request), lines.clone());
    let mut running = std::pin::pin!(fastest_runner::run(request, sender, cancels));
    let mut result = None;
    loop {
        let due = with(shared, |shared| shared.batch.due_in());
        tokio::select! {
            biased;
            event = heard.recv() => match event {
                Some(event) => take(event, &mut translator, &mut reporter, &lines, shared),
                // Both ends are gone: everything was heard.
                None => break,
            },
            ended = &mut running, if result.is_none() => result = Some(ended),
            () = tokio::time::sleep(due.unwrap_or(Duration::from_secs(3600))), if due.is_some() => {
                with(shared, |shared| shared.batch.flush());
            }
        }
        if result.is_some() && heard.is_empty() {
            break;
        }
    }
    while let Ok(event) = heard.try_recv() {
        take(event, &mut translator, &mut reporter, &lines, shared);
    }
    let left = translator.end();
    with(shared, |shared| shared.tell(left));
    let result = match result {
        Some(result) => result,
        None => running.await,
    };
    close(reporter, &result, shared);
    // Combining takes a moment, and the tests' own news are ready.
    with(shared, |shared| shared.batch.flush());
    let covered = match covering.filter(|_| result.is_ok()) {
        Some(covering) => {
            let lost = result.as_ref().ok().and_then(RunSummary::lost_coverage);
            let warning = lost.map(|lost| format!("WARNING: {lost}\n")).unwrap_or_default();
            with(shared, |shared| shared.say(warning));
            covering.finish(&translator.root, &translator.places).await
        }
        None => None,
    };
    let Translator { counts, lost, broken, .. } = translator;
    PartEnd { counts, lost, broken, result, covered }
}

fn with<T>(shared: &Mutex<Shared>, act: impl FnOnce(&mut Shared) -> T) -> T {
    act(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
}

fn take(
    event: RunEvent,
    translator: &mut Translator,
    reporter: &mut Reporter<Lines>,
    lines: &Lines,
    shared: &Mutex<Shared>,
) {
    if let RunEvent::DebuggerListens { port } = &event {
        let listening = with(shared, |shared| shared.listening.take());
        if let Some(Listening(call)) = listening {
            call(Ok(*port));
        }
    }
    let told = translator.on(&event);
    // Writing to memory does not fail.
    let _infallible = reporter.on(event);
    with(shared, |shared| {
        shared.tell(told);
        shared.say(lines.take());
    });
}

fn close(reporter: Reporter<Lines>, result: &Result<RunSummary, RunError>, shared: &Mutex<Shared>) {
    let text = match result {
        Ok(summary) => {
            let (duration, stop_reason) = (summary.duration, summary.stop_reason.clone());
            let interruptions = summary.interruptions.clone();
            let end = End { duration, stop_reason, interruptions, exit: summary.exit };
            reporter.finish(&end).map(|(lines, _)| lines.take()).unwrap_or_default()
        }
        Err(error) => format!("ERROR: {error}\n"),
    };
    with(shared, |shared| shared.say(text));
}

impl Shared {
    /// Of a run that somebody else runs.
    pub(super) fn of(batch: Batch, events: Events, account: Account) -> Self {
        let (done, failed, total) = (0, 0, 0);
        Self { batch, progress: None, total, events, account, done, failed, listening: None }
    }

    /// When what was told is to be sent.
    pub(super) fn due_in(&self) -> Option<Duration> {
        self.batch.due_in()
    }

    /// Sends what was told.
    pub(super) fn flush(&mut self) {
        self.batch.flush();
    }

    pub(super) fn tell(&mut self, told: Told) {
        for event in told.events {
            if let Event::Finished { outcome, .. } = &event {
                self.done += 1;
                self.failed += usize::from(*outcome >= crate::protocol::runs::Outcome::Error);
            }
            self.batch.push(event);
        }
        if let Some(progress) = &mut self.progress {
            progress.report(self.done, self.total, self.failed);
        }
        for news in told.news {
            self.events.send(LoopEvent::RunNews(news));
        }
    }

    /// Tells what was covered; the loop keeps the rest, before the client can ask for it.
    fn cover(&mut self, run_id: &str, mut parts: Vec<PartCovered>) {
        if parts.is_empty() {
            return;
        }
        let files = parts.iter_mut().flat_map(|part| std::mem::take(&mut part.files));
        let files: Vec<_> = files.collect();
        let (run_id, covered) = (run_id.to_owned(), Covered::new(parts));
        self.events.send(LoopEvent::RunNews(RunNews::Covered { run_id, covered }));
        self.say(covered::sentence(&files));
        self.batch.push(Event::Coverage { files });
    }

    /// Shows a text beside the run.
    pub(super) fn say(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        self.account.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        self.batch.push(Event::Output { text, stream: "report", item_id: None, phase: None });
    }
}

/// What the reporter writes to.
#[derive(Clone, Debug, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn take(&self) -> String {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&std::mem::take(&mut *bytes)).into_owned()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn style(request: &RunRequest) -> Style {
    let workers = request.worker_count();
    let plural = if workers == 1 { "" } else { "s" };
    Style {
        color: true,
        invocation_dir: request.invocation_dir.clone(),
        own_line: format!("fastest-{}, {workers} worker{plural}", env!("CARGO_PKG_VERSION")),
        ..Style::default()
    }
}

/// The end of a run, and what it has covered.
fn sum_up(run_id: String, ends: Vec<PartEnd>, duration: Duration) -> (RunEnded, Vec<PartCovered>) {
    let mut covered = Vec::new();
    let mut ended = RunEnded {
        run_id,
        outcome: EndOutcome::Completed,
        exit_code: None,
        message: None,
        duration_ms: milliseconds(duration),
        counts: Counts::default(),
        lost: Vec::new(),
    };
    for end in ends {
        ended.counts.add(end.counts);
        ended.lost.extend(end.lost);
        match end.result {
            Ok(summary) => {
                // The worst of several roots' codes; pytest's rise with what is wrong.
                ended.exit_code = ended.exit_code.max(Some(summary.exit));
                if summary.ending == Ending::Cancelled {
                    ended.outcome = EndOutcome::Cancelled;
                }
                let problem = end.covered.as_ref().and_then(|covered| covered.problem.clone());
                ended.message = ended.message.or(end.broken).or(summary.stop_reason).or(problem);
            }
            Err(error) => {
                ended.outcome = EndOutcome::Error;
                ended.message = Some(error.to_string());
            }
        }
        covered.extend(end.covered.filter(|covered| covered.problem.is_none()));
    }
    (ended, covered)
}

fn sentence(counts: &Counts) -> String {
    let failed = counts.failed + counts.error;
    let passed = counts.passed + counts.xpassed;
    match failed {
        0 => format!("{passed} passed"),
        failed => format!("{failed} failed, {passed} passed"),
    }
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
