//! `textDocument/references` and `textDocument/documentHighlight`.

use std::sync::Arc;

use fastest_ide::references;
use tower_lsp::lsp_types::{DocumentHighlight, Location, TextDocumentPositionParams};

use super::super::State;
use super::beside::send;
use super::places::Places;
use crate::event::Reply;

impl State {
    /// `textDocument/references`
    pub(super) fn references(
        &mut self,
        at: &TextDocumentPositionParams,
        declaration: bool,
        reply: Reply<Option<Vec<Location>>>,
    ) {
        let reply = Arc::new(reply);
        let Some(moment) = self.moment(at, &reply) else { return send(reply, Ok(None)) };
        self.out.runtime().spawn_blocking(move || {
            let found = moment.ask(
                |model, file, offset| references::references(model, file, offset, declaration),
                |found, places| {
                    Some(found?.iter().filter_map(|target| places.location(target)).collect())
                },
            );
            send(reply, Ok(found));
        });
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
