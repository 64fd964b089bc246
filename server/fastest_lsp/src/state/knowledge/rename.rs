//! `textDocument/prepareRename` and `textDocument/rename`.

use fastest_ide::rename;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{PrepareRenameResponse, TextDocumentPositionParams, WorkspaceEdit};

use super::super::{State, refused};
use super::places::Places;

impl State {
    /// `textDocument/prepareRename`
    pub(super) fn prepare_rename(
        &mut self,
        at: &TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        let Some((path, offset)) = self.offset(at) else { return Ok(None) };
        let asked = self.ask(&path, |model, file, _| rename::prepare(model, file, offset));
        let span = asked.transpose().map_err(refused)?.flatten();
        let mut places = Places::new(self);
        Ok(span.map(|span| PrepareRenameResponse::Range(places.range(&path, span))))
    }

    /// `textDocument/rename`
    pub(super) fn rename(
        &mut self,
        at: &TextDocumentPositionParams,
        name: &str,
    ) -> Result<Option<WorkspaceEdit>> {
        let Some((path, offset)) = self.offset(at) else { return Ok(None) };
        let asked = self.ask(&path, |model, file, _| rename::rename(model, file, offset, name));
        let edits = asked.transpose().map_err(refused)?.flatten();
        Ok(edits.map(|edits| Places::new(self).edits(&edits)))
    }
}
