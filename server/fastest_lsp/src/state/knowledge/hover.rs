//! `textDocument/hover`

use tower_lsp::lsp_types::{Hover, HoverContents, TextDocumentPositionParams};

use super::super::{State, profile};
use super::places::Places;

impl State {
    /// `textDocument/hover`
    pub(super) fn hover(&mut self, at: &TextDocumentPositionParams) -> Option<Hover> {
        let (path, offset) = self.offset(at)?;
        let markup = self.profile.markup.0.unwrap_or_default();
        let (span, text) = self.ask(&path, |model, file, _| {
            fastest_ide::hover::hover(model, file, offset, markup)
        })??;
        let contents = HoverContents::Markup(profile::content(markup, text));
        Some(Hover { contents, range: Some(Places::new(self).range(&path, span)) })
    }
}
