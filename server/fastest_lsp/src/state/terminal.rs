//! Runs in terminals, whose results are shown as those of our own.

use std::path::{Path, PathBuf};

use fastest_runner::relay::{Editor, Heard, Told};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::State;
use crate::event::{Event, Events};
use crate::protocol::runs::{Mode, Origin, RunParams, RunStarted, Source};
use crate::runs::terminal::{Following, follow};

/// A run in a terminal that has just begun.
#[derive(Debug)]
pub struct TerminalRun {
    rootdir: PathBuf,
    title: String,
    told: UnboundedReceiver<Told>,
}

impl State {
    /// Has the runs of our roots, and of no other, tell of themselves.
    pub(super) fn follow_terminals(&mut self) {
        let rootdirs = self
            .roots
            .iter()
            .filter_map(|root| root.loaded.as_ref().map(|loaded| &*loaded.project.config.rootdir));
        if self.terminals.is_none() {
            let events = self.events.clone();
            let editor = Editor::listen(move |heard| pass_on(heard, &events));
            let refused = |error| tracing::warn!("runs in terminals are not heard: {error}");
            self.terminals = editor.map_err(refused).ok();
        }
        if let Some(editor) = &mut self.terminals
            && let Err(error) = editor.follow(rootdirs)
        {
            tracing::warn!("runs in terminals do not find us: {error}");
        }
    }

    /// Tells of a run as of one of ours; it is of the files on disk.
    pub(super) fn terminal_run(&mut self, run: TerminalRun) {
        let TerminalRun { rootdir, title, told } = run;
        let Some(at) = self.root_at(&rootdir) else { return };
        let run_id = self.runs.own_id();
        let params = RunParams { run_id, source: Source::Disk, ..RunParams::default() };
        let root = self.roots[at].id.clone();
        let (chosen, _) = self.choose(Some(&[root]), &[]);
        let Some((at, all)) = chosen.into_iter().next() else { return };
        let mut translator = self.translator(at, &all, &params);
        // What is not saved has not run.
        let dirty: Vec<PathBuf> =
            self.documents.dirty().into_iter().map(|(path, _)| path).collect();
        let dirty: Vec<String> =
            dirty.iter().filter_map(|path| self.node_id_of(at, path)).collect();
        translator.hashes.retain(|node_id, _| !dirty.iter().any(|file| is_in(node_id, file)));
        let started = RunStarted {
            run_id: params.run_id.clone(),
            origin: Origin::Terminal,
            continuous_id: None,
            include: Vec::new(),
            mode: Mode::Run,
            total: 0,
            title: Some(title),
        };
        let following = Following {
            run_id: params.run_id.clone(),
            started,
            translator,
            told,
            wanted: self.profile.test_runs,
            account: self.begin_followed(&params.run_id),
        };
        follow(following, self.out.clone(), self.events.clone());
    }

    fn root_at(&self, rootdir: &Path) -> Option<usize> {
        self.roots.iter().position(|root| {
            root.loaded.as_ref().is_some_and(|loaded| {
                let ours = &loaded.project.config.rootdir;
                ours == rootdir || ours.canonicalize().ok() == rootdir.canonicalize().ok()
            })
        })
    }

    fn node_id_of(&self, at: usize, path: &Path) -> Option<String> {
        let loaded = self.roots[at].loaded.as_ref()?;
        let file = loaded.files.iter().find(|file| file.path == path)?;
        Some(file.node_id.to_string())
    }
}

fn is_in(node_id: &str, file: &str) -> bool {
    node_id.strip_prefix(file).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// On a thread of the run's own.
fn pass_on(heard: Heard, events: &Events) {
    let (sender, told) = unbounded_channel();
    let (rootdir, title) = (heard.rootdir.clone(), heard.title.clone());
    events.send(Event::TerminalRun(TerminalRun { rootdir, title, told }));
    for told in heard {
        if sender.send(told).is_err() {
            return;
        }
    }
}
