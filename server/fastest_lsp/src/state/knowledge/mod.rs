//! Knowledge of tests and fixtures: the questions that `fastest_ide` answers, as LSP requests.
//!
//! A question is answered in the loop, from the index as it is at that moment; one that takes long
//! is asked of that moment `beside` it. One file for each request; `asking` puts a question to a
//! root, `places` turns spans into ranges.

mod actions;
mod asking;
mod beside;
mod completion;
mod definition;
mod folding;
mod hierarchy;
mod hover;
mod places;
mod references;
mod rename;
mod rules;
mod symbols;

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall,
    CallHierarchyServerCapability, CodeActionKind, CodeActionOptions, CodeActionParams,
    CodeActionProviderCapability, CodeActionResponse, CompletionItem, CompletionOptions,
    CompletionResponse, DocumentHighlight, FoldingRange, FoldingRangeProviderCapability,
    GotoDefinitionResponse, Hover, HoverProviderCapability, ImplementationProviderCapability,
    Location, OneOf, PrepareRenameResponse, RenameOptions, ServerCapabilities,
    TextDocumentPositionParams, Uri, WorkspaceEdit,
};

use std::sync::Arc;

use super::State;
use super::profile::Profile;
use crate::event::Reply;
pub use asking::Knowledge;
pub use beside::Edition;

/// A question about tests and fixtures.
#[derive(Debug)]
pub enum Question {
    /// `textDocument/definition`
    Definition(TextDocumentPositionParams, Reply<Option<GotoDefinitionResponse>>),
    /// `textDocument/implementation`
    Implementation(TextDocumentPositionParams, Reply<Option<GotoDefinitionResponse>>),
    /// `textDocument/references`; whether with the declaration.
    References(TextDocumentPositionParams, bool, Reply<Option<Vec<Location>>>),
    /// `textDocument/documentHighlight`
    Highlights(TextDocumentPositionParams, Reply<Option<Vec<DocumentHighlight>>>),
    /// `textDocument/hover`
    Hover(TextDocumentPositionParams, Reply<Option<Hover>>),
    /// `textDocument/completion`
    Completion(TextDocumentPositionParams, Reply<Option<CompletionResponse>>),
    /// `completionItem/resolve`
    ResolveCompletion(Box<CompletionItem>, Reply<CompletionItem>),
    /// `textDocument/prepareRename`
    PrepareRename(TextDocumentPositionParams, Reply<Option<PrepareRenameResponse>>),
    /// `textDocument/rename`; the new name.
    Rename(TextDocumentPositionParams, String, Reply<Option<WorkspaceEdit>>),
    /// A renaming is ready, and what it was made of.
    Renamed(Edition, Result<Option<WorkspaceEdit>>, Arc<Reply<Option<WorkspaceEdit>>>),
    /// `textDocument/foldingRange`
    Folding(String, Reply<Option<Vec<FoldingRange>>>),
    /// `textDocument/prepareCallHierarchy`
    Hierarchy(TextDocumentPositionParams, Reply<Option<Vec<CallHierarchyItem>>>),
    /// `callHierarchy/incomingCalls`
    Incoming(Box<CallHierarchyItem>, Reply<Option<Vec<CallHierarchyIncomingCall>>>),
    /// `callHierarchy/outgoingCalls`
    Outgoing(Box<CallHierarchyItem>, Reply<Option<Vec<CallHierarchyOutgoingCall>>>),
    /// `textDocument/codeAction`
    Actions(Box<CodeActionParams>, Reply<Option<CodeActionResponse>>),
}

impl Question {
    /// The document that it is about, where the answer depends on its folder having been read.
    pub fn document(&self) -> Option<&Uri> {
        match self {
            Self::Definition(at, _) | Self::Implementation(at, _) => Some(&at.text_document.uri),
            Self::References(at, ..) | Self::Rename(at, ..) => Some(&at.text_document.uri),
            Self::Highlights(at, _) => Some(&at.text_document.uri),
            Self::Hover(at, _) => Some(&at.text_document.uri),
            Self::Completion(at, _) => Some(&at.text_document.uri),
            Self::PrepareRename(at, _) => Some(&at.text_document.uri),
            Self::Hierarchy(at, _) => Some(&at.text_document.uri),
            Self::Actions(params, _) => Some(&params.text_document.uri),
            Self::ResolveCompletion(..)
            | Self::Renamed(..)
            | Self::Folding(..)
            | Self::Incoming(..)
            | Self::Outgoing(..) => None,
        }
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::References(_, _, reply) => reply.is_cancelled(),
            Self::Rename(_, _, reply) => reply.is_cancelled(),
            Self::Folding(_, reply) => reply.is_cancelled(),
            Self::Highlights(_, reply) => reply.is_cancelled(),
            Self::Completion(_, reply) => reply.is_cancelled(),
            // The others are answered in less time than it takes to ask.
            _ => false,
        }
    }
}

impl State {
    /// Answers a question.
    pub(super) fn on_question(&mut self, question: Question) {
        match question {
            Question::Definition(at, reply) => reply.send(Ok(self.definition(&at))),
            Question::Implementation(at, reply) => reply.send(Ok(self.implementation(&at))),
            Question::References(at, declaration, reply) => {
                self.references(&at, declaration, reply);
            }
            Question::Highlights(at, reply) => reply.send(Ok(self.highlights(&at))),
            Question::Hover(at, reply) => reply.send(Ok(self.hover(&at))),
            Question::Completion(at, reply) => reply.send(Ok(self.completion(&at))),
            Question::ResolveCompletion(item, reply) => {
                reply.send(Ok(self.resolve_completion(*item)));
            }
            Question::PrepareRename(at, reply) => reply.send(self.prepare_rename(&at)),
            Question::Rename(at, name, reply) => self.rename(&at, name, reply),
            Question::Renamed(edition, answer, reply) => self.renamed(&edition, answer, reply),
            Question::Folding(uri, reply) => reply.send(Ok(self.folding(&uri))),
            Question::Hierarchy(at, reply) => reply.send(Ok(self.hierarchy(&at))),
            Question::Incoming(item, reply) => reply.send(Ok(self.incoming(&item))),
            Question::Outgoing(item, reply) => reply.send(Ok(self.outgoing(&item))),
            Question::Actions(params, reply) => reply.send(Ok(self.actions(&params))),
        }
    }
}

/// Adds what these questions are to what the server can do.
pub(super) fn announce(profile: &Profile, capabilities: &mut ServerCapabilities) {
    capabilities.definition_provider = Some(OneOf::Left(true));
    capabilities.implementation_provider = Some(ImplementationProviderCapability::Simple(true));
    capabilities.references_provider = Some(OneOf::Left(true));
    capabilities.document_highlight_provider = Some(OneOf::Left(true));
    capabilities.hover_provider = Some(HoverProviderCapability::Simple(true));
    capabilities.completion_provider = Some(CompletionOptions {
        trigger_characters: Some(["(", ",", ".", "\"", "'"].map(str::to_owned).to_vec()),
        resolve_provider: Some(true),
        ..CompletionOptions::default()
    });
    // The options are for those who have declared that they read them.
    capabilities.rename_provider = Some(match profile.prepares_rename {
        true => OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: Default::default(),
        }),
        false => OneOf::Left(true),
    });
    capabilities.folding_range_provider = Some(FoldingRangeProviderCapability::Simple(true));
    capabilities.call_hierarchy_provider = Some(CallHierarchyServerCapability::Simple(true));
    let (literals, _) = profile.actions;
    capabilities.code_action_provider = literals.then(|| {
        CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })
    });
}
