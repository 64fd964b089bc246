//! The wire types of `docs/test-protocol.md`, and nothing else.

pub mod coverage;
pub mod debug;
pub mod items;
pub mod runs;
pub mod status;

use serde::Serialize;

/// A place, in the negotiated encoding.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize,
)]
pub struct Position {
    /// From 0.
    pub line: u32,
    /// From 0.
    pub character: u32,
}

/// A half-open range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
pub struct Range {
    /// The first place.
    pub start: Position,
    /// One past the last.
    pub end: Position,
}

impl Range {
    /// Whether a place lies within, or right at the end.
    pub fn holds(&self, position: Position) -> bool {
        self.start <= position && position <= self.end
    }
}

impl From<Position> for tower_lsp::lsp_types::Position {
    fn from(position: Position) -> Self {
        Self::new(position.line, position.character)
    }
}

impl From<tower_lsp::lsp_types::Position> for Position {
    fn from(position: tower_lsp::lsp_types::Position) -> Self {
        Self { line: position.line, character: position.character }
    }
}

impl From<Range> for tower_lsp::lsp_types::Range {
    fn from(range: Range) -> Self {
        Self::new(range.start.into(), range.end.into())
    }
}

/// A document, by its URI.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct TextDocument {
    /// As the client writes it.
    pub uri: String,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Location {
    /// The file.
    pub uri: String,
    /// Where in it.
    pub range: Range,
}
