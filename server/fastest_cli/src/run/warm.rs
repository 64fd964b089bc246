//! The process that workers are forked from.

use std::path::Path;
use std::sync::Arc;

use fastest_runner::zygote::forks_by_default;
use fastest_runner::{Bundle, Preload, Zygote, ZygoteLaunch};
use fastest_workspace::project::{Preloadable, Project};

/// Variables that let an interpreter measure coverage from its first line: what is measured
/// belongs to the process of a worker alone.
const MEASURED: [&str; 2] = ["COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"];

/// Starts it, before anything else is done, for importing pytest takes longest; `None` where
/// workers are not to be forked or it cannot be started, which a spawned worker will explain.
pub(super) fn zygote(project: &Project, python: &Path) -> Option<Zygote> {
    let measured = MEASURED.iter().any(|name| std::env::var_os(name).is_some());
    if !forks_by_default() || project.config.options.own.no_fork || measured {
        return None;
    }
    Zygote::start(ZygoteLaunch {
        python: python.to_owned(),
        dir: project.config.invocation_dir.clone(),
        env: super::environment(),
        bundle: Arc::new(Bundle::unpack().ok()?),
        rests: true,
    })
    .ok()
}

/// Tells it what to import before it forks, now that the sources are known; which modules of the
/// standard library the tests import.
pub(super) fn preload(zygote: Option<&Zygote>, project: &Project) -> Vec<String> {
    let measured = super::coverage::is_measured(&project.config);
    let Preloadable { modules, standard, roots, rewritten } = project.preloadable(measured);
    if let Some(zygote) = zygote {
        zygote.preload(Preload { modules, roots, untouched: rewritten });
    }
    standard
}
