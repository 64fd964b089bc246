//! An open file: text that is edited, and an outline that follows.
//!
//! An edit reads again the top-level statements that it touches and no others; see [`Document`].
//! What the text means beyond its outline is asked of tree-sitter ([`Document::tree`],
//! [`Document::syntax_errors`]), and not on the way of a keystroke.
//!
//! Nothing here knows of files, versions or a protocol.

mod edit;
mod left;
mod pieces;
mod position;
mod shape;
mod tree;

use std::sync::Arc;

use ropey::Rope;
use tree_sitter::Tree;

pub use edit::{Replacement, TextChange};
pub use pieces::Region;
pub use position::{Position, PositionEncoding};
pub use shape::same_shape;

use crate::outline::{Outline, SyntaxProblem};
use crate::reader::Reader;
use pieces::{Pieces, Update};
use tree::SyntaxTree;

#[cfg(test)]
pub(crate) use tree::python_parser;

/// An open file.
///
/// After any series of edits its outline is the one that a new document of the same text has.
/// A clone shares what it can; statements that no edit touched stay shared.
#[derive(Clone, Debug)]
pub struct Document {
    text: Rope,
    pieces: Pieces,
    tree: SyntaxTree,
}

/// What [`Document::apply`] did to the outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// The statements that are others, or were read again, from the top of the file down. All others are what
    /// they were, though their starts may have moved.
    pub regions: Vec<Region>,
    /// How many of their statements are those of before an edit that this one undid.
    pub restored: usize,
    /// Whether any statement now says something else. If not, statements only stand elsewhere.
    pub meaning_changed: bool,
    /// Whether the outline's problems are others, or stand elsewhere.
    pub problems_changed: bool,
    /// What was replaced, one after the other; changes that change nothing are left out.
    pub replaced: Vec<Replacement>,
}

impl Document {
    /// Opens a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let pieces = Pieces::of(text, Reader);
        Self { text: Rope::from_str(text), pieces, tree: SyntaxTree::default() }
    }

    /// The text as it is now.
    #[must_use]
    pub const fn text(&self) -> &Rope {
        &self.text
    }

    /// What the text defines.
    #[must_use]
    pub fn outline(&self) -> &Arc<Outline> {
        self.pieces.outline()
    }

    /// Makes the changes, one after the other: each is meant for the text that the one before it
    /// left.
    pub fn apply(&mut self, changes: &[TextChange], encoding: PositionEncoding) -> Applied {
        let mut all = Vec::with_capacity(changes.len());
        for change in changes {
            let Some((range, new)) = edit::replacement(&self.text, change, encoding) else {
                continue;
            };
            let before = self.text.clone();
            let replaced = edit::replace(&mut self.text, range, new);
            self.pieces.touch(replaced);
            self.tree.edit(&before, &self.text, replaced);
            all.push(Replacement::of(replaced, &before, &self.text));
        }
        let source = String::from(&self.text);
        let update = self.pieces.update(&source, Reader);
        Applied { replaced: all, ..Applied::of(update, self.outline()) }
    }

    /// The byte at which a position stands. Positions outside the text are moved into it: past
    /// the end of a line to that end, past the last line to the end of the text, and from within
    /// a character to its start.
    #[must_use]
    pub fn offset_at(&self, position: Position, encoding: PositionEncoding) -> u32 {
        let offset = position::offset_at(&self.text, position, encoding);
        u32::try_from(offset).unwrap_or(u32::MAX)
    }

    /// The position of a byte. One past the end of the text is its end; one within a character
    /// or between `\r` and `\n` is the place before it.
    #[must_use]
    pub fn position_at(&self, offset: u32, encoding: PositionEncoding) -> Position {
        position::position_at(&self.text, offset as usize, encoding)
    }

    /// The whole text's syntax tree. Parses what has changed since it was last asked for.
    pub fn tree(&mut self) -> &Tree {
        self.tree.of(&self.text)
    }

    /// What is wrong with the text's syntax as tree-sitter sees it, from the top of the file
    /// down; spans count from the file's start. Parses as [`Document::tree`] does.
    pub fn syntax_errors(&mut self) -> Vec<SyntaxProblem> {
        tree::syntax_errors(self.tree())
    }
}

impl Applied {
    fn of(update: Update, outline: &Outline) -> Self {
        let Update { regions, restored, problems_changed } = update;
        let meaning_changed = regions.iter().any(|region| region.changes_meaning(outline));
        Self { regions, restored, meaning_changed, problems_changed, replaced: Vec::new() }
    }

    /// How many statements were read again.
    #[must_use]
    pub fn reread(&self) -> usize {
        self.regions.iter().map(|region| region.new.len()).sum::<usize>() - self.restored
    }
}

#[cfg(test)]
mod tests;
