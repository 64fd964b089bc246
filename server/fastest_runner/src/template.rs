//! Processes that are kept with a file collected, so that one of its tests only has to run.
//!
//! After a run of one file's tests a worker is forked that configures its session, collects that
//! file and then stays (`fastest_harness/template.py`). The next run of anything in that file
//! forks its worker from there. The harness says whether the process may be kept at all, and at
//! each fork whether everything that it has read is as it was; here it is decided whether the run
//! is one of the same arguments, environment and unsaved documents. In any doubt a worker is made
//! as it always is.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod none;

#[cfg(target_os = "linux")]
pub use linux::Templates;
#[cfg(not(target_os = "linux"))]
pub use none::Templates;

use std::path::Path;

use serde_json::json;

use crate::{wire::Configure, worker::Launch};

/// The run of one file's tests, or of some of them, as far as a kept process must be of it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Everything but what is named within the file; equal for runs that a process may serve.
    pub terms: String,
    /// What is named within the file; empty for all of it.
    pub within: String,
    /// How the process is told to begin.
    pub prepare: serde_json::Value,
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
        let terms = json!([prepare, launch.dir, format!("{env:?}"), launch.python]);
        Some(Self { terms: terms.to_string(), within: within.to_owned(), prepare })
    }

    /// The file, for a person.
    #[cfg(target_os = "linux")]
    fn path(&self) -> &str {
        let args = self.prepare["args"].as_array();
        args.and_then(|args| args.last()?.as_str()).unwrap_or_default()
    }
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
