//! `textDocument/references` and `textDocument/documentHighlight`.

use fastest_ide::references;
use tower_lsp::lsp_types::{DocumentHighlight, Location, TextDocumentPositionParams};

use super::super::State;
use super::places::Places;

impl State {
    /// `textDocument/references`
    pub(super) fn references(
        &mut self,
        at: &TextDocumentPositionParams,
        declaration: bool,
    ) -> Option<Vec<Location>> {
        let (path, offset) = self.offset(at)?;
        let found = self.ask(&path, |model, file, _| {
            references::references(model, file, offset, declaration)
        })??;
        let mut places = Places::new(self);
        Some(found.iter().filter_map(|target| places.location(target)).collect())
    }

    /// `textDocument/documentHighlight`
    pub(super) fn highlights(
        &mut self,
        at: &TextDocumentPositionParams,
    ) -> Option<Vec<DocumentHighlight>> {
        let (path, offset) = self.offset(at)?;
        let found =
            self.ask(&path, |model, file, _| references::highlights(model, file, offset))??;
        let mut places = Places::new(self);
        let highlight = |span| DocumentHighlight { range: places.range(&path, span), kind: None };
        Some(found.into_iter().map(highlight).collect())
    }
}
