//! What an answer rests on: every file and folder that was looked at, as it was then.
//!
//! While all of it is as it was, the answer is too.

use std::fs::Metadata;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::walk::{FileEntry, mtime_ns};

/// So many stats are worth the start of a thread.
const IN_PARALLEL: usize = 1_000;

/// What was looked at.
#[derive(Debug, Default)]
pub struct Trail {
    steps: Mutex<Vec<Step>>,
    /// Whether something was looked at that is not among them.
    incomplete: AtomicBool,
}

/// A path and what was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    path: Arc<Path>,
    stamp: Stamp,
}

/// What tells that something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stamp {
    Absent,
    File {
        size: u64,
        mtime_ns: u64,
    },
    /// Its time changes whenever an entry comes or goes.
    Folder {
        mtime_ns: u64,
    },
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        if metadata.is_dir() {
            Self::Folder { mtime_ns: mtime_ns(metadata) }
        } else {
            Self::File { size: metadata.len(), mtime_ns: mtime_ns(metadata) }
        }
    }

    /// What is at a path; `None` where that cannot be told.
    fn at(path: &Path) -> Option<Self> {
        match std::fs::metadata(path) {
            Ok(metadata) => Some(Self::of(&metadata)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(Self::Absent),
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Some(Self::Absent),
            Err(_) => None,
        }
    }

    /// Whether a change that follows at once would show: times count in steps.
    const fn is_older_than(self, time_ns: u64) -> bool {
        match self {
            Self::Absent => true,
            Self::File { mtime_ns, .. } | Self::Folder { mtime_ns } => {
                mtime_ns != 0 && mtime_ns < time_ns
            }
        }
    }
}

impl Trail {
    /// Notes a path that is about to be looked at: a folder to be listed, a file to be read, or
    /// something whose being there is asked.
    pub(crate) fn look(&self, path: &Path) {
        match Stamp::at(path) {
            Some(stamp) => self.push(Step { path: path.into(), stamp }),
            None => self.doubt(),
        }
    }

    /// Notes files that were listed with their sizes and times.
    pub(crate) fn files(&self, files: &[&FileEntry]) {
        let steps = files.iter().map(|file| Step {
            path: Arc::clone(&file.path),
            stamp: Stamp::File { size: file.size, mtime_ns: file.mtime_ns },
        });
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).extend(steps);
    }

    /// Notes that the answer rests on something else, too.
    pub(crate) fn doubt(&self) {
        self.incomplete.store(true, Ordering::Relaxed);
    }

    fn push(&self, step: Step) {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).push(step);
    }

    /// All that an answer rests on; `None` where that is not known, or where some of it is so
    /// young that it could change without a trace.
    pub(crate) fn steps(&self, settled_before_ns: u64) -> Option<Vec<Step>> {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let is_settled = steps.iter().all(|step| step.stamp.is_older_than(settled_before_ns));
        (is_settled && !self.incomplete.load(Ordering::Relaxed)).then(|| steps.clone())
    }
}

/// Whether everything is as it was.
pub(crate) fn still_holds(steps: &[Step]) -> bool {
    let holds = |step: &Step| Stamp::at(&step.path) == Some(step.stamp);
    if steps.len() < IN_PARALLEL { steps.iter().all(holds) } else { steps.par_iter().all(holds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_holds_until_something_changes() {
        let root = tempfile::tempdir().expect("a folder");
        let (file, absent) = (root.path().join("a.py"), root.path().join("b.py"));
        std::fs::write(&file, "a = 1\n").expect("a file");
        let look = || {
            let trail = Trail::default();
            [root.path(), &file, &absent].into_iter().for_each(|path| trail.look(path));
            trail.steps(u64::MAX).expect("everything is known")
        };
        let steps = look();
        assert!(still_holds(&steps));
        std::fs::write(&file, "a = 12\n").expect("a file");
        assert!(!still_holds(&steps));
        let steps = look();
        std::fs::write(&absent, "").expect("a file");
        assert!(!still_holds(&steps));
    }

    #[test]
    fn what_is_young_or_unknown_is_no_ground() {
        let root = tempfile::tempdir().expect("a folder");
        let trail = Trail::default();
        trail.look(root.path());
        assert!(trail.steps(1).is_none());
        assert!(trail.steps(u64::MAX).is_some());
        trail.doubt();
        assert!(trail.steps(u64::MAX).is_none());
    }
}
