//! A warm process for each root that may run tests, so that the first click is answered at once,
//! and files that are collected again once they are saved, so that the next one is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fastest_runner::zygote::forks_by_default;
use fastest_runner::{Bundle, Preload, RunRequest, Zygote, ZygoteLaunch, collect_ahead};
use fastest_workspace::project::Preloadable;

use super::{State, Timer};
use crate::roots::Root;
use crate::runs::request::{Extra, environment_of, request};
use crate::runs::selection::select;

/// The pause after a save in which other files may be saved too. A file that is younger than 50 ms
/// would not be kept collected.
const AFTER_SAVE: Duration = Duration::from_millis(150);

impl State {
    /// Starts the process of a root that was read, or tells it what else to import. A root that
    /// is not trusted has none.
    pub(super) fn warm(&mut self, at: usize) {
        let root = &mut self.roots[at];
        let Some(loaded) = root.loaded.as_ref().filter(|_| root.settings.trusted) else {
            root.zygote = None;
            root.templates.clear();
            return;
        };
        let Ok(environment) = &loaded.project.environment else { return };
        if environment.pytest.is_none() || loaded.files.is_empty() {
            return;
        }
        let options = &loaded.project.config.options;
        let mut arguments = options.passthrough.iter().chain(&options.unknown);
        let measured = arguments.any(|argument| argument.starts_with("--cov"));
        let launch = (environment.python.clone(), loaded.project.config.invocation_dir.clone());
        let Preloadable { modules, standard, roots, rewritten } =
            loaded.project.preloadable(measured);
        root.standard_modules = standard;
        if !forks_by_default() {
            return;
        }
        start_unless_alive(root, launch);
        if let Some(zygote) = &root.zygote {
            zygote.preload(Preload { modules, roots, untouched: rewritten });
        }
    }

    /// Has what the user has run collected again that rests on a file which was saved.
    pub(super) fn collect_later(&mut self, path: &Path) {
        let mut is_any = false;
        for root in &mut self.roots {
            let files = root.templates.outdate(path);
            if root.settings.collect_on_save {
                is_any |= !files.is_empty();
                root.outdated.extend(files);
            }
        }
        if is_any {
            self.set_timer(AFTER_SAVE, Timer::Collect);
        }
    }

    /// Collects them in the background: as they are on disk, for nobody has asked that what is
    /// half typed be executed.
    pub(super) fn collect_saved(&mut self) {
        let _runtime = self.out.runtime().enter();
        for root in &mut self.roots {
            for file in std::mem::take(&mut root.outdated) {
                if let Some(request) = request_of_file(root, &file) {
                    // A run says what is wrong.
                    let _not_kept = collect_ahead(request);
                }
            }
        }
    }

    /// Lets the process of a root go: its interpreter or variables are others.
    pub(super) fn cool(&mut self, at: usize) {
        self.roots[at].templates.clear();
        self.roots[at].zygote = None;
    }
}

/// Starts the process of a root, with an interpreter in a folder.
fn start_unless_alive(root: &mut Root, (python, dir): (PathBuf, PathBuf)) {
    if root.zygote.as_ref().is_some_and(Zygote::is_alive) {
        return;
    }
    let launch = Bundle::unpack().map(|bundle| ZygoteLaunch {
        python,
        dir,
        env: environment_of(root),
        bundle: Arc::new(bundle),
        // Kept for run after run.
        for_one_run: false,
    });
    // Without it workers are spawned, and say themselves what is wrong.
    root.zygote = launch.and_then(Zygote::start).ok();
}

/// A run of one test of a file, as it is asked for by a click.
fn request_of_file(root: &Root, file: &Path) -> Option<RunRequest> {
    let loaded = root.loaded.as_ref().filter(|_| root.settings.trusted)?;
    let slot = loaded.files.iter().find(|slot| slot.path == *file)?;
    let selected = select(loaded, std::slice::from_ref(&slot.node_id), &[]);
    let extra = Extra { repeats: true, workers: Some(1), ..Extra::default() };
    request(root, loaded, &selected, &extra).ok()
}
