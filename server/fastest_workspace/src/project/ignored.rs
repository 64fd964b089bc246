//! Which files conftests keep from being collected, each folder asked once.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use fastest_index::collect::ignore::{IgnoreLists, Ignored};
use rustc_hash::FxHashMap;

/// The verdicts of a project's conftests on its files.
pub(super) struct Ignores<'l> {
    lists: &'l IgnoreLists,
    folders: RefCell<FxHashMap<PathBuf, Ignored>>,
}

impl<'l> Ignores<'l> {
    /// Nothing is asked yet.
    pub fn new(lists: &'l IgnoreLists) -> Self {
        Self { lists, folders: RefCell::default() }
    }

    /// Whether a file is ignored, itself or a folder on the way to it from the argument `root`.
    pub fn of(&self, path: &Path, root: &Path) -> Ignored {
        if self.lists.is_empty() || path == root {
            return Ignored::No;
        }
        let folder = || path.parent().map_or(Ignored::No, |folder| self.folder(folder, root));
        or(self.lists.of(path), folder)
    }

    fn folder(&self, folder: &Path, root: &Path) -> Ignored {
        if folder == root || !folder.starts_with(root) {
            return Ignored::No;
        }
        if let Some(verdict) = self.folders.borrow().get(folder) {
            return verdict.clone();
        }
        let above = || folder.parent().map_or(Ignored::No, |up| self.folder(up, root));
        let verdict = or(self.lists.of(folder), above);
        self.folders.borrow_mut().insert(folder.to_owned(), verdict.clone());
        verdict
    }
}

/// The worse of two verdicts; the second is asked only where it counts.
fn or(first: Ignored, second: impl FnOnce() -> Ignored) -> Ignored {
    match first {
        Ignored::No => second(),
        Ignored::Yes => Ignored::Yes,
        Ignored::Maybe(_) => match second() {
            Ignored::No => first,
            second => second,
        },
    }
}
