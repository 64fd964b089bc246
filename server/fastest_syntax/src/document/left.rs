//! What an edit took away that the next one may bring back.
//!
//! A `"""` that is left open makes one string of what were many statements. Once it is closed they
//! are what they were: what the string swallowed is kept, and taken back where a step starts at
//! the same distance from the end of the text, as long as no edit has touched the bytes between.

use super::pieces::Piece;
use crate::outline::Placed;

/// So few pieces are read again sooner than kept.
const FEW: usize = 16;

/// Neighbouring pieces as they were before an edit.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    pieces: Vec<Piece>,
    statements: Vec<Placed>,
    /// How long the text was.
    len: usize,
    /// How many bytes at its end no edit has touched since.
    same: usize,
}

impl Left {
    /// Notes an edit behind which so many bytes stand.
    pub fn touch(&mut self, behind: usize) {
        self.same = self.same.min(behind);
    }

    /// Whether there are so many pieces that they are worth being kept.
    pub fn is_worth(pieces: &[Piece]) -> bool {
        pieces.len() >= FEW
    }

    /// Keeps neighbouring pieces as they stood before an edit that touched neither them nor what
    /// stood behind, which were so many bytes; `statements` ends with theirs.
    pub fn keep(&mut self, pieces: Vec<Piece>, statements: &[Placed], behind: usize) {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return };
        self.len = last.start + last.len + behind;
        self.same = self.len - first.start;
        let count: usize = pieces.iter().map(|piece| piece.statements).sum();
        self.statements = statements[statements.len().saturating_sub(count)..].to_vec();
        self.pieces = pieces;
    }

    /// The pieces and statements from an offset on of a text that is so long, as they were placed
    /// then; nothing is kept afterwards.
    pub fn take(&mut self, at: usize, len: usize) -> Option<(Vec<Piece>, Vec<Placed>)> {
        let behind = len.checked_sub(at).filter(|&behind| 0 < behind && behind <= self.same)?;
        let start = self.len.checked_sub(behind)?;
        let first = self.pieces.binary_search_by_key(&start, |piece| piece.start).ok()?;
        let before: usize = self.pieces[..first].iter().map(|piece| piece.statements).sum();
        let Self { mut pieces, mut statements, .. } = std::mem::take(self);
        Some((pieces.split_off(first), statements.split_off(before)))
    }
}
