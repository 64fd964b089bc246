//! Edits as editors send them, to replaced byte ranges.

use std::ops::Range;

use fastest_model::Span;
use ropey::Rope;

use super::position::{Position, PositionEncoding, offset_at};

/// One edit of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// What is replaced: from the first position to the second. Positions outside the text are
    /// moved into it, and swapped when they come in the wrong order. `None` replaces the whole
    /// text.
    pub range: Option<(Position, Position)>,
    /// What stands there afterwards.
    pub text: String,
}

/// A replaced part of a text, and how what stands behind it has moved. What is the same at either
/// end of what was there and what is there now is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// What was replaced, in the text before.
    pub old: Span,
    /// By how many bytes what is behind has moved; it wraps.
    pub bytes: u32,
    /// From this line on, lines have moved as they are.
    pub from_line: u32,
    /// By so many lines.
    pub lines: i32,
}

impl Replacement {
    pub(super) fn of(replaced: Replaced, before: &Rope, after: &Rope) -> Self {
        let Replaced { start, old_end, new_end } = replaced;
        let small = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        let line = before.byte_to_line(old_end);
        let is_whole = is_line_start(before, old_end) && is_line_start(after, new_end);
        Self {
            old: Span::new(small(start), small(old_end)),
            bytes: small(new_end).wrapping_sub(small(old_end)),
            from_line: small(line + usize::from(!is_whole)),
            lines: small(after.len_lines()).wrapping_sub(small(before.len_lines())).cast_signed(),
        }
    }
}

fn is_line_start(text: &Rope, offset: usize) -> bool {
    text.line_to_byte(text.byte_to_line(offset)) == offset
}

/// A replaced range of bytes: `start..old_end` became `start..new_end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    pub(super) start: usize,
    pub(super) old_end: usize,
    pub(super) new_end: usize,
}

/// Which bytes of `text` the change replaces, and with what; `None` when nothing changes.
///
/// What is the same at either end of both is left out: an editor that sends the whole text with
/// every keystroke costs no more than one that sends the key.
pub(super) fn replacement<'c>(
    text: &Rope,
    change: &'c TextChange,
    encoding: PositionEncoding,
) -> Option<(Range<usize>, &'c str)> {
    let range = replaced_bytes(text, change, encoding);
    let old = String::from(text.byte_slice(range.clone()));
    let new = change.text.as_str();
    if old == new {
        return None;
    }
    let kept = common_prefix(&old, new);
    let (old, new) = (&old[kept..], &new[kept..]);
    let kept_behind = common_suffix(old, new);
    let range = range.start + kept..range.end - kept_behind;
    Some((range, &new[..new.len() - kept_behind]))
}

fn replaced_bytes(text: &Rope, change: &TextChange, encoding: PositionEncoding) -> Range<usize> {
    let Some((from, to)) = change.range else { return 0..text.len_bytes() };
    let from = offset_at(text, from, encoding);
    let to = offset_at(text, to, encoding);
    from.min(to)..from.max(to)
}

/// How many bytes both texts start with, whole characters only.
fn common_prefix(left: &str, right: &str) -> usize {
    let pairs = left.bytes().zip(right.bytes());
    let mut same = pairs.take_while(|(left, right)| left == right).count();
    while !(left.is_char_boundary(same) && right.is_char_boundary(same)) {
        same -= 1;
    }
    same
}

/// How many bytes both texts end with, whole characters only.
fn common_suffix(left: &str, right: &str) -> usize {
    let pairs = left.bytes().rev().zip(right.bytes().rev());
    let mut same = pairs.take_while(|(left, right)| left == right).count();
    while !(left.is_char_boundary(left.len() - same) && right.is_char_boundary(right.len() - same))
    {
        same -= 1;
    }
    same
}

/// Puts `new` in the place of the bytes `range`.
pub(super) fn replace(text: &mut Rope, range: Range<usize>, new: &str) -> Replaced {
    let Range { start, end } = range;
    let first = text.byte_to_char(start);
    text.remove(first..text.byte_to_char(end));
    text.insert(first, new);
    Replaced { start, old_end: end, new_end: start + new.len() }
}
