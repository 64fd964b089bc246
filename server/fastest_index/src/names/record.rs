//! What answering looked at, and what a change touches.

use std::collections::BTreeSet;
use std::hash::BuildHasher;

use compact_str::CompactString;
use rustc_hash::FxBuildHasher;

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
    /// What was read of the module that is collected, where that is kept track of.
    pub(super) reads: Reads,
}

/// Names of one module that were looked up, as hashes: of two names with one hash both were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    names: IdSet,
    /// Whether it may have been any name.
    any: bool,
}

impl Reads {
    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        let hash = FxBuildHasher.hash_one(name);
        // The upper half is the better one.
        self.names.insert(u32::try_from(hash >> 32).unwrap_or(0));
    }

    /// Adds all names there are.
    pub const fn add_any(&mut self) {
        self.any = true;
    }

    /// Adds what another one has.
    pub fn extend(&mut self, other: &Self) {
        self.any |= other.any;
        if !other.names.is_empty() {
            self.names.extend(&other.names);
        }
    }

    /// Whether one of these names has changed.
    pub fn meet(&self, changed: &Self) -> bool {
        !changed.is_empty() && (self.any || changed.any || self.names.meets(&changed.names))
    }

    /// Whether it is no name.
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.any
    }
}

impl Record {
    /// Nothing but a file was looked at.
    pub(crate) fn of_file(file: FileId) -> Self {
        Self { files: [file.0].into_iter().collect(), ..Self::default() }
    }

    /// Adds what another one looked at.
    pub(super) fn extend(&mut self, other: &Self) {
        self.files.extend(&other.files);
        self.modules.extend(&other.modules);
        self.classes.extend(&other.classes);
        self.reads.extend(&other.reads);
        if !other.wanted.is_empty() {
            self.wanted.extend(other.wanted.iter().cloned());
        }
    }

    /// What was read of the module that is collected.
    pub(crate) const fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Adds what another one looked at.
    pub(crate) fn with(mut self, other: &Self) -> Self {
        self.extend(other);
        self
    }

    /// Whether it looked at something that another one did not look at.
    pub(crate) fn adds_to(&self, other: &Self) -> bool {
        !self.files.is_within(&other.files)
            || !self.modules.is_within(&other.modules)
            || !self.wanted.is_subset(&other.wanted)
    }

    /// Whether a change touches anything that was looked at.
    #[must_use]
    pub fn is_touched(&self, touched: &Touched) -> bool {
        self.files.meets(&touched.files) || self.is_touched_by_names(touched)
    }

    /// Whether a change touches, or moves, anything that was looked at besides a file.
    pub(crate) fn is_touched_besides(&self, touched: &Touched, file: FileId) -> bool {
        self.files.meets_besides(&touched.files, file.0)
            || self.files.meets_besides(&touched.moved, file.0)
            || self.is_touched_by_names(touched)
    }

    fn is_touched_by_names(&self, touched: &Touched) -> bool {
        self.modules.meets(&touched.modules)
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
