//! Ranges of source text.

use serde::{Deserialize, Serialize};

/// A half-open range of **UTF-8 byte offsets** `start..end` into one source text.
///
/// What the offsets count from is said where a span is stored: a file's first byte, or the start
/// of a top-level statement (see `fastest_syntax::outline`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`; `start` must not be after `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        debug_assert!(start <= end, "a span ends before it starts");
        Self { start, end }
    }

    /// Whether no byte lies within.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// How many bytes lie within.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// The same span counted from an origin that lies `base` bytes before the present one.
    #[must_use]
    pub const fn shifted(self, base: u32) -> Self {
        Self { start: self.start + base, end: self.end + base }
    }

    /// The same span counted from an origin `base` bytes after the present one.
    #[must_use]
    pub const fn relative_to(self, base: u32) -> Self {
        Self { start: self.start - base, end: self.end - base }
    }

    /// The shortest span that both lie in.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span as an index range of a `str` or a byte slice.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}
