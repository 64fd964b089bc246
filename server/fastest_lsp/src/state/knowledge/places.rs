//! Spans to ranges, in documents as they are and in files on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fastest_ide::view::{Edit, Target};
use fastest_model::Span;
use fastest_syntax::document::PositionEncoding;
use rustc_hash::FxHashMap;
use tower_lsp::lsp_types::{Location, Range, TextEdit, Uri, WorkspaceEdit};

use super::super::State;
use crate::text::{Text, WholeText};

/// Where the texts are that an answer speaks of.
pub(super) trait Desk {
    /// The text of a file: of its document, where it is open.
    fn text(&self, path: &Path) -> Text<'_>;

    /// The URI of a file: its client's, where it is open.
    fn uri(&self, path: &Path) -> String;

    /// What columns count.
    fn encoding(&self) -> PositionEncoding;
}

impl Desk for State {
    fn text(&self, path: &Path) -> Text<'_> {
        match self.documents.get(path) {
            Some(open) => Text::Open(&open.document),
            None => Text::Whole(WholeText::read(path)),
        }
    }

    fn uri(&self, path: &Path) -> String {
        self.documents.uri(path)
    }

    fn encoding(&self) -> PositionEncoding {
        self.profile.encoding
    }
}

/// The texts that one answer speaks of, each read once.
pub(super) struct Places<'s, D = State> {
    desk: &'s D,
    texts: FxHashMap<PathBuf, Text<'s>>,
}

impl<'s, D: Desk> Places<'s, D> {
    /// No text is read yet.
    pub fn new(desk: &'s D) -> Self {
        Self { desk, texts: FxHashMap::default() }
    }

    /// The range of a span.
    pub fn range(&mut self, path: &Path, span: Span) -> Range {
        let desk = self.desk;
        if !self.texts.contains_key(path) {
            self.texts.insert(path.to_owned(), desk.text(path));
        }
        let text = self.texts.get(path);
        text.map(|text| text.range(span, desk.encoding()).into()).unwrap_or_default()
    }

    /// The URI of a file.
    pub fn uri(&self, path: &Path) -> Option<Uri> {
        self.desk.uri(path).parse().ok()
    }

    /// Where a target's name stands.
    pub fn location(&mut self, target: &Target) -> Option<Location> {
        let uri = self.uri(&target.path)?;
        Some(Location { uri, range: self.range(&target.path, target.focus) })
    }

    /// Edits of files as a client makes them.
    #[expect(clippy::mutable_key_type, reason = "the type of the field; no key is changed")]
    pub fn edits(&mut self, edits: &[Edit]) -> WorkspaceEdit {
        let mut by_file: BTreeMap<&Path, Vec<TextEdit>> = BTreeMap::new();
        for edit in edits {
            let range = self.range(&edit.path, edit.span);
            let change = TextEdit { range, new_text: edit.text.clone() };
            by_file.entry(&edit.path).or_default().push(change);
        }
        let changes = by_file
            .into_iter()
            .filter_map(|(path, edits)| Some((self.uri(path)?, edits)))
            .collect();
        WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
    }
}
