//! A warm process for each root that may run tests, so that the first click is answered at once.

use std::path::PathBuf;
use std::sync::Arc;

use fastest_runner::zygote::forks_by_default;
use fastest_runner::{Bundle, Preload, Zygote, ZygoteLaunch};
use fastest_workspace::project::Preloadable;

use super::State;
use crate::roots::Root;
use crate::runs::request::environment_of;

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
