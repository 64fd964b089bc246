//! Runs as the loop keeps them: begun, cancelled, remembered.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fastest_runner::{Canceller, cancellation};
use rustc_hash::{FxHashMap, FxHashSet};
use tower_lsp::jsonrpc::Result;

use super::covering::covering;
use super::news::RunNews;
use super::{State, invalid};
use crate::event::{Gate, Reply};
use crate::protocol::runs::{
    Continuous, EndOutcome, Mode, Origin, ResolveRunParams, ResolveRunResult, RunParams, RunResult,
    RunStarted, Source, WorkersParam,
};
use crate::roots::{Root, file_of};
use crate::runs::covered::Covered;
use crate::runs::messages::Places;
use crate::runs::request::{Extra, command_line, environment_of, program, request};
use crate::runs::selection::{Selected, holds, select};
use crate::runs::task::{Account, Listening, Part, Run, start};
use crate::runs::translate::Translator;

/// So many runs' accounts are kept for `fastest.showOutput`.
const KEPT_ACCOUNTS: usize = 20;

/// All runs.
#[derive(Debug, Default)]
pub struct Runs {
    going: FxHashMap<String, Going>,
    used: FxHashSet<String>,
    next: u64,
    /// What was asked of the run before, for `fastest.runLast`.
    pub last: Option<RunParams>,
    /// Accounts of runs, the oldest first.
    pub accounts: Vec<(String, Account)>,
    /// What runs have covered, the oldest first.
    pub covered: Vec<(String, Arc<Covered>)>,
    /// Whether all runs were asked to end.
    pub cancelled_all: bool,
}

/// A run that goes on.
#[derive(Debug)]
struct Going {
    cancellers: Vec<Canceller>,
    end: Arc<Mutex<Option<EndOutcome>>>,
}

/// Why a run is refused: the protocol's word, and a sentence.
pub type Refusal = (&'static str, String);

/// What is to run, by root.
pub type Chosen = Vec<(usize, Selected)>;

impl Runs {
    /// An id for a run of the server's own.
    pub fn own_id(&mut self) -> String {
        self.next += 1;
        format!("server:{}", self.next)
    }

    /// The ids of the runs that go on.
    pub fn going(&self) -> Vec<String> {
        self.going.keys().cloned().collect()
    }

    fn keep_account(&mut self, run_id: &str) -> Account {
        let account = Account::default();
        self.accounts.push((run_id.to_owned(), Arc::clone(&account)));
        if self.accounts.len() > KEPT_ACCOUNTS {
            self.accounts.remove(0);
        }
        account
    }
}

impl State {
    /// Keeps a run that somebody else runs, and that cannot be cancelled.
    pub(super) fn begin_followed(&mut self, run_id: &str) -> Account {
        let going = Going { cancellers: Vec::new(), end: Arc::default() };
        self.runs.going.insert(run_id.to_owned(), going);
        self.runs.keep_account(run_id)
    }

    /// `fastest/runTests`
    pub(super) fn run_tests(&mut self, params: RunParams, reply: Reply<RunResult>, gate: Gate) {
        if !matches!(params.continuous, None | Some(Continuous::Flag(false))) {
            let answer = self.watch_tests(params, gate);
            reply.send(Ok(answer));
            return;
        }
        if params.mode == Mode::Debug {
            self.debug(params, None, gate, move |answer| {
                reply.send(Ok(answer.unwrap_or_else(refused_run)));
            });
            return;
        }
        let begun = self.begin(params, Some(gate), None);
        reply.send(Ok(begun.unwrap_or_else(refused_run)));
    }

    /// Begins a run, which waits for its gate.
    pub(super) fn begin(
        &mut self,
        params: RunParams,
        gate: Option<Gate>,
        origin: Option<(Origin, Option<String>)>,
    ) -> std::result::Result<RunResult, Refusal> {
        let (chosen, unknown) = self.prepare(&params)?;
        let begun = accepted(&chosen, unknown);
        let started = self.started(&params, &chosen, origin);
        self.launch(&params, &chosen, gate, started, None)?;
        self.remember(params);
        Ok(begun)
    }

    /// What a run is to run; its id is taken.
    pub(super) fn prepare(
        &mut self,
        params: &RunParams,
    ) -> std::result::Result<(Chosen, Vec<String>), Refusal> {
        if !self.runs.used.insert(params.run_id.clone()) {
            let message = format!("there was a run `{}` already", params.run_id);
            return Err(("duplicateRunId", message));
        }
        let (chosen, unknown) = self.choose(params.include.as_deref(), &params.exclude);
        if chosen.is_empty() {
            return Err(("noTests", self.why_nothing(params.include.as_deref())));
        }
        self.check_trust(&chosen)?;
        if params.mode == Mode::Coverage {
            self.check_coverage(&chosen)?;
        }
        Ok((chosen, unknown))
    }

    /// What is told first of a run that the client did not ask for.
    pub(super) fn started(
        &self,
        params: &RunParams,
        chosen: &Chosen,
        origin: Option<(Origin, Option<String>)>,
    ) -> Option<RunStarted> {
        origin.map(|(origin, continuous_id)| RunStarted {
            run_id: params.run_id.clone(),
            origin,
            continuous_id,
            include: params.include.clone().unwrap_or_default(),
            mode: params.mode,
            total: chosen.iter().map(|(_, selected)| selected.total()).sum(),
            title: Some(self.title(params)),
        })
    }

    /// Notes what was run last.
    pub(super) fn remember(&mut self, params: RunParams) {
        self.runs.last = Some(params);
        self.runs.cancelled_all = false;
    }

    fn check_trust(&self, chosen: &Chosen) -> std::result::Result<(), Refusal> {
        let untrusted = chosen.iter().find(|(at, _)| !self.roots[*at].settings.trusted);
        match untrusted {
            Some((at, _)) => {
                let name = &self.roots[*at].name;
                Err(("untrusted", format!("`{name}` is not trusted: nothing of it is run")))
            }
            None => Ok(()),
        }
    }

    /// The tests that items stand for, by root, and the ids that name nothing.
    pub(super) fn choose(
        &self,
        include: Option<&[String]>,
        exclude: &[String],
    ) -> (Chosen, Vec<String>) {
        let mut unknown = Vec::new();
        let mut by_root: Vec<Vec<String>> = vec![Vec::new(); self.roots.len()];
        for id in include.unwrap_or_default() {
            match self.find(id).filter(|(at, node_id)| self.exists(*at, node_id)) {
                Some((at, node_id)) => by_root[at].push(self.test_of(at, node_id)),
                None => unknown.push(id.clone()),
            }
        }
        if include.is_none() {
            by_root.iter_mut().for_each(|root| root.push(String::new()));
        }
        let mut chosen = Vec::new();
        for (at, nodes) in by_root.into_iter().enumerate() {
            let root = &self.roots[at];
            let Some(loaded) = root.loaded.as_ref().filter(|_| !nodes.is_empty()) else { continue };
            let excluded: Vec<String> =
                exclude.iter().filter_map(|id| root.node_id(id)).map(str::to_owned).collect();
            let selected = select(loaded, &nodes, &excluded);
            let is_nothing = selected.arguments.as_ref().is_some_and(Vec::is_empty)
                || (include.is_none() && loaded.files.is_empty());
            if !is_nothing {
                chosen.push((at, selected));
            }
        }
        (chosen, unknown)
    }

    /// A subtest runs with its test.
    fn test_of(&self, at: usize, node_id: String) -> String {
        let found = self.roots[at].found.of(file_of(&node_id)).iter();
        let mut subtests = found.filter(|item| {
            item.kind == crate::protocol::items::ItemKind::Subtest && item.node_id == node_id
        });
        subtests.next().map_or(node_id, |subtest| subtest.parent.clone())
    }

    fn exists(&self, at: usize, node_id: &str) -> bool {
        let root = &self.roots[at];
        let Some(loaded) = &root.loaded else { return false };
        if loaded.levels.children(node_id).is_some() {
            return true;
        }
        let Some(place) = loaded.at_node_id(file_of(node_id)) else { return false };
        let slot = &loaded.files[place];
        node_id == slot.node_id
            || root.found.of(&slot.node_id).iter().any(|item| item.node_id == node_id)
            || slot.session(&loaded.selection).items().any(|item| holds(node_id, &item.node_id()))
            // What does not parse just now may be meant all the same.
            || slot.collected.fails()
    }

    pub(super) fn launch(
        &mut self,
        params: &RunParams,
        chosen: &Chosen,
        gate: Option<Gate>,
        started: Option<RunStarted>,
        listening: Option<Listening>,
    ) -> std::result::Result<(), Refusal> {
        let workers = match params.workers {
            Some(WorkersParam::Count(count)) => Some(count.max(1)),
            _ => None,
        };
        let overlay = self.buffers(params);
        let debug = self.debugging(params, chosen);
        let measured = params.mode == Mode::Coverage;
        let repeats = started.as_ref().is_none_or(RunStarted::repeats);
        let args = params.extra_args.clone();
        let extra = Extra { args, workers, measured, debug, overlay, repeats };
        let (mut parts, mut cancellers, mut enqueued) = (Vec::new(), Vec::new(), Vec::new());
        for (at, selected) in chosen {
            let (canceller, cancels) = cancellation();
            let root = &self.roots[*at];
            let Some(loaded) = &root.loaded else { continue };
            let mut request = request(root, loaded, selected, &extra)
                .map_err(|message| ("noInterpreter", message))?;
            let covering = covering(root, &mut request, &mut cancellers)?;
            enqueued.extend(selected.node_ids().map(|node_id| root.item_id(node_id)));
            let translator = self.translator(*at, selected, params);
            parts.push(Part { request, covering, cancels, translator });
            cancellers.push(canceller);
        }
        let end = Arc::default();
        let going = Going { cancellers, end: Arc::clone(&end) };
        self.runs.going.insert(params.run_id.clone(), going);
        let plain = started.is_some() && self.profile.progress && !self.profile.test_runs;
        let run = Run {
            run_id: params.run_id.clone(),
            gate,
            enqueued,
            parts,
            wanted: self.profile.test_runs,
            progress: plain.then(|| self.title(params)),
            account: self.runs.keep_account(&params.run_id),
            end,
            started,
            listening,
        };
        start(run, self.out.clone(), self.events.clone());
        Ok(())
    }

    /// The documents that run as they stand in the editor.
    fn buffers(&self, params: &RunParams) -> Vec<(PathBuf, String)> {
        match params.source {
            Source::Disk => Vec::new(),
            Source::Buffer => self.documents.dirty(),
        }
    }

    pub(super) fn translator(
        &mut self,
        at: usize,
        selected: &Selected,
        params: &RunParams,
    ) -> Translator {
        let buffers = self.buffers(params);
        let uris =
            self.documents.iter().map(|(path, open)| (path.clone(), open.uri.clone())).collect();
        let hashes = self.hashes(at, selected);
        let root = &self.roots[at];
        let config = root.loaded.as_ref().map(|loaded| &loaded.project.config);
        let rootdir = config.map_or_else(|| root.path.clone(), |config| config.rootdir.clone());
        let dir = config.map_or_else(|| root.path.clone(), |c| c.invocation_dir.clone());
        let places = Places::new(rootdir, dir, uris, self.profile.encoding, &buffers);
        let mut translator = Translator::new(root.id.clone(), params.run_id.clone(), places);
        for node_id in selected.node_ids() {
            translator.known.insert(node_id.clone());
            let found = crate::items::found::items_of(node_id);
            translator.known.extend(found.into_iter().map(|item| item.node_id));
        }
        let found = selected.plan.iter().flat_map(|unit| root.found.of(&unit.path));
        translator.known.extend(found.map(|item| item.node_id.clone()));
        translator.hashes = hashes;
        translator
    }

    /// Hashes of what runs, of open documents: only these can be seen to change.
    fn hashes(&mut self, at: usize, selected: &Selected) -> FxHashMap<String, String> {
        let mut hashes = FxHashMap::default();
        for unit in &selected.plan {
            let Some(loaded) = &self.roots[at].loaded else { continue };
            let Some(place) = loaded.at_node_id(&unit.path) else { continue };
            if self.documents.get(&loaded.files[place].path).is_none() {
                continue;
            }
            let items = self.items_of(at, place).into_iter();
            hashes.extend(items.filter_map(|item| Some((item.node_id, item.body_hash?))));
        }
        hashes
    }

    /// What is run, for a person.
    pub(super) fn title(&self, params: &RunParams) -> String {
        match params.include.as_deref() {
            None | Some([]) => "all tests".to_owned(),
            Some([one]) => self
                .find(one)
                .map(|(at, id)| if id.is_empty() { self.roots[at].name.clone() } else { id })
                .unwrap_or_else(|| one.clone()),
            Some(many) => format!("{} selected", many.len()),
        }
    }

    /// Cancels a run; the second time, or by force, at once.
    pub(super) fn cancel(&mut self, run_id: &str, force: bool) {
        if self.cancel_watching(run_id, force) {
            return;
        }
        let Some(going) = self.runs.going.get(run_id) else { return };
        going.finish(EndOutcome::Cancelled, force);
    }

    /// Ends a round for the next one.
    pub(super) fn supersede(&mut self, run_id: &str) {
        if let Some(going) = self.runs.going.get(run_id) {
            going.finish(EndOutcome::Superseded, true);
        }
    }

    /// Ends all runs at once.
    pub(super) fn stop_runs(&mut self) {
        for going in self.runs.going.values() {
            going.finish(EndOutcome::Cancelled, true);
        }
    }

    /// What a run tells the loop.
    pub(super) fn on_run_news(&mut self, news: RunNews) {
        match news {
            RunNews::Result { root, node_id, result } => {
                let Some(root) = self.roots.iter_mut().find(|known| known.id == root) else {
                    return;
                };
                let before = root.results.forget(&node_id);
                self.undiagnosed.extend(before);
                self.undiagnosed.extend(result.failures.iter().filter_map(|f| f.path.clone()));
                root.results.set(node_id, *result);
                self.lenses_changed(1);
            }
            RunNews::Collected { root, node_ids } => self.reconcile(&root, &node_ids),
            RunNews::Found { root, item } => {
                let Some(at) = self.roots.iter().position(|known| known.id == root) else { return };
                let file = file_of(&item.node_id).to_owned();
                if self.roots[at].found.add(item) {
                    self.tell_node(at, &file);
                }
            }
            RunNews::Covered { run_id, covered } => self.keep_covered(run_id, covered),
            RunNews::Ended { run_id } => {
                self.runs.going.remove(&run_id);
                self.refresh_lenses();
            }
        }
    }

    /// A file was collected, by pytest itself: what was found before and is not now goes; so does
    /// a collection error of an earlier run.
    fn reconcile(&mut self, root: &str, node_ids: &[String]) {
        let Some(at) = self.roots.iter().position(|known| known.id == root) else { return };
        let Some(file) = node_ids.first().map(|id| file_of(id).to_owned()) else { return };
        let known = &mut self.roots[at];
        self.undiagnosed.extend(known.results.forget(&file));
        let whole = known.loaded.as_ref().and_then(|loaded| {
            let slot = &loaded.files[loaded.at_node_id(&file)?];
            Some(slot.session(&loaded.selection).items().len() <= node_ids.len())
        });
        let collected = node_ids.iter().map(String::as_str).collect();
        if whole == Some(true) && known.found.confirm(&file, &collected) {
            self.tell_node(at, &file);
        }
    }

    fn tell_node(&mut self, at: usize, file: &str) {
        let place = self.roots[at].loaded.as_ref().and_then(|loaded| loaded.at_node_id(file));
        if let Some(place) = place {
            self.tell_files(at, &[place]);
        }
    }

    /// `fastest/resolveRun`
    pub(super) fn resolve_run(&self, params: &ResolveRunParams) -> Result<ResolveRunResult> {
        let (chosen, _) = self.choose(params.include.as_deref(), &params.exclude);
        let [(at, selected)] = &chosen[..] else {
            return Err(invalid(match chosen.len() {
                0 => "there is no such test",
                _ => "one command line runs tests of one root",
            }));
        };
        let root = &self.roots[*at];
        let Some(loaded) = &root.loaded else { return Err(invalid("the root is not read yet")) };
        let mut extra = params.extra_args.clone();
        if params.mode == Mode::Coverage {
            extra.insert(0, "--cov".to_owned());
        }
        let text = |value: &std::ffi::OsString| value.to_string_lossy().into_owned();
        let env = environment_of(root);
        let env = env.iter().map(|(name, value)| (text(name), text(value)));
        let env = env.filter(|(name, _)| name != "PYTEST_ADDOPTS").collect();
        Ok(ResolveRunResult {
            program: program().display().to_string(),
            args: command_line(root, loaded, selected, &extra),
            cwd: loaded.project.config.invocation_dir.display().to_string(),
            env,
            item_ids: selected.node_ids().map(|node_id| root.item_id(node_id)).collect(),
            notes: notes(root),
        })
    }
}

impl Going {
    fn finish(&self, outcome: EndOutcome, force: bool) {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        end.get_or_insert(outcome);
        for canceller in &self.cancellers {
            canceller.cancel();
            if force {
                canceller.cancel();
            }
        }
    }
}

/// The answer to a run that begins.
pub fn accepted(chosen: &Chosen, unknown: Vec<String>) -> RunResult {
    let total = chosen.iter().map(|(_, selected)| selected.total()).sum();
    let (debug, reason, message) = (None, None, None);
    RunResult { accepted: true, total: Some(total), unknown, debug, reason, message }
}

/// The answer to a run that does not.
pub fn refused_run((reason, message): Refusal) -> RunResult {
    RunResult {
        accepted: false,
        total: None,
        unknown: Vec::new(),
        debug: None,
        reason: Some(reason),
        message: Some(message),
    }
}

/// Where what a run depends on comes from.
fn notes(root: &Root) -> Vec<String> {
    let Some(loaded) = &root.loaded else { return Vec::new() };
    let project = &loaded.project;
    let mut notes = Vec::new();
    match &project.environment {
        Ok(found) => notes.push(format!("{}, from {}", found.python.display(), found.origin)),
        Err(problem) => notes.push(problem.message.clone()),
    }
    notes.push(match &project.config.inipath {
        Some(path) => format!("configuration from {}", path.display()),
        None => "no configuration file".to_owned(),
    });
    if !root.settings.args.is_empty() {
        notes.push(format!("`fastest.args`: {}", root.settings.args.join(" ")));
    }
    notes
}
