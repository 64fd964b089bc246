//! `textDocument/hover`

use tower_lsp::lsp_types::{
    Hover, HoverContents, MarkupContent, MarkupKind, TextDocumentPositionParams,
};

use super::super::State;
use super::places::Places;

impl State {
    /// `textDocument/hover`
    pub(super) fn hover(&mut self, at: &TextDocumentPositionParams) -> Option<Hover> {
        let (path, offset) = self.offset(at)?;
        let (span, text) =
            self.ask(&path, |model, file, _| fastest_ide::hover::hover(model, file, offset))??;
        let contents =
            HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: text });
        Some(Hover { contents, range: Some(Places::new(self).range(&path, span)) })
    }
}
