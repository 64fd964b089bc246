//! How a file is collected: in full, or with what an edit left of it.

use std::sync::Arc;

use super::{Batch, Index};
use crate::collect::{Collected, collect_again, collect_sharing};
use crate::names::{Memory, Touched};
use crate::world::{FileId, World};

/// How many files may be edited at once for what they hold to be kept by name. Where a branch is
/// switched there is nothing to be gained by it.
const AT_ONCE: usize = 4;

/// How a file is collected.
pub(super) struct Plan {
    file: FileId,
    /// Whether it is being edited, so that what it takes to collect it again is kept.
    is_edited: bool,
    /// Whether other conftests may concern it than before.
    is_below: bool,
}

impl Index {
    /// How a file that a batch touches is collected.
    pub(super) fn plan(&self, file: FileId, batch: &Batch) -> Plan {
        let Touched { files, moved, .. } = &batch.touched;
        let is_edited = (files.contains(file.0) || moved.contains(file.0))
            && files.iter().chain(moved.iter()).take(AT_ONCE + 1).count() <= AT_ONCE;
        Plan { file, is_edited, is_below: self.is_below(file, &batch.folders) }
    }
}

impl Plan {
    pub(super) fn collect<'w>(&self, world: &'w World, memory: &Arc<Memory<'w>>) -> Arc<Collected> {
        let Self { file, is_edited, is_below } = *self;
        let previous = memory.take_edited(file);
        if !is_edited && previous.is_none() {
            return Arc::new(collect_sharing(world, file, Arc::clone(memory)));
        }
        let left = previous.filter(|_| !is_below);
        let (collected, previous) = collect_again(world, file, Arc::clone(memory), left);
        if let Some(previous) = previous {
            memory.put_edited(file, previous);
        }
        collected
    }
}
