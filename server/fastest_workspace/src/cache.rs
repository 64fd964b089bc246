//! Outlines that were scanned before, kept in one file in the project's cache directory.
//!
//! A file's outline is taken from the cache if its path, size and time of modification are those
//! of then. A time so young that the file could have been changed again within the clock's
//! resolution is not trusted: its content's hash decides. The file is checksummed, names its
//! format and the build that wrote it, and is thrown away whole when anything is off.
//!
//! It lives in `d/fastest/` below pytest's `cache_dir`, where pytest lets plugins keep files, so
//! that `--cache-clear` removes it.
//!
//! Reading order: [`Cache`], [`load`] (files to outlines, through the cache), `store` (the bytes),
//! `place` (the directory).

pub mod answer;
pub mod load;
pub(crate) mod place;
mod store;
#[cfg(test)]
mod tests;

use std::io::IoSlice;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fastest_syntax::outline::Outline;
use rustc_hash::FxHashMap;

use crate::cache::answer::Answer;
use crate::cache::store::{NewEntry, Store, Stored};
use crate::trail;
use crate::walk::{FileEntry, Trail};

/// Outlines of earlier runs, and those that this run adds.
#[derive(Debug, Default)]
pub struct Cache {
    /// Where it is kept; `None` for a cache that remembers nothing.
    file: Option<PathBuf>,
    /// pytest's `cache_dir`.
    directory: PathBuf,
    rootdir: PathBuf,
    /// Read when it is first asked for: an answer that still holds needs no outline.
    before: OnceLock<Before>,
    added: Mutex<FxHashMap<String, Added>>,
}

/// What earlier runs left.
#[derive(Debug, Default)]
struct Before {
    store: Store,
    /// For each stored entry, whether this run asked for it.
    used: Vec<AtomicBool>,
}

/// An entry that this run adds or corrects.
#[derive(Debug)]
struct Added {
    size: u64,
    mtime_ns: u64,
    content: u64,
    is_settled: bool,
    /// The outline as it is kept, and its checksum.
    encoded: (Vec<u8>, u64),
}

/// What the cache has for a file.
pub(crate) enum Cached {
    /// Its outline.
    Outline(Arc<Outline>),
    /// An outline that holds if the file's content has this hash.
    IfContent(u64, Arc<Outline>),
    /// Nothing.
    Nothing,
}

impl Cache {
    /// The cache of a project; an absent, damaged or foreign one is empty.
    ///
    /// `directory` is pytest's ini `cache_dir`, absolute.
    #[must_use]
    pub fn open(directory: &Path, rootdir: &Path) -> Self {
        Self {
            file: Some(place::file_in(directory)),
            directory: directory.to_owned(),
            rootdir: rootdir.to_owned(),
            ..Self::default()
        }
    }

    fn before(&self) -> &Before {
        self.before.get_or_init(|| {
            let bytes = self.file.as_ref().and_then(|file| std::fs::read(file).ok());
            let store = bytes.and_then(Store::parse).unwrap_or_default();
            let used = store.entries().iter().map(|_| AtomicBool::new(false)).collect();
            Before { store, used }
        })
    }

    /// A cache that remembers nothing and is never written (`-p no:cacheprovider`).
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// What an earlier run knew of a file as it is now.
    pub(crate) fn get(&self, file: &FileEntry) -> Cached {
        let Before { store, used } = self.before();
        let Some(index) = self.key(&file.path).and_then(|key| store.position(key)) else {
            return Cached::Nothing;
        };
        used[index].store(true, Ordering::Relaxed);
        let entry = &store.entries()[index];
        if (entry.size, entry.mtime_ns) != (file.size, file.mtime_ns) {
            return Cached::Nothing;
        }
        match store.outline(entry) {
            Some(outline) if entry.is_settled => Cached::Outline(Arc::new(outline)),
            Some(outline) => Cached::IfContent(entry.content, Arc::new(outline)),
            None => Cached::Nothing,
        }
    }

    /// Remembers what a file's content gave. It is encoded at once, while it is in the processor's
    /// caches.
    pub(crate) fn put(&self, file: &FileEntry, content: u64, is_settled: bool, outline: &Outline) {
        let Some(key) = self.file.as_ref().and_then(|_| self.key(&file.path)) else { return };
        let Some(encoded) = store::encode(outline) else { return };
        let &FileEntry { size, mtime_ns, .. } = file;
        let added = Added { size, mtime_ns, content, is_settled, encoded };
        let mut all = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key.to_owned(), added);
    }

    /// Writes the cache if anything changed. To be called once the answer is printed.
    ///
    /// Where it cannot be written it is not: the next run is slower, nothing else. Returns whether
    /// it was written.
    pub fn save(&self) -> bool {
        let added = std::mem::take(&mut *self.added.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(file) = self.file.as_ref().filter(|_| !added.is_empty()) else { return false };
        let mut entries: Vec<NewEntry<'_>> = self.kept(&added);
        entries.extend(added.iter().map(|(key, added)| {
            let Added { size, mtime_ns, content, is_settled, encoded: (blob, checksum) } = added;
            NewEntry {
                key,
                size: *size,
                mtime_ns: *mtime_ns,
                content: *content,
                is_settled: *is_settled,
                checksum: *checksum,
                blob: blob.into(),
            }
        }));
        let head = store::compose_head(&entries);
        let blobs = entries.iter().map(|entry| IoSlice::new(&entry.blob));
        let mut pieces: Vec<IoSlice<'_>> =
            std::iter::once(IoSlice::new(&head)).chain(blobs).collect();
        place::write_pieces(&self.directory, file, &mut pieces).is_ok()
    }

    /// Stored entries that still hold. One that nobody asked for stays while its file exists: this
    /// run may have looked at a part of the project only.
    fn kept(&self, added: &FxHashMap<String, Added>) -> Vec<NewEntry<'_>> {
        let Before { store, used } = self.before();
        let kept = store.entries().iter().zip(used).filter(|(entry, used)| {
            let key = store.key(entry);
            !added.contains_key(key)
                && (used.load(Ordering::Relaxed) || self.rootdir.join(key).exists())
        });
        kept.map(|(entry, _)| reused(store, entry)).collect()
    }

    /// The answer to a question that was asked before, if all that it rests on is as it was.
    #[must_use]
    pub fn recall(&self, question: u64) -> Option<Answer> {
        self.file.as_ref()?;
        let bytes = std::fs::read(place::answer_in(&self.directory)).ok()?;
        let kept = answer::parse(bytes).filter(|kept| kept.question == question)?;
        trail::still_holds(&kept.grounds).then_some(kept.answer)
    }

    /// Keeps an answer, unless what it rests on may have changed since without a trace. Returns
    /// whether it was written.
    pub fn keep(&self, question: u64, answer: &Answer, trail: &Trail) -> bool {
        let settled = load::now_ns().saturating_sub(load::SETTLED_NS);
        if self.file.is_none() {
            return false;
        }
        let Some(grounds) = trail.steps(settled) else { return false };
        let Some(rest) = answer::compose(question, grounds, answer) else { return false };
        let printed = answer.body.iter().map(|piece| IoSlice::new(piece.as_bytes()));
        let mut pieces: Vec<IoSlice<'_>> =
            printed.chain(std::iter::once(IoSlice::new(&rest))).collect();
        place::write_pieces(&self.directory, &place::answer_in(&self.directory), &mut pieces)
            .is_ok()
    }

    /// A path from the rootdir where it is below that, so that a project may be moved.
    fn key<'p>(&self, path: &'p Path) -> Option<&'p str> {
        path.strip_prefix(&self.rootdir).unwrap_or(path).to_str()
    }
}

fn reused<'s>(store: &'s Store, entry: &Stored) -> NewEntry<'s> {
    let &Stored { size, mtime_ns, content, is_settled, checksum, .. } = entry;
    let (key, blob) = (store.key(entry), store.blob(entry));
    NewEntry { key, size, mtime_ns, content, is_settled, checksum, blob: blob.into() }
}
