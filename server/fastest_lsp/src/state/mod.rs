//! The loop: one thread owns everything, takes one event after the other, and waits for nobody.
//!
//! Reading order: [`State::on`], `roots` (reading them), `edits` (open documents), `reports`
//! (what the client is told of items), then each subject by its name.

mod blocks;
mod commands;
mod continuous;
mod covering;
mod debugging;
mod diagnostics;
mod documents;
mod edits;
mod initialize;
pub mod knowledge;
pub mod lenses;
pub mod news;
mod profile;
mod reports;
mod roots;
mod runs;
pub mod settings;
mod status;
mod symbols;
pub mod terminal;
mod view;
mod warm;
mod watch;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::event::{Event, Events};
use crate::outbox::Outbox;
use crate::protocol::status::Status;
use crate::roots::Root;
use documents::Documents;
use knowledge::Knowledge;
use profile::Profile;
use settings::Settings;

/// Everything that the server knows.
#[derive(Debug)]
pub struct State {
    out: Outbox,
    events: Events,
    profile: Profile,
    /// The settings of `initializationOptions`, which each root's own start from.
    base: Settings,
    roots: Vec<Root>,
    documents: Documents,
    /// What of them was not told of yet.
    untold: edits::Untold,
    /// What is remembered for questions about fixtures.
    knowledge: Knowledge,
    /// Reports of items that were made.
    generation: u64,
    /// The status that the client knows.
    status: Option<Status>,
    /// Requests that wait for a root to be read for the first time.
    waiting: Vec<Event>,
    /// Files whose diagnostics may have changed.
    undiagnosed: BTreeSet<PathBuf>,
    /// Documents whose diagnostics wait for a pause in typing.
    late: BTreeSet<PathBuf>,
    /// Files that the client shows diagnostics of.
    diagnosed: BTreeSet<PathBuf>,
    /// Runs that go on, and what is kept of those that are over.
    runs: runs::Runs,
    /// Runs that go on.
    continuous: Vec<continuous::Watching>,
    /// Our own watch of files, where the client has none, and what it watches.
    watch: Option<fastest_workspace::watch::Watch>,
    watched: Vec<PathBuf>,
    /// Whether lenses may have changed without an edit of their document.
    stale_lenses: bool,
    /// When something is due that no event brings about.
    timers: Vec<(Instant, Timer)>,
    /// Where runs in terminals tell of themselves.
    terminals: Option<fastest_runner::relay::Editor>,
    /// Questions for settings that the client has not answered.
    asked_settings: usize,
    /// What begins runs, and waits for these answers.
    held: Vec<Event>,
}

/// How long a run waits for settings that are on their way.
const SETTINGS_PATIENCE: Duration = Duration::from_secs(1);

/// What is due at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Timer {
    /// Look whether the client's process still lives.
    Parent(u32),
    /// Ask the client to ask for lenses again.
    Lenses,
    /// Ask the client to ask for diagnostics again.
    Pull,
    /// Tell the diagnostics that waited for a pause in typing.
    Diagnose,
    /// Run what edits or saves have affected.
    Round(crate::protocol::runs::ContinuousOn),
    /// Collect again what was saved.
    Collect,
    /// Begin runs although the client does not say what its settings are.
    Settings,
}

/// Starts the loop; it ends with [`Event::Stop`].
///
/// # Errors
/// When there can be no thread for it.
pub fn start(
    out: Outbox,
    events: Events,
    inbox: Receiver<Event>,
) -> io::Result<thread::JoinHandle<()>> {
    let named = thread::Builder::new().name("fastest loop".to_owned());
    named.spawn(move || State::new(out, events).run(&inbox))
}

impl State {
    fn new(out: Outbox, events: Events) -> Self {
        Self {
            out,
            events,
            profile: Profile::default(),
            base: Settings::default(),
            roots: Vec::new(),
            documents: Documents::default(),
            untold: edits::Untold::default(),
            knowledge: Knowledge::default(),
            generation: 0,
            status: None,
            waiting: Vec::new(),
            undiagnosed: BTreeSet::new(),
            late: BTreeSet::new(),
            diagnosed: BTreeSet::new(),
            runs: runs::Runs::default(),
            continuous: Vec::new(),
            watch: None,
            watched: Vec::new(),
            stale_lenses: false,
            timers: Vec::new(),
            terminals: None,
            asked_settings: 0,
            held: Vec::new(),
        }
    }

    fn run(mut self, inbox: &Receiver<Event>) {
        loop {
            let wait = self.next_timer();
            match inbox.recv_timeout(wait) {
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(event) => {
                    self.events.taken(&event);
                    self.on_unharmed(event);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.on_timers();
        }
    }

    /// A defect that an event brings to light costs that event and no more.
    fn on_unharmed(&mut self, event: Event) {
        let act = std::panic::AssertUnwindSafe(|| self.on(event));
        if std::panic::catch_unwind(act).is_err() {
            tracing::error!("an event could not be dealt with: a defect, to be reported");
        }
    }

    fn next_timer(&self) -> Duration {
        let next = self.timers.iter().map(|(at, _)| *at).min();
        // An hour is as good as for ever.
        next.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(Instant::now()))
    }

    fn on_timers(&mut self) {
        let now = Instant::now();
        while let Some(at) = self.timers.iter().position(|(due, _)| *due <= now) {
            let (_, timer) = self.timers.swap_remove(at);
            self.on_timer(timer);
        }
    }

    fn on_timer(&mut self, timer: Timer) {
        self.tell_edits();
        match timer {
            Timer::Parent(pid) => self.watch_parent(pid),
            Timer::Lenses => self.refresh_lenses(),
            Timer::Pull => self.refresh_diagnostics(),
            Timer::Diagnose => self.diagnose_late(),
            Timer::Round(on) => self.run_round(on),
            Timer::Collect => self.collect_saved(),
            Timer::Settings => self.release_held(),
        }
    }

    /// Has a timer go off after a while; one of the same kind that is set already is moved.
    fn set_timer(&mut self, after: Duration, timer: Timer) {
        self.timers.retain(|(_, set)| *set != timer);
        self.timers.push((Instant::now() + after, timer));
    }

    fn on(&mut self, event: Event) {
        // What cancels a run stays behind what begins it.
        let cancels = matches!(event, Event::Cancel(..)) && !self.held.is_empty();
        if self.asked_settings > 0 && (event.begins_run() || cancels) {
            return self.held.push(event);
        }
        // Whatever else happens happens to documents as they are.
        if !matches!(event, Event::Changed { .. }) {
            self.tell_edits();
        }
        if event.is_cancelled() {
            return;
        }
        if self.is_early(&event) {
            return self.waiting.push(event);
        }
        match event {
            Event::Initialize(params, reply) => reply.send(Ok(self.initialize(&params))),
            Event::Initialized => self.initialized(),
            Event::Opened { uri, version, text } => self.opened(&uri, version, &text),
            Event::Changed { uri, version, changes } => self.changed(&uri, version, &changes),
            Event::Saved(uri) => self.saved(&uri),
            Event::Closed(uri) => self.closed(&uri),
            Event::Configuration(settings) => self.configured(&settings),
            Event::ConfigurationAnswered(answers) => self.configuration_answered(answers),
            Event::Folders { added, removed } => self.change_folders(added, &removed),
            Event::FilesChanged(paths) => self.files_changed(paths),
            Event::RootRead { root, epoch, result } => self.root_read(&root, epoch, *result),
            Event::Discover(params, reply) => self.discover(params, reply),
            Event::Related(params, reply) => reply.send(self.related(&params)),
            Event::Lenses(uri, reply) => reply.send(Ok(self.lenses(&uri))),
            Event::ResolveLens(lens, reply) => reply.send(Ok(self.resolve_lens(*lens))),
            Event::DocumentSymbols(uri, reply) => reply.send(Ok(self.document_symbols(&uri))),
            Event::WorkspaceSymbols(query, reply) => {
                reply.send(Ok(self.workspace_symbols(&query)));
            }
            Event::Diagnose(uri, reply) => reply.send(Ok(self.pulled_diagnostics(&uri))),
            Event::Execute(command, arguments, reply, gate) if command == "fastest.debug" => {
                self.debug_command(&arguments, reply, gate);
            }
            Event::Execute(command, arguments, reply, gate) => {
                let answer = self.execute(&command, &arguments, gate);
                reply.send(answer);
            }
            Event::Run(params, reply, gate) => self.run_tests(*params, reply, gate),
            Event::Cancel(params, reply) => {
                self.cancel(&params.run_id, params.force);
                reply.send(Ok(()));
            }
            Event::CancelProgress(token) => {
                if let Some(run_id) = token.as_str() {
                    self.cancel(run_id, false);
                }
            }
            Event::ResolveRun(params, reply) => reply.send(self.resolve_run(&params)),
            Event::ResolveDebug(params, reply, gate) => self.resolve_debug(*params, reply, gate),
            Event::FileCoverage(params, reply) => self.file_coverage(params, reply),
            Event::Ask(question) => self.on_question(question),
            Event::RunNews(news) => self.on_run_news(news),
            Event::TerminalRun(run) => self.terminal_run(run),
            Event::Shutdown(reply) => {
                self.shut_down();
                reply.send(Ok(()));
            }
            Event::Stop => {}
        }
        // They would speak of other texts than the index knows.
        if self.untold.is_empty() {
            self.tell_diagnostics();
            self.tell_status();
        }
    }
}

impl State {
    /// Whether an answer would be that nothing is there, only because a root is being read for the
    /// first time: editors ask about the document that they start with, and many only once.
    fn is_early(&self, event: &Event) -> bool {
        match event {
            Event::Execute(command, ..) if command == "fastest.cancel" => {
                self.waiting.iter().any(|event| matches!(event, Event::Execute(..)))
            }
            Event::WorkspaceSymbols(..) | Event::Execute(..) => {
                self.roots.iter().any(Root::is_unread)
            }
            _ => event
                .document()
                .and_then(crate::uris::to_path)
                .and_then(|path| self.root_of(&path))
                .is_some_and(|at| self.roots[at].is_unread()),
        }
    }

    /// Answers requests whose root has been read, or is gone, meanwhile.
    fn answer_waiting(&mut self) {
        for event in std::mem::take(&mut self.waiting) {
            self.on(event);
        }
    }
}

/// A request of the client's that names something unknown.
fn invalid(message: impl Into<String>) -> tower_lsp::jsonrpc::Error {
    tower_lsp::jsonrpc::Error::invalid_params(message.into())
}

/// A request that is refused, with the sentence to show.
fn refused(message: impl Into<String>) -> tower_lsp::jsonrpc::Error {
    tower_lsp::jsonrpc::Error {
        code: tower_lsp::jsonrpc::ErrorCode::ServerError(-32803),
        message: message.into().into(),
        data: None::<Value>,
    }
}
