//! The index: a world whose test files are kept collected while it changes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use compact_str::CompactString;
use fastest_syntax::document::same_shape;
use fastest_syntax::outline::{Outline, Placed};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

mod asking;
mod plan;
mod readers;
mod versions;

use crate::collect::Collected;
use crate::collect::ignore::IgnoreLists;
use crate::id_set::IdSet;
use crate::names::{Record, Touched};
use crate::world::{File, FileId, Module, Settings, World};
use plan::Plan;
use readers::Readers;
use versions::Versions;

/// So few files are collected on the thread that asks.
const FEW: usize = 4;

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
    /// How many names of edited files were looked into; what the others gave was taken over. Of
    /// files that are collected in full they are not counted.
    pub names: usize,
    /// How many results that files share (namespaces, tables of fixtures, values) were computed.
    pub shared: usize,
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
    /// What is known of the world, and is shared by the files that need it.
    versions: Versions,
    tests: BTreeSet<FileId>,
    /// The test files that looked at a file when they were collected.
    readers: Readers,
    /// Files said to be tests before they were pushed.
    expected: FxHashSet<PathBuf>,
    snapshot: Snapshot,
}

/// What a batch touched, for finding the files that depend on it.
#[derive(Default)]
struct Batch {
    everything: bool,
    touched: Touched,
    /// Folders whose conftest came or went.
    folders: Vec<PathBuf>,
}

impl Index {
    /// An index of nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            world: World::new(settings),
            versions: Versions::default(),
            tests: BTreeSet::new(),
            readers: Readers::default(),
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
        let mut batch = Batch::default();
        for change in changes {
            self.take(change, &mut batch, &mut delta);
        }
        let mut dirty = self.concerned(&batch);
        dirty.retain(|&file| self.is_dirty(file, &batch));
        delta.recomputed = dirty.len();
        if batch.everything {
            self.versions = Versions::default();
        }
        if !dirty.is_empty() {
            let plans: Vec<Plan> = dirty.iter().map(|&file| self.plan(file, &batch)).collect();
            let collected = self.versions.with(&self.world, &batch.touched, |world, memory| {
                let collect = |plan: &Plan| plan.collect(world, memory);
                // Few files are done sooner than another thread wakes up.
                let collected = if plans.len() < FEW {
                    plans.iter().map(collect).collect()
                } else {
                    plans.par_iter().with_min_len(4).map(collect).collect()
                };
                (delta.shared, delta.names) = (memory.take_computed(), memory.take_looked());
                collected
            });
            self.store(collected, &mut delta);
        } else {
            self.versions.touch(&batch.touched);
        }
        self.snapshot.generation = delta.generation;
        delta
    }

    /// What the conftests keep from being collected, and what reading that looked at: where
    /// modules are wanted, push them and ask again.
    #[must_use]
    pub fn ignore_lists(&mut self) -> (IgnoreLists, Record) {
        self.versions.with(&self.world, &Touched::default(), |world, memory| {
            IgnoreLists::read(world, Arc::clone(memory))
        })
    }

    fn take(&mut self, change: Change, batch: &mut Batch, delta: &mut Delta) {
        match change {
            Change::File(file) => self.take_file(file, batch),
            Change::Removed(path) => {
                self.expected.remove(&path);
                let module = self.world.file_at(&path).and_then(|id| self.world.file(id));
                let module = module.map(|file| file.module.clone()).unwrap_or_default();
                let Some((id, names)) = self.world.remove_file(&path) else { return };
                batch.touched.add_file(id);
                names.iter().for_each(|name| batch.touched.add_module(*name, &module));
                self.note_conftest(&path, batch);
                self.drop_test(id, delta);
            }
            Change::Module(dotted, module) => {
                if self.world.module(&dotted) != Some(module) {
                    let name = self.world.set_module(&dotted, module);
                    batch.touched.add_module(name, &dotted);
                }
            }
            Change::Import(dotted, file) => {
                let path = Arc::clone(&file.path);
                if self.world.file_at(&path).is_none() {
                    self.take_file(file, batch);
                }
                if let Some(id) = self.world.file_at(&path) {
                    self.take(Change::Module(dotted, Module::Source(id)), batch, delta);
                }
            }
            Change::Test(path, true) => match self.world.last_file_at(&path) {
                Some(id) => {
                    if self.tests.insert(id) {
                        batch.touched.add_file(id);
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
                    batch.everything = true;
                }
            }
        }
    }

    fn take_file(&mut self, file: File, batch: &mut Batch) {
        let path = Arc::clone(&file.path);
        let known = self.world.file_at(&path);
        let before = known.and_then(|id| self.world.file(id));
        let same = before.is_some_and(|before| {
            before.module == file.module
                && before.outline.problems == file.outline.problems
                && all_statements(&before.outline, &file.outline, |one, other| {
                    let is_it = Arc::ptr_eq(&one.statement, &other.statement);
                    one.start == other.start && (is_it || one.statement == other.statement)
                })
        });
        if same {
            return;
        }
        if before.is_none() {
            self.note_conftest(&path, batch);
        }
        let only_moved = before.is_some_and(|before| means_the_same(before, &file));
        let id = match known {
            Some(id) => self.world.replace_file(id, file),
            None => self.world.add_file(file),
        };
        if only_moved {
            batch.touched.add_moved(id);
        } else {
            batch.touched.add_file(id);
        }
        if !self.expected.is_empty() && self.expected.remove(&*path) {
            self.tests.insert(id);
        }
    }

    fn note_conftest(&self, path: &std::path::Path, batch: &mut Batch) {
        if path.file_name().is_some_and(|name| name == "conftest.py")
            && let Some(folder) = path.parent()
        {
            batch.folders.push(folder.to_owned());
        }
    }

    fn drop_test(&mut self, id: FileId, delta: &mut Delta) {
        if self.tests.remove(&id) {
            let gone = Arc::make_mut(&mut self.snapshot.files).remove(&id);
            self.readers.replace(id, gone.map(|gone| gone.record.files.clone()), &IdSet::default());
            delta.removed.insert(id);
        }
    }

    fn is_dirty(&self, file: FileId, batch: &Batch) -> bool {
        let Some(collected) = self.collected(file) else { return true };
        batch.everything
            || batch.touched.files.contains(file.0)
            || batch.touched.moved.contains(file.0)
            || collected.record.is_touched(&batch.touched)
            || self.tells_moved_places(collected, &batch.touched)
            || self.is_below(file, &batch.folders)
    }

    /// Whether a collected file tells places of another one in which things moved.
    fn tells_moved_places(&self, collected: &Collected, touched: &Touched) -> bool {
        collected.record.files.meets(&touched.moved)
            && touched.moved.iter().any(|moved| {
                let file = self.world.file(FileId(moved));
                file.is_some_and(|file| collected.tells_places_of(FileId(moved), &file.path))
            })
    }

    fn is_below(&self, file: FileId, folders: &[PathBuf]) -> bool {
        !folders.is_empty()
            && self
                .world
                .file(file)
                .is_some_and(|file| folders.iter().any(|folder| file.path.starts_with(folder)))
    }

    fn store(&mut self, collected: Vec<Arc<Collected>>, delta: &mut Delta) {
        let files = Arc::make_mut(&mut self.snapshot.files);
        files.reserve(collected.len());
        for collected in collected {
            delta.wanted.extend(collected.record.wanted.iter().cloned());
            let file = collected.file;
            let is_new = files.get(&file).is_none_or(|before| !before.has_items_of(&collected));
            if is_new {
                delta.changed.insert(file);
            }
            let before = files.get(&file).map(|before| before.record.files.clone());
            self.readers.replace(file, before, &collected.record.files);
            files.insert(file, collected);
        }
    }
}

/// Whether two versions of a file differ in nothing but where things stand.
fn means_the_same(before: &File, after: &File) -> bool {
    let (one, other) = (&before.outline, &after.outline);
    before.module == after.module
        && one.problems.is_empty()
        && other.problems.is_empty()
        && all_statements(one, other, |one, other| {
            Arc::ptr_eq(&one.statement, &other.statement)
                || same_shape(&one.statement, &other.statement)
        })
}

/// Whether something holds for each statement of an outline and that in its place in another.
fn all_statements(
    one: &Outline,
    other: &Outline,
    holds: impl Fn(&Placed, &Placed) -> bool,
) -> bool {
    let (one, other) = (&one.statements, &other.statements);
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| holds(one, other))
}

#[cfg(test)]
mod edits;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod tests;
