//! A warm Python process that workers are forked from.
//!
//! A [`Zygote`] belongs to one interpreter, one environment and one working directory. It is
//! started before it is known what will run, because importing pytest takes a tenth of a second
//! that can pass while tests are discovered; then it is told what to preload; then it serves one
//! run after another, or several at once (`RunRequest::zygote`). Nothing here needs an
//! asynchronous runtime but waiting for a fork: a thread listens to the process.
//!
//! Whatever goes wrong with it, runs go on: a worker that cannot be forked is spawned.
//!
//! Reading order: this file, `state` (what is known of forks), `supervisor` (the thread, and what
//! becomes of modules that cannot be preloaded), `process`, `adoption` (of the forks of a process
//! that leaves), `wire`, `memory`.

#[cfg(target_os = "linux")]
mod adoption;
#[cfg(unix)]
mod memory;
#[cfg(unix)]
pub(crate) mod process;
#[cfg(unix)]
mod state;
#[cfg(unix)]
mod supervisor;
#[cfg(unix)]
mod wire;

#[cfg(not(unix))]
mod none;
#[cfg(not(unix))]
pub use none::Zygote;
#[cfg(unix)]
pub use supervisor::Zygote;

use std::{ffi::OsString, path::PathBuf, sync::Arc};

use crate::Bundle;

/// What a zygote is started with.
#[derive(Clone, Debug)]
pub struct ZygoteLaunch {
    /// The project's interpreter.
    pub python: PathBuf,
    /// Where pytest is invoked; forks may be told another folder.
    pub dir: PathBuf,
    /// Variables set besides this process's own; forks get those of their run.
    pub env: Vec<(OsString, OsString)>,
    /// The harness's files.
    pub bundle: Arc<Bundle>,
    /// Whether one run is all that it is for. Then the process is gone, where the system allows
    /// it, as soon as that run's first workers are there; further ones are spawned.
    pub for_one_run: bool,
}

/// What a zygote imports before it forks. Modules whose import could be noticed are found out
/// and left out, and remembered for the next time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preload {
    /// Dotted names, in the order of imports.
    pub modules: Vec<String>,
    /// Folders whose modules may be imported at all: the standard library, site-packages.
    pub roots: Vec<PathBuf>,
    /// Dotted names of modules that must not be imported early, neither by themselves nor by
    /// others: those whose assertions pytest rewrites when it imports them.
    pub untouched: Vec<String>,
}

/// Whether workers are forked on this system unless somebody says otherwise. Python itself warns
/// of forking on macOS, whose frameworks may crash in a fork.
#[must_use]
pub const fn forks_by_default() -> bool {
    cfg!(all(unix, not(target_os = "macos")))
}
