//! Where the data of a run are kept that are not the project's own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::bundle::{private_dir, unique};

/// A private folder in the system's temporary one; it goes with the last that holds it.
#[derive(Clone, Debug)]
pub struct DataFolder(Arc<Folder>);

#[derive(Debug)]
struct Folder(PathBuf);

impl DataFolder {
    /// An empty folder.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("fastest-coverage-{}", unique()));
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

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind in the temporary folder is the system's to clear.
        let _left_behind = fs::remove_dir_all(&self.0);
    }
}
