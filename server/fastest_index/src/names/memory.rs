//! What many questions share: results that do not depend on who asks.
//!
//! A namespace, a method resolution order or a table of fixtures is computed once and taken by
//! every file that needs it, together with the record of what computing it looked at: so the taker
//! depends on all of that, too, and a change throws away exactly the results that it touches.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use compact_str::CompactString;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::query::{BodyKey, Order};
use super::{Namespace, Record, Touched};
use crate::collect::fixtures::{Fixture, FixtureParams, FixtureTable};
use crate::collect::{Detached, Previous};
use crate::values::Remembered;
use crate::world::{FileId, World};

/// More than the threads that ask at once, so that they seldom wait for one another.
const SHARDS: usize = 16;

/// How many files can be edited by turns without being collected in full. What is kept of a file
/// takes about half a kilobyte for each of its top-level names.
const EDITED: usize = 4;

/// Results that queries share, from any thread.
#[derive(Debug, Default)]
pub struct Memory<'w> {
    shards: [RwLock<FxHashMap<Key, Entry<'w>>>; SHARDS],
    computed: AtomicUsize,
    /// Names of collected modules that were looked into.
    looked: AtomicUsize,
    /// The files that were edited last, the last one last.
    edited: Mutex<Vec<(FileId, Previous<'w>)>>,
}

/// What a result is the answer to.
///
/// Addresses are those of expressions of the outlines that the memory outlives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The namespace of a module or class body.
    Body(BodyKey),
    /// A class's method resolution order.
    Order(BodyKey),
    /// Whether a file is imported without an error.
    Importable(FileId),
    /// The files whose modules a file imports.
    Imports(FileId),
    /// The fixtures that a module defines.
    Fixtures(FileId),
    /// The fixture that a module imports under a name.
    Imported(FileId, CompactString),
    /// The cases of a fixture, by its name and the address of its `params=`.
    Params(FileId, usize, CompactString),
    /// The value of a name: the address of its expression, and the index in it.
    Value(FileId, usize, Option<usize>),
}

impl Key {
    /// The file that the result is about.
    pub(super) const fn file(&self) -> FileId {
        match self {
            Self::Body((file, _))
            | Self::Order((file, _))
            | Self::Importable(file)
            | Self::Imports(file)
            | Self::Fixtures(file)
            | Self::Imported(file, _)
            | Self::Params(file, ..)
            | Self::Value(file, ..) => *file,
        }
    }
}

/// A result, cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum Kept<'w> {
    Body(Arc<Namespace<'w>>),
    Order(Order<'w>),
    Importable(Option<bool>),
    Imports(Arc<[FileId]>),
    Fixtures(Arc<FixtureTable<'w>>),
    Imported(Option<Arc<Fixture<'w>>>),
    Params(FixtureParams),
    Value(Remembered),
}

/// A result with what it takes to use it.
#[derive(Clone, Debug)]
pub(super) struct Entry<'w> {
    pub kept: Kept<'w>,
    /// What computing it looked at.
    pub record: Arc<Record>,
    /// How many questions waited for one another while it was computed.
    pub height: u32,
}

impl<'w> Memory<'w> {
    pub(super) fn get(&self, key: &Key) -> Option<Entry<'w>> {
        self.shard(key).read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Of two threads that compute the same the first one is believed; both found the same.
    pub(super) fn put(&self, key: Key, entry: Entry<'w>) {
        let mut shard = self.shard(&key).write().unwrap_or_else(PoisonError::into_inner);
        shard.entry(key).or_insert_with(|| {
            self.computed.fetch_add(1, Ordering::Relaxed);
            entry
        });
    }

    /// Throws away what a change touches.
    pub(crate) fn forget(&self, touched: &Touched) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            // What is kept tells places, too.
            let is_touched =
                |record: &Record| record.is_touched(touched) || record.files.meets(&touched.moved);
            shard.retain(|_, entry| !is_touched(&entry.record));
        }
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        edited.retain_mut(|(file, previous)| previous.forget(touched, *file));
    }

    /// How many results were computed and kept since it was last asked.
    pub(crate) fn take_computed(&self) -> usize {
        self.computed.swap(0, Ordering::Relaxed)
    }

    /// Counts names of a collected module that were looked into.
    pub(crate) fn add_looked(&self, names: usize) {
        self.looked.fetch_add(names, Ordering::Relaxed);
    }

    /// How many names were looked into since it was last asked.
    pub(crate) fn take_looked(&self) -> usize {
        self.looked.swap(0, Ordering::Relaxed)
    }

    /// What is kept of a file for collecting it again, which is kept no longer.
    pub(crate) fn take_edited(&self, file: FileId) -> Option<Previous<'w>> {
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        let at = edited.iter().position(|(of, _)| *of == file)?;
        Some(edited.remove(at).1)
    }

    /// Keeps what it takes to collect a file again, for a few files.
    pub(crate) fn put_edited(&self, file: FileId, previous: Previous<'w>) {
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        edited.retain(|(of, _)| *of != file);
        if edited.len() >= EDITED {
            edited.remove(0);
        }
        edited.push((file, previous));
    }

    /// What is kept of edited files, by itself.
    pub(crate) fn detach(&self) -> Vec<Detached> {
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        edited.drain(..).map(|(file, previous)| previous.detach(file)).collect()
    }

    /// Keeps that of a world in which the files are the same.
    pub(crate) fn attach(memory: &Arc<Self>, world: &'w World, edited: Vec<Detached>) {
        for detached in edited {
            let file = detached.file();
            if let Some(previous) = detached.attach(world, Arc::clone(memory)) {
                memory.put_edited(file, previous);
            }
        }
    }

    fn shard(&self, key: &Key) -> &RwLock<FxHashMap<Key, Entry<'w>>> {
        let hash = FxBuildHasher.hash_one(key);
        // The map itself uses the low bits.
        &self.shards[(hash >> 40) as usize % SHARDS]
    }
}
