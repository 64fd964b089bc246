//! Which files conftests keep from being collected, each folder asked once.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use compact_str::CompactString;
use fastest_index::World;
use fastest_index::collect::ignore::{Ignored, is_ignored};
use rustc_hash::FxHashMap;

/// The verdicts of a world's conftests.
pub(super) struct Ignores<'w> {
    world: &'w World,
    /// Whether any conftest could have an opinion.
    any: bool,
    folders: RefCell<FxHashMap<PathBuf, Verdict>>,
}

/// Whether a path is collected.
#[derive(Clone, Debug)]
pub(super) struct Verdict(Ignored);

impl Verdict {
    /// `None` when the path is ignored; otherwise why that is not certain, if it is not.
    #[expect(clippy::option_option, reason = "ignored, certain, doubtful: the caller matches all")]
    pub fn into_doubt(self) -> Option<Option<CompactString>> {
        match self.0 {
            Ignored::No => Some(None),
            Ignored::Yes => None,
            Ignored::Maybe(reason) => Some(Some(reason)),
        }
    }

    fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self.0 {
            Ignored::No => other(),
            Ignored::Yes => self,
            Ignored::Maybe(_) => match other() {
                Self(Ignored::No) => self,
                other => other,
            },
        }
    }
}

impl<'w> Ignores<'w> {
    /// Nothing is asked yet.
    pub fn new(world: &'w World) -> Self {
        let any = world.files().any(|(_, file)| file.path.ends_with("conftest.py"));
        Self { world, any, folders: RefCell::default() }
    }

    /// Whether a file is ignored, itself or a folder on the way to it from the argument `root`.
    pub fn of(&self, path: &Path, root: &Path) -> Verdict {
        if !self.any || path == root {
            return Verdict(Ignored::No);
        }
        let own = Verdict(is_ignored(self.world, path).0);
        own.or(|| path.parent().map_or(Verdict(Ignored::No), |folder| self.folder(folder, root)))
    }

    fn folder(&self, folder: &Path, root: &Path) -> Verdict {
        if folder == root || !folder.starts_with(root) {
            return Verdict(Ignored::No);
        }
        if let Some(verdict) = self.folders.borrow().get(folder) {
            return verdict.clone();
        }
        let own = Verdict(is_ignored(self.world, folder).0);
        let above = || folder.parent().map_or(Verdict(Ignored::No), |up| self.folder(up, root));
        let verdict = own.or(above);
        self.folders.borrow_mut().insert(folder.to_owned(), verdict.clone());
        verdict
    }
}
