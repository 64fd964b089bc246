//! Runs that go on: what an edit or a save affects runs by itself, what failed first.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::settings::ContinuousSetting;
use super::{State, Timer};
use crate::event::Gate;
use crate::items::levels::is_broken;
use crate::protocol::items::TestItem;
use crate::protocol::runs::{
    Continuous, ContinuousOn, Counts, EndOutcome, Mode, Origin, RunEnded, RunParams, RunResult,
};
use crate::runs::selection::holds;

/// The pause after a save in which other files may be saved too.
const AFTER_SAVE: Duration = Duration::from_millis(50);

/// The id of the continuous run that a setting asks for.
const OF_SETTING: &str = "server:continuous";

/// A continuous run.
#[derive(Debug)]
pub struct Watching {
    params: RunParams,
    on: ContinuousOn,
    /// Files that changed since its last round.
    changed: Vec<PathBuf>,
    /// The round that is going on.
    round: Option<String>,
}

impl State {
    /// Begins a continuous run, which runs nothing yet.
    pub(super) fn watch_tests(&mut self, params: RunParams, gate: Gate) -> RunResult {
        // Nothing is told before the answer: the first round waits for an edit.
        drop(gate);
        let on = match params.continuous {
            Some(Continuous::On(on)) => on,
            _ => self.setting_on().unwrap_or(ContinuousOn::Save),
        };
        match self.prepare(&params) {
            Ok((chosen, unknown)) => {
                let begun = super::runs::accepted(&chosen, unknown);
                self.continuous.retain(|watching| watching.params.run_id != params.run_id);
                self.continuous.push(Watching { params, on, changed: Vec::new(), round: None });
                begun
            }
            Err(refusal) => super::runs::refused_run(refusal),
        }
    }

    fn setting_on(&self) -> Option<ContinuousOn> {
        self.roots.iter().find_map(|root| match root.settings.continuous {
            ContinuousSetting::Off => None,
            ContinuousSetting::Save => Some(ContinuousOn::Save),
            ContinuousSetting::Edit => Some(ContinuousOn::Edit),
        })
    }

    /// The settings for continuous runs may be others.
    pub(super) fn continuous_changed(&mut self) {
        self.continuous.retain(|watching| watching.params.run_id != OF_SETTING);
        if let Some(on) = self.setting_on() {
            let params = RunParams { run_id: OF_SETTING.to_owned(), ..RunParams::default() };
            self.continuous.push(Watching { params, on, changed: Vec::new(), round: None });
        }
    }

    /// Ends a continuous run; whether there was one.
    pub(super) fn cancel_watching(&mut self, run_id: &str, force: bool) -> bool {
        let at = self.continuous.iter().position(|watching| watching.params.run_id == run_id);
        let Some(watching) = at.map(|at| self.continuous.remove(at)) else { return false };
        if let Some(round) = watching.round {
            self.cancel(&round, force);
        }
        if self.profile.test_runs {
            let ended = RunEnded {
                run_id: run_id.to_owned(),
                outcome: EndOutcome::Cancelled,
                exit_code: None,
                message: None,
                duration_ms: 0.0,
                counts: Counts::default(),
                lost: Vec::new(),
            };
            self.out.notify("fastest/runEnded", &ended);
        }
        true
    }

    /// Ends all continuous runs.
    pub(super) fn stop_watching(&mut self) {
        self.continuous.retain(|watching| watching.params.run_id != OF_SETTING);
        while let Some(watching) = self.continuous.first() {
            let run_id = watching.params.run_id.clone();
            self.cancel_watching(&run_id, true);
        }
    }

    /// A document was edited.
    pub(super) fn edited(&mut self, path: &Path) {
        self.note_change(path, ContinuousOn::Edit);
        let pause = self.roots.iter().map(|root| root.settings.debounce_ms).max().unwrap_or(300);
        self.schedule_round(ContinuousOn::Edit, Duration::from_millis(pause));
    }

    /// A document was saved, or a file was written.
    pub(super) fn saved_file(&mut self, path: &Path) {
        self.collect_later(path);
        self.note_change(path, ContinuousOn::Save);
        self.schedule_round(ContinuousOn::Save, AFTER_SAVE);
    }

    fn note_change(&mut self, path: &Path, on: ContinuousOn) {
        for watching in self.continuous.iter_mut().filter(|watching| watching.on == on) {
            if !watching.changed.iter().any(|known| known == path) {
                watching.changed.push(path.to_owned());
            }
        }
    }

    fn schedule_round(&mut self, on: ContinuousOn, pause: Duration) {
        let due = |watching: &Watching| watching.on == on && !watching.changed.is_empty();
        if self.continuous.iter().any(due) {
            self.set_timer(pause, Timer::Round(on));
        }
    }

    /// Runs what the changes since the last round affect.
    pub(super) fn run_round(&mut self, on: ContinuousOn) {
        for at in 0..self.continuous.len() {
            let watching = &self.continuous[at];
            if watching.on == on && !watching.changed.is_empty() {
                self.run_round_of(at);
            }
        }
    }

    fn run_round_of(&mut self, at: usize) {
        let changed = std::mem::take(&mut self.continuous[at].changed);
        // Half a statement is not worth a run: the next edit will bring the rest.
        if self.continuous[at].on == ContinuousOn::Edit && changed.iter().any(|p| self.is_broken(p))
        {
            self.continuous[at].changed = changed;
            return;
        }
        let params = self.continuous[at].params.clone();
        let include = self.affected_items(&changed, params.include.as_deref());
        if include.is_empty() {
            return;
        }
        if let Some(round) = self.continuous[at].round.take() {
            self.supersede(&round);
        }
        let run_id = self.runs.own_id();
        let continuous_id = Some(params.run_id.clone());
        let last = self.runs.last.clone();
        let mode = if params.mode == Mode::Debug { Mode::Run } else { params.mode };
        let round = RunParams {
            run_id: run_id.clone(),
            include: Some(include),
            mode,
            continuous: None,
            ..params
        };
        match self.begin(round, None, Some((Origin::Continuous, continuous_id))) {
            Ok(_) => self.continuous[at].round = Some(run_id),
            Err((_, message)) => tracing::info!("no continuous run: {message}"),
        }
        // What the user ran last is what was asked for, not what went on by itself.
        self.runs.last = last;
    }

    fn is_broken(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| {
            let slot = root.loaded.as_ref().and_then(|l| Some(&l.files[l.at_path(path)?]));
            slot.is_some_and(is_broken)
        })
    }

    /// Items that changed files affect, within what a run includes; failed ones first.
    fn affected_items(&self, changed: &[PathBuf], include: Option<&[String]>) -> Vec<String> {
        let mut items = Vec::new();
        for root in &self.roots {
            let Some(loaded) = &root.loaded else { continue };
            let included: Option<Vec<&str>> =
                include.map(|ids| ids.iter().filter_map(|id| root.node_id(id)).collect());
            let graph = loaded.project.import_graph();
            let files = changed.iter().flat_map(|path| graph.affected(path));
            let mut nodes: Vec<String> = Vec::new();
            for place in files.filter_map(|file| loaded.at_path(&file)) {
                let file = &loaded.files[place].node_id;
                match &included {
                    None => nodes.push(file.clone()),
                    Some(nodes_in) if nodes_in.iter().any(|node| holds(node, file)) => {
                        nodes.push(file.clone());
                    }
                    Some(nodes_in) => {
                        let inner = nodes_in.iter().filter(|node| holds(file, node));
                        nodes.extend(inner.map(|node| (*node).to_owned()));
                    }
                }
            }
            let failed = |node: &String| root.results.below(node).1 > 0;
            nodes.sort_by_key(|node| !failed(node));
            nodes.dedup();
            items.extend(nodes.iter().map(|node| root.item_id(node)));
        }
        items
    }

    /// The items of the test files that a file can affect, nearest first.
    pub(super) fn affected_files(&mut self, path: &Path) -> Vec<TestItem> {
        let mut items = Vec::new();
        for at in 0..self.roots.len() {
            let root = &self.roots[at];
            let Some(loaded) = &root.loaded else { continue };
            let files = loaded.project.import_graph().affected(path);
            let places = files.iter().filter_map(|file| loaded.at_path(file));
            let nodes: Vec<String> = places.map(|p| loaded.files[p].node_id.clone()).collect();
            items.extend(nodes.iter().filter_map(|node| self.single_item(at, node)));
        }
        items
    }

    /// Shows a text in the editor.
    pub(super) fn show_text(&self, text: &str) {
        let path = std::env::temp_dir().join(format!("fastest-output-{}.txt", std::process::id()));
        if let Err(error) = std::fs::write(&path, text) {
            tracing::warn!("{}: {error}", path.display());
            return;
        }
        let Ok(uri) = crate::uris::from_path(&path).parse() else { return };
        let params = tower_lsp::lsp_types::ShowDocumentParams {
            uri,
            external: Some(false),
            take_focus: Some(true),
            selection: None,
        };
        self.out.ask::<tower_lsp::lsp_types::request::ShowDocument>(params, |_| {});
    }
}
