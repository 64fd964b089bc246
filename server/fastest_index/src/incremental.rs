//! The index: a world whose test files are kept collected while it changes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use compact_str::CompactString;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::collect::{Collected, collect_file};
use crate::world::{File, FileId, Module, Settings, World};

/// One thing that changed.
#[derive(Clone, Debug)]
pub enum Change {
    /// A file is new or has a new outline.
    File(File),
    /// A file is gone.
    Removed(PathBuf),
    /// What importing a dotted name gives.
    Module(CompactString, Module),
    /// Importing a dotted name gives this file, which may be new.
    Import(CompactString, File),
    /// A file is a test file (true), or only imported by some (false).
    Test(PathBuf, bool),
    /// The configuration or the environment.
    Settings(Box<Settings>),
}

/// What a batch of changes did to the collected files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Counts batches, from 1.
    pub generation: u64,
    /// Test files whose items are new or different.
    pub changed: BTreeSet<FileId>,
    /// Files that are test files no longer.
    pub removed: BTreeSet<FileId>,
    /// Dotted names that are imported and of which the world knows nothing: say what they are
    /// with [`Change::Module`].
    pub wanted: BTreeSet<CompactString>,
    /// How many files were collected again, whether or not anything came of it.
    pub recomputed: usize,
}

/// The items of all test files at one moment. Cheap to clone, never changes.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts batches of changes.
    pub generation: u64,
    /// What each test file holds.
    pub files: Arc<FxHashMap<FileId, Arc<Collected>>>,
}

/// A [`World`] and what pytest collects from it.
#[derive(Debug)]
pub struct Index {
    world: World,
    tests: BTreeSet<FileId>,
    /// Files said to be tests before they were pushed.
    expected: FxHashSet<PathBuf>,
    snapshot: Snapshot,
}

/// What a batch touched, for finding the files that depend on it.
#[derive(Default)]
struct Touched {
    everything: bool,
    files: FxHashSet<FileId>,
    modules: FxHashSet<CompactString>,
    /// Folders whose conftest came or went.
    folders: Vec<PathBuf>,
}

impl Index {
    /// An index of nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            world: World::new(settings),
            tests: BTreeSet::new(),
            expected: FxHashSet::default(),
            snapshot: Snapshot::default(),
        }
    }

    /// What is known.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The items as they are now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.snapshot.clone()
    }

    /// What one test file holds.
    #[must_use]
    pub fn collected(&self, file: FileId) -> Option<&Arc<Collected>> {
        self.snapshot.files.get(&file)
    }

    /// Takes in a batch of changes; collects the files that are changed and those that depend on
    /// a changed one, and no other.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) -> Delta {
        let mut delta = Delta { generation: self.snapshot.generation + 1, ..Delta::default() };
        let mut touched = Touched::default();
        for change in changes {
            self.take(change, &mut touched, &mut delta);
        }
        let dirty: Vec<FileId> =
            self.tests.iter().copied().filter(|&file| self.is_dirty(file, &touched)).collect();
        delta.recomputed = dirty.len();
        let world = &self.world;
        let collected: Vec<Collected> =
            dirty.par_iter().with_min_len(4).map(|&file| collect_file(world, file)).collect();
        self.store(collected, &mut delta);
        self.snapshot.generation = delta.generation;
        delta
    }

    fn take(&mut self, change: Change, touched: &mut Touched, delta: &mut Delta) {
        match change {
            Change::File(file) => self.take_file(file, touched),
            Change::Removed(path) => {
                self.expected.remove(&path);
                let Some(id) = self.world.remove_file(&path) else { return };
                touched.files.insert(id);
                self.note_conftest(&path, touched);
                self.drop_test(id, delta);
            }
            Change::Module(dotted, module) => {
                if self.world.module(&dotted) != Some(module) {
                    self.world.set_module(&dotted, module);
                    touched.modules.insert(dotted);
                }
            }
            Change::Import(dotted, file) => {
                let path = Arc::clone(&file.path);
                if self.world.file_at(&path).is_none() {
                    self.take_file(file, touched);
                }
                if let Some(id) = self.world.file_at(&path) {
                    self.take(Change::Module(dotted, Module::Source(id)), touched, delta);
                }
            }
            Change::Test(path, true) => match self.world.file_at(&path) {
                Some(id) => {
                    if self.tests.insert(id) {
                        touched.files.insert(id);
                    }
                }
                None => {
                    self.expected.insert(path);
                }
            },
            Change::Test(path, false) => {
                self.expected.remove(&path);
                if let Some(id) = self.world.file_at(&path) {
                    self.drop_test(id, delta);
                }
            }
            Change::Settings(settings) => {
                if *self.world.settings != *settings {
                    self.world.settings = Arc::new(*settings);
                    touched.everything = true;
                }
            }
        }
    }

    fn take_file(&mut self, file: File, touched: &mut Touched) {
        let path = Arc::clone(&file.path);
        let before = self.world.file_at(&path).and_then(|id| self.world.file(id));
        let same = before.is_some_and(|before| {
            before.module == file.module
                && (Arc::ptr_eq(&before.outline, &file.outline) || before.outline == file.outline)
        });
        if same {
            return;
        }
        if before.is_none() {
            self.note_conftest(&path, touched);
        }
        let id = self.world.set_file(file);
        touched.files.insert(id);
        if self.expected.remove(&*path) {
            self.tests.insert(id);
        }
    }

    fn note_conftest(&self, path: &std::path::Path, touched: &mut Touched) {
        if path.file_name().is_some_and(|name| name == "conftest.py")
            && let Some(folder) = path.parent()
        {
            touched.folders.push(folder.to_owned());
        }
    }

    fn drop_test(&mut self, id: FileId, delta: &mut Delta) {
        if self.tests.remove(&id) {
            Arc::make_mut(&mut self.snapshot.files).remove(&id);
            delta.removed.insert(id);
        }
    }

    fn is_dirty(&self, file: FileId, touched: &Touched) -> bool {
        let Some(collected) = self.collected(file) else { return true };
        touched.everything
            || touched.files.contains(&file)
            || touched.files.iter().any(|touched| collected.record.files.contains(touched))
            || touched.modules.iter().any(|touched| collected.record.modules.contains(touched))
            || self.is_below(file, &touched.folders)
    }

    fn is_below(&self, file: FileId, folders: &[PathBuf]) -> bool {
        !folders.is_empty()
            && self
                .world
                .file(file)
                .is_some_and(|file| folders.iter().any(|folder| file.path.starts_with(folder)))
    }

    fn store(&mut self, collected: Vec<Collected>, delta: &mut Delta) {
        let files = Arc::make_mut(&mut self.snapshot.files);
        files.reserve(collected.len());
        for collected in collected {
            delta.wanted.extend(collected.record.wanted.iter().cloned());
            let file = collected.file;
            let is_new = files.get(&file).is_none_or(|before| !before.has_items_of(&collected));
            if is_new {
                delta.changed.insert(file);
            }
            files.insert(file, Arc::new(collected));
        }
    }
}

#[cfg(test)]
mod tests;
