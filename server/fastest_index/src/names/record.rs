//! What answering looked at, and what a change touches.

use std::collections::BTreeSet;

use compact_str::CompactString;

use crate::id_set::IdSet;
use crate::world::{FileId, NameId};

/// What answering a query looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Files whose outlines were read.
    pub files: IdSet,
    /// Dotted names that were imported and of which something is known.
    pub modules: IdSet,
    /// Dotted names that were imported and of which the world knows nothing yet: push them and
    /// ask again.
    pub wanted: BTreeSet<CompactString>,
    /// Class bodies that were run, as hashes.
    pub(super) classes: IdSet,
}

impl Record {
    /// Adds what another one looked at.
    pub(super) fn extend(&mut self, other: &Self) {
        self.files.extend(&other.files);
        self.modules.extend(&other.modules);
        self.classes.extend(&other.classes);
        if !other.wanted.is_empty() {
            self.wanted.extend(other.wanted.iter().cloned());
        }
    }

    /// Whether a change touches anything that was looked at.
    #[must_use]
    pub fn is_touched(&self, touched: &Touched) -> bool {
        self.files.meets(&touched.files)
            || self.modules.meets(&touched.modules)
            || (!self.wanted.is_empty() && !self.wanted.is_disjoint(&touched.names))
    }
}

/// What a batch of changes touches.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Files that are new, different or gone.
    pub files: IdSet,
    /// Dotted names that denote something else than before.
    pub modules: IdSet,
    /// Files of which nothing is different but where things stand: not among [`Touched::files`].
    pub moved: IdSet,
    /// The same names, for those who looked at them when nothing was known of them.
    pub names: BTreeSet<CompactString>,
}

impl Touched {
    /// Adds a file.
    pub fn add_file(&mut self, file: FileId) {
        self.files.insert(file.0);
    }

    /// Adds a dotted name.
    pub fn add_module(&mut self, id: NameId, name: &str) {
        self.modules.insert(id.0);
        self.names.insert(name.into());
    }

    /// Adds a file in which things only moved.
    pub fn add_moved(&mut self, file: FileId) {
        self.moved.insert(file.0);
    }

    /// Whether nothing is touched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.modules.is_empty() && self.moved.is_empty()
    }
}
