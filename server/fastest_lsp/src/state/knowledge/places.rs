//! Spans to ranges, in documents as they are and in files on disk.

use std::path::{Path, PathBuf};

use fastest_ide::view::{Edit, Target};
use fastest_model::Span;
use rustc_hash::FxHashMap;
use tower_lsp::lsp_types::{Location, Range, TextEdit, Uri, WorkspaceEdit};

use super::super::State;
use crate::text::{Text, WholeText};

/// The texts that one answer speaks of, each read once.
pub(super) struct Places<'s> {
    state: &'s State,
    texts: FxHashMap<PathBuf, Text<'s>>,
}

impl<'s> Places<'s> {
    /// No text is read yet.
    pub fn new(state: &'s State) -> Self {
        Self { state, texts: FxHashMap::default() }
    }

    /// The range of a span.
    pub fn range(&mut self, path: &Path, span: Span) -> Range {
        let state = self.state;
        let text =
            self.texts.entry(path.to_owned()).or_insert_with(|| match state.documents.get(path) {
                Some(open) => Text::Open(&open.document),
                None => Text::Whole(WholeText::read(path)),
            });
        text.range(span, state.profile.encoding).into()
    }

    /// The URI of a file.
    pub fn uri(&self, path: &Path) -> Option<Uri> {
        self.state.documents.uri(path).parse().ok()
    }

    /// Where a target's name stands.
    pub fn location(&mut self, target: &Target) -> Option<Location> {
        let uri = self.uri(&target.path)?;
        Some(Location { uri, range: self.range(&target.path, target.focus) })
    }

    /// Edits of files as a client makes them.
    #[expect(clippy::mutable_key_type, reason = "the type of the field; no key is changed")]
    pub fn edits(&mut self, edits: &[Edit]) -> WorkspaceEdit {
        let mut changes: Vec<(Uri, Vec<TextEdit>)> = Vec::new();
        for edit in edits {
            let Some(uri) = self.uri(&edit.path) else { continue };
            let change =
                TextEdit { range: self.range(&edit.path, edit.span), new_text: edit.text.clone() };
            match changes.iter_mut().find(|(known, _)| *known == uri) {
                Some((_, edits)) => edits.push(change),
                None => changes.push((uri, vec![change])),
            }
        }
        let changes = changes.into_iter().collect();
        WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
    }
}
