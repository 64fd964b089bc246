//! `textDocument/prepareRename` and `textDocument/rename`.

use std::sync::Arc;

use fastest_ide::rename;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::lsp_types::{PrepareRenameResponse, TextDocumentPositionParams, WorkspaceEdit};

use super::super::{State, refused};
use super::Question;
use super::beside::{Edition, send};
use super::places::Places;
use crate::event::{Event, Reply};

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
        name: String,
        reply: Reply<Option<WorkspaceEdit>>,
    ) {
        let reply = Arc::new(reply);
        let Some(moment) = self.moment(at, &reply) else { return send(reply, Ok(None)) };
        let (edition, events) = (self.edition(), self.events.clone());
        self.out.runtime().spawn_blocking(move || {
            let answer = moment.ask(
                |model, file, offset| rename::rename(model, file, offset, &name),
                |found, places| {
                    let edits = found.map_err(refused)?;
                    Ok(edits.map(|edits| places.edits(&edits)))
                },
            );
            events.send(Event::Ask(Question::Renamed(edition, answer, reply)));
        });
    }

    /// A renaming is ready: it is of use if everything still is as it was.
    pub(super) fn renamed(
        &self,
        edition: &Edition,
        answer: Result<Option<WorkspaceEdit>>,
        reply: Arc<Reply<Option<WorkspaceEdit>>>,
    ) {
        let is_outdated = answer.is_ok() && *edition != self.edition();
        send(reply, if is_outdated { Err(Error::content_modified()) } else { answer });
    }
}
