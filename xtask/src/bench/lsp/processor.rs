//! What a process takes of the processors, on Linux.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// What each thread of a process has taken so far, in nanoseconds.
pub struct Times(HashMap<std::ffi::OsString, u64>);

impl Times {
    /// Up to now.
    pub fn of(pid: u32) -> Self {
        let tasks = Path::new("/proc").join(pid.to_string()).join("task");
        let tasks = std::fs::read_dir(tasks).into_iter().flatten().flatten();
        let of = |task: std::fs::DirEntry| {
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            Some((task.file_name(), text.split_whitespace().next()?.parse().ok()?))
        };
        Self(tasks.filter_map(of).collect())
    }

    /// What those threads have taken since an earlier time that are still there.
    pub fn since(&self, before: &Self) -> Duration {
        let taken = |(task, now): (_, &u64)| now - before.0.get(task).unwrap_or(&0);
        Duration::from_nanos(self.0.iter().map(taken).sum())
    }
}
