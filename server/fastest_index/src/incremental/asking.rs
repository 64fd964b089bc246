//! Questions from outside, which share what collecting found out.

use std::path::Path;
use std::sync::Arc;

use super::Index;
use crate::names::{Memory, Touched};
use crate::world::World;

impl Index {
    /// Makes what it takes to collect a file again after an edit, so that the first edit of a file
    /// costs no more than any other.
    pub fn expect_edits(&mut self, path: &Path) {
        let Some(file) = self.world.file_at(path).filter(|file| self.tests.contains(file)) else {
            return;
        };
        self.versions.with(&self.world, &Touched::default(), |world, memory| {
            let kept = memory
                .take_edited(file)
                .or_else(|| crate::collect::collect_again(world, file, Arc::clone(memory), None).1);
            if let Some(kept) = kept {
                memory.put_edited(file, kept);
            }
            // No edit has cost this.
            let _counts = (memory.take_looked(), memory.take_computed());
        });
    }

    /// Asks something about the world as it is now, with the memory of what is known of it: make
    /// a [`crate::names::Query`] of both.
    pub fn ask<T>(&mut self, question: impl for<'w> FnOnce(&'w World, &Arc<Memory<'w>>) -> T) -> T {
        self.versions.with(&self.world, &Touched::default(), question)
    }
}
