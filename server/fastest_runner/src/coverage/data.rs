//! Where the data of a run are kept that are not the project's own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::bundle::{private_dir, unique};

/// What the folders' names begin with; the id of the process follows.
const PREFIX: &str = "fastest-coverage-";

/// A private folder in the system's temporary one; it goes with the last that holds it.
#[derive(Clone, Debug)]
pub struct DataFolder(Arc<Folder>);

#[derive(Debug)]
struct Folder(PathBuf);

impl DataFolder {
    /// An empty folder. Those that killed processes have left behind are removed.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new() -> io::Result<Self> {
        sweep(&std::env::temp_dir());
        let path = std::env::temp_dir().join(format!("{PREFIX}{}", unique()));
        private_dir(&path)?;
        Ok(Self(Arc::new(Folder(path))))
    }

    /// Coverage's data file: workers write theirs beside it.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.path().join("data")
    }

    pub(super) fn path(&self) -> &Path {
        &self.0.0
    }
}

/// Removes the folders of processes that are gone.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        if owner.and_then(|pid| pid.parse().ok()).is_some_and(is_gone) {
            // It may be another user's, or another process may be faster.
            let _left_behind = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_gone(pid: i32) -> bool {
    use rustix::{io::Errno, process};
    let pid = process::Pid::from_raw(pid);
    pid.is_some_and(|pid| process::test_kill_process(pid) == Err(Errno::SRCH))
}

/// Elsewhere the temporary folder is the system's to clear.
#[cfg(not(unix))]
const fn is_gone(_pid: i32) -> bool {
    false
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind in the temporary folder is the system's to clear.
        let _left_behind = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{DataFolder, PREFIX, sweep};

    #[test]
    fn a_folder_goes_with_the_last_that_holds_it() {
        let folder = DataFolder::new().unwrap();
        let (path, other) = (folder.path().to_owned(), folder.clone());
        drop(folder);
        assert!(path.is_dir());
        drop(other);
        assert!(!path.exists());
    }

    #[test]
    #[cfg(unix)]
    fn folders_of_processes_that_are_gone_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let names = [child.id(), std::process::id()].map(|pid| format!("{PREFIX}{pid}-0-0"));
        let [gone, ours] = names.map(|name| folder.path().join(name));
        let foreign = folder.path().join(format!("{PREFIX}notes"));
        for path in [&gone, &ours, &foreign] {
            fs::create_dir(path).unwrap();
        }
        sweep(folder.path());
        assert_eq!([&gone, &ours, &foreign].map(|path| path.exists()), [false, true, true]);
    }
}
