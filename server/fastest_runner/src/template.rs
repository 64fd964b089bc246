//! Processes that are kept with a file collected, so that one of its tests only has to run.
//!
//! After a run of one file's tests a worker is forked that begins its session, which loads plugins
//! and conftests, and then stays; a fork of that collects the file and stays too
//! (`fastest_harness/template.py`). The next run of anything in that file forks its worker from
//! there; if the file has changed, or the run is of another file with the same conftests and
//! configuration, from the process with the session begun. The harness says whether a process may
//! be kept at all, and at each fork whether everything that it has read is as it was; here it is
//! decided whether the run is one of the same arguments, environment and unsaved documents. In
//! any doubt a worker is made as it always is.
//!
//! Reading order: this file, `linux` (what is kept), `linux/make` (how it comes to be).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod none;

#[cfg(target_os = "linux")]
pub use linux::Templates;
#[cfg(not(target_os = "linux"))]
pub use none::Templates;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{wire::Configure, worker::Launch};

/// The run of one file's tests, or of some of them, as far as a kept process must be of it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Everything but what is named within the file and unsaved documents; equal for runs that a
    /// process with the file collected may serve.
    pub terms: String,
    /// The same for all files that a begun session may serve.
    pub session_terms: String,
    /// What is named within the file; empty for all of it.
    pub within: String,
    /// How the process is told to begin.
    pub prepare: Value,
}

impl Wanted {
    /// What a run needs; `None` where no process is kept for such a run.
    pub fn of(configure: &Configure, launch: &Launch) -> Option<Self> {
        let is_plain = configure.worker.is_none()
            && !configure.by_file
            && !configure.foreground
            && configure.debug.is_none()
            && configure.coverage.is_none()
            && configure.reruns.is_none()
            && configure.junit_family.is_none()
            && !configure.report_log;
        let (path, within) = file_of(configure.args.last()?);
        if !is_plain || !Path::new(path).is_absolute() || !Path::new(path).is_file() {
            return None;
        }
        let mut prepare = serde_json::to_value(configure).ok()?;
        *prepare.get_mut("args")?.as_array_mut()?.last_mut()? = path.into();
        prepare["run_uid"] = "".into();
        let env: Vec<_> = std::env::vars_os().chain(launch.env.iter().cloned()).collect();
        let terms = |place: Value| {
            let mut shared = prepare.clone();
            *shared.get_mut("args")?.as_array_mut()?.last_mut()? = place;
            shared["overlay"] = Value::Null;
            let terms = json!([shared, launch.dir, format!("{env:?}"), launch.python]);
            Some(terms.to_string())
        };
        Some(Self {
            terms: terms(path.into())?,
            session_terms: terms(surroundings(Path::new(path), &launch.dir).into())?,
            within: within.to_owned(),
            prepare,
        })
    }

    /// The unsaved text of a file, if there is one.
    #[cfg(target_os = "linux")]
    fn buffer(&self, path: &str) -> Option<&str> {
        self.prepare["overlay"].get(path)?.as_str()
    }

    /// Terms with all unsaved documents: what could not be kept so may be kept with others.
    #[cfg(target_os = "linux")]
    fn exactly(&self, terms: &str) -> String {
        format!("{terms}{}", self.prepare["overlay"])
    }

    /// The file, for a person.
    #[cfg(target_os = "linux")]
    fn path(&self) -> &str {
        let args = self.prepare["args"].as_array();
        args.and_then(|args| args.last()?.as_str()).unwrap_or_default()
    }
}

/// What pytest reads of the folders around a file before it collects anything, besides hooks of
/// plugins: `grounds.CONFIGURATION` of the harness but for packages, which say how modules are
/// named.
const READ_FIRST: [&str; 9] = [
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    "setup.py",
    "conftest.py",
];

/// The files around a file that decide its rootdir, its configuration and its conftests, and, as
/// the rootdir may come of that, where it is if that is not below the working directory.
fn surroundings(file: &Path, dir: &Path) -> Vec<String> {
    let folders = || file.ancestors().skip(1);
    let elsewhere = folders().take(1).filter(|folder| !folder.starts_with(dir));
    let files = folders().flat_map(|folder| READ_FIRST.map(|name| folder.join(name)));
    let there = files.filter(|path| path.exists());
    there
        .chain(elsewhere.map(PathBuf::from))
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

/// A path, and what is named within that file.
fn file_of(argument: &str) -> (&str, &str) {
    argument.split_once("::").unwrap_or((argument, ""))
}

/// Whether a test, by its node id, is what is named within its file or a part of it: the harness
/// has the same rule (`collection.is_within`).
#[cfg(target_os = "linux")]
fn is_within(node_id: &str, name: &str) -> bool {
    let (_, own) = file_of(node_id);
    name.is_empty()
        || own
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', ':']))
}
