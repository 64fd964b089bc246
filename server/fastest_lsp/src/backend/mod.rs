//! What tower-lsp calls. Every handler makes one event of its message, before its first wait; a
//! request's then waits for the loop's answer and for nothing else.

mod custom;

use fastest_syntax::document::{Position, TextChange};
use serde_json::Value;
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
    CodeActionParams, CodeActionResponse, CompletionItem, CompletionParams, CompletionResponse,
    DocumentHighlight, DocumentHighlightParams, FoldingRange, FoldingRangeParams,
    GotoDefinitionParams, GotoDefinitionResponse, Hover, HoverParams, Location,
    PrepareRenameResponse, ReferenceParams, RenameParams, TextDocumentPositionParams,
    WorkspaceEdit,
    request::{GotoImplementationParams, GotoImplementationResponse},
};
use tower_lsp::lsp_types::{
    CodeLens, CodeLensParams, DidChangeConfigurationParams, DidChangeTextDocumentParams,
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentDiagnosticParams,
    DocumentDiagnosticReport, DocumentDiagnosticReportResult, DocumentSymbolParams,
    DocumentSymbolResponse, ExecuteCommandParams, FullDocumentDiagnosticReport, InitializeParams,
    InitializeResult, InitializedParams, OneOf, RelatedFullDocumentDiagnosticReport,
    TextDocumentContentChangeEvent, WorkspaceSymbol, WorkspaceSymbolParams,
};
use tower_lsp::{Client, ClientSocket, LanguageServer, LspService};

use crate::event::{Event, Events, Gate, Reply};
use crate::serve::after_response;
use crate::state::knowledge::Question;

/// The loop, as tower-lsp sees it.
#[derive(Debug)]
pub struct Backend {
    events: Events,
}

/// The service, and the socket of what it asks the client.
pub fn build(
    events: Events,
    with_client: impl FnOnce(Client),
) -> (LspService<Backend>, ClientSocket) {
    let builder = LspService::build(|client| {
        with_client(client);
        Backend { events }
    });
    custom::methods(builder).finish()
}

impl Backend {
    async fn ask<T>(&self, event: impl FnOnce(Reply<T>) -> Event) -> Result<T> {
        let (reply, answer) = Reply::new();
        self.events.send(event(reply));
        answer.await.unwrap_or_else(|_ended| Err(Error::internal_error()))
    }

    /// Asks a question about tests and fixtures.
    async fn put<T>(&self, question: impl FnOnce(Reply<T>) -> Question) -> Result<T> {
        self.ask(|reply| Event::Ask(question(reply))).await
    }

    /// Asks for something that begins once the answer is on the way to the client.
    async fn begin<T>(&self, event: impl FnOnce(Reply<T>, Gate) -> Event) -> Result<T> {
        let (open, gate) = oneshot::channel();
        let answer = self.ask(|reply| event(reply, gate)).await;
        after_response(move || {
            // Nobody waits where nothing was begun.
            let _unused = open.send(());
        });
        answer
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        self.ask(|reply| Event::Initialize(Box::new(params), reply)).await
    }

    async fn initialized(&self, _: InitializedParams) {
        self.events.send(Event::Initialized);
    }

    async fn shutdown(&self) -> Result<()> {
        self.ask(Event::Shutdown).await
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let uri = document.uri.to_string();
        self.events.send(Event::Opened { uri, version: document.version, text: document.text });
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let uri = params.text_document.uri.to_string();
        let changes = params.content_changes.into_iter().map(text_change).collect();
        self.events.send(Event::Changed { uri, version: params.text_document.version, changes });
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.events.send(Event::Saved(params.text_document.uri.to_string()));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.events.send(Event::Closed(params.text_document.uri.to_string()));
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        self.events.send(Event::Configuration(params.settings));
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let added = params.event.added.into_iter().map(|f| (f.uri.to_string(), f.name)).collect();
        let removed = params.event.removed.into_iter().map(|f| f.uri.to_string()).collect();
        self.events.send(Event::Folders { added, removed });
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let paths = params.changes.iter().filter_map(|c| crate::uris::to_path(c.uri.as_str()));
        self.events.send(Event::FilesChanged(paths.collect()));
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let uri = params.text_document.uri.to_string();
        let Some(lenses) = self.ask(|reply| Event::Lenses(uri, reply)).await? else {
            return Ok(None);
        };
        // No other answer waits behind thousands of lenses.
        let written = tokio::task::spawn_blocking(move || lenses.write()).await;
        written.map(Some).map_err(|_| Error::internal_error())
    }

    async fn code_lens_resolve(&self, lens: CodeLens) -> Result<CodeLens> {
        self.ask(|reply| Event::ResolveLens(Box::new(lens), reply)).await
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        self.ask(|reply| Event::DocumentSymbols(params.text_document.uri.to_string(), reply)).await
    }

    async fn symbol(
        &self,
        params: WorkspaceSymbolParams,
    ) -> Result<Option<OneOf<Vec<tower_lsp::lsp_types::SymbolInformation>, Vec<WorkspaceSymbol>>>>
    {
        let found = self.ask(|reply| Event::WorkspaceSymbols(params.query, reply)).await?;
        Ok(Some(OneOf::Left(found)))
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        let uri = params.text_document.uri.to_string();
        let items = self.ask(|reply| Event::Diagnose(uri, reply)).await?;
        let full = FullDocumentDiagnosticReport { result_id: None, items };
        Ok(DocumentDiagnosticReportResult::Report(DocumentDiagnosticReport::Full(
            RelatedFullDocumentDiagnosticReport {
                related_documents: None,
                full_document_diagnostic_report: full,
            },
        )))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        self.begin(|reply, gate| Event::Execute(params.command, params.arguments, reply, gate))
            .await
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        self.put(|reply| Question::Definition(params.text_document_position_params, reply)).await
    }

    async fn goto_implementation(
        &self,
        params: GotoImplementationParams,
    ) -> Result<Option<GotoImplementationResponse>> {
        self.put(|reply| Question::Implementation(params.text_document_position_params, reply))
            .await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let declaration = params.context.include_declaration;
        self.put(|reply| Question::References(params.text_document_position, declaration, reply))
            .await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        self.put(|reply| Question::Highlights(params.text_document_position_params, reply)).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        self.put(|reply| Question::Hover(params.text_document_position_params, reply)).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.put(|reply| Question::Completion(params.text_document_position, reply)).await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        self.put(|reply| Question::ResolveCompletion(Box::new(item), reply)).await
    }

    async fn prepare_rename(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        self.put(|reply| Question::PrepareRename(params, reply)).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let at = params.text_document_position;
        self.put(|reply| Question::Rename(at, params.new_name, reply)).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.put(|reply| Question::Folding(params.text_document.uri.to_string(), reply)).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        self.put(|reply| Question::Hierarchy(params.text_document_position_params, reply)).await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        self.put(|reply| Question::Incoming(Box::new(params.item), reply)).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.put(|reply| Question::Outgoing(Box::new(params.item), reply)).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.put(|reply| Question::Actions(Box::new(params), reply)).await
    }
}

fn text_change(change: TextDocumentContentChangeEvent) -> TextChange {
    let position = |p: tower_lsp::lsp_types::Position| Position::new(p.line, p.character);
    TextChange {
        range: change.range.map(|range| (position(range.start), position(range.end))),
        text: change.text,
    }
}
