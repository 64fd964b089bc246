//! Places of items, counted from the top-level statement that the items come from.
//!
//! So an item says the same wherever its statement stands, and an edit above it leaves it as it
//! is. Places in other files count from those files' starts.

use std::cell::Cell;

use fastest_model::Span;

use crate::values::Mark;
use crate::world::FileId;

/// What places count from, and how far those that were counted reach.
#[derive(Debug)]
pub(super) struct Anchor {
    file: FileId,
    base: Cell<u32>,
    reach: Cell<Option<Span>>,
}

impl Anchor {
    /// The start of a file.
    pub const fn new(file: FileId) -> Self {
        Self { file, base: Cell::new(0), reach: Cell::new(None) }
    }

    /// From now on places count from here.
    pub fn begin(&self, base: u32) {
        self.base.set(base);
        self.reach.set(None);
    }

    /// What places count from.
    pub const fn base(&self) -> u32 {
        self.base.get()
    }

    /// All places of the file that were counted since [`Anchor::begin`] lie within this span.
    pub const fn reach(&self) -> Option<Span> {
        self.reach.get()
    }

    /// A place of a file, given from its start; `None` if it is another file.
    pub fn span(&self, of: FileId, span: Span) -> Option<Span> {
        if of != self.file {
            return None;
        }
        self.reach.set(Some(self.reach.get().map_or(span, |reach| reach.cover(span))));
        Some(placed(span, self.base.get().wrapping_neg()))
    }

    /// A mark in its light form, its place counted from here.
    pub fn light(&self, mark: &Mark) -> Mark {
        let counted = |(of, span)| (of, self.span(of, span).unwrap_or(span));
        Mark { origin: mark.origin.map(counted), ..super::light(mark) }
    }
}

/// A place that counts from `base`, counted from the file's start. What an item tells of another
/// statement may lie before its own: such a distance wraps.
pub(super) const fn placed(span: Span, base: u32) -> Span {
    Span { start: span.start.wrapping_add(base), end: span.end.wrapping_add(base) }
}
