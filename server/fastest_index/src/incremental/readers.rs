//! Which test files a change may concern, without asking all of them.

use rustc_hash::FxHashMap;

use super::{Batch, Index};
use crate::id_set::IdSet;
use crate::world::FileId;

/// For each file, the test files that looked at it when they were collected.
#[derive(Debug, Default)]
pub(super) struct Readers(FxHashMap<u32, IdSet>);

impl Readers {
    /// A test file looks at other files than before.
    pub fn replace(&mut self, test: FileId, before: Option<IdSet>, now: &IdSet) {
        let before = before.unwrap_or_default();
        if before == *now {
            return;
        }
        for gone in before.iter().filter(|&file| !now.contains(file)) {
            if let Some(readers) = self.0.get_mut(&gone) {
                readers.remove(test.0);
            }
        }
        for new in now.iter().filter(|&file| !before.contains(file)) {
            self.0.entry(new).or_default().insert(test.0);
        }
    }

    fn of(&self, file: u32) -> impl Iterator<Item = u32> {
        self.0.get(&file).into_iter().flat_map(IdSet::iter)
    }
}

impl Index {
    /// The test files among which those are that a batch touches, in their order.
    pub(super) fn concerned(&self, batch: &Batch) -> Vec<FileId> {
        let touched = &batch.touched;
        let is_of_files = !batch.everything
            && batch.folders.is_empty()
            && touched.modules.is_empty()
            && touched.names.is_empty()
            && self.snapshot.files.len() == self.tests.len();
        if !is_of_files {
            return self.tests.iter().copied().collect();
        }
        let files = touched.files.iter().chain(touched.moved.iter());
        let concerned: IdSet =
            files.flat_map(|file| self.readers.of(file).chain(std::iter::once(file))).collect();
        concerned.iter().map(FileId).filter(|file| self.tests.contains(file)).collect()
    }
}
