//! Everything that the loop is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use fastest_syntax::document::TextChange;
use serde_json::Value;
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    CodeLens, Diagnostic, DocumentSymbolResponse, InitializeParams, InitializeResult,
    SymbolInformation,
};

use crate::protocol::coverage::{FileCoverageParams, FileCoverageResult};
use crate::protocol::debug::ResolveDebugParams;
use crate::protocol::items::{DiscoverParams, RelatedParams, TestItem, TestsReport};
use crate::protocol::runs::{
    CancelParams, ResolveRunParams, ResolveRunResult, RunParams, RunResult,
};
use crate::roots::Loaded;
use crate::state::knowledge::Question;
use crate::state::lenses::Lenses;
use crate::state::news::RunNews;
use crate::state::terminal::TerminalRun;

/// Where the answer to a request goes.
#[derive(Debug)]
pub struct Reply<T>(oneshot::Sender<Result<T>>);

impl<T> Reply<T> {
    /// An answer's way, and its end.
    pub fn new() -> (Self, oneshot::Receiver<Result<T>>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Answers.
    pub fn send(self, answer: Result<T>) {
        // A request that was cancelled needs no answer.
        let _cancelled = self.0.send(answer);
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_closed()
    }
}

/// A run's permission to begin: its answer is on the way to the client.
pub type Gate = oneshot::Receiver<()>;

/// Everything that the loop is told.
#[derive(Debug)]
pub enum Event {
    /// `initialize`
    Initialize(Box<InitializeParams>, Reply<InitializeResult>),
    /// `initialized`
    Initialized,
    /// `textDocument/didOpen`
    Opened {
        /// The document.
        uri: String,
        /// Its version.
        version: i32,
        /// Its text.
        text: String,
    },
    /// `textDocument/didChange`
    Changed {
        /// The document.
        uri: String,
        /// Its version afterwards.
        version: i32,
        /// One after the other.
        changes: Vec<TextChange>,
    },
    /// `textDocument/didSave`
    Saved(String),
    /// `textDocument/didClose`
    Closed(String),
    /// `workspace/didChangeConfiguration`
    Configuration(Value),
    /// The answer to `workspace/configuration`, for each root by its id; nothing if none came.
    ConfigurationAnswered(Vec<(String, Value)>),
    /// `workspace/didChangeWorkspaceFolders`: URIs and names.
    Folders {
        /// New ones.
        added: Vec<(String, String)>,
        /// Those that are gone.
        removed: Vec<String>,
    },
    /// Files were written, made or removed.
    FilesChanged(Vec<PathBuf>),
    /// A root was read.
    RootRead {
        /// Its id.
        root: String,
        /// Which reading.
        epoch: u64,
        /// What came of it.
        result: Box<std::result::Result<Loaded, String>>,
    },
    /// `fastest/discoverTests`
    Discover(DiscoverParams, Reply<TestsReport>),
    /// `fastest/relatedTests`
    Related(RelatedParams, Reply<Vec<TestItem>>),
    /// `textDocument/codeLens`
    Lenses(String, Reply<Option<Lenses>>),
    /// `codeLens/resolve`
    ResolveLens(Box<CodeLens>, Reply<CodeLens>),
    /// `textDocument/documentSymbol`
    DocumentSymbols(String, Reply<Option<DocumentSymbolResponse>>),
    /// `workspace/symbol`
    WorkspaceSymbols(String, Reply<Vec<SymbolInformation>>),
    /// `textDocument/diagnostic`
    Diagnose(String, Reply<Vec<Diagnostic>>),
    /// `workspace/executeCommand`
    Execute(String, Vec<Value>, Reply<Option<Value>>, Gate),
    /// `fastest/runTests`
    Run(Box<RunParams>, Reply<RunResult>, Gate),
    /// `fastest/cancelRun`
    Cancel(CancelParams, Reply<()>),
    /// `window/workDoneProgress/cancel`
    CancelProgress(Value),
    /// `fastest/resolveRun`
    ResolveRun(ResolveRunParams, Reply<ResolveRunResult>),
    /// `fastest/resolveDebug`
    ResolveDebug(Box<ResolveDebugParams>, Reply<Value>, Gate),
    /// `fastest/fileCoverage`
    FileCoverage(FileCoverageParams, Reply<FileCoverageResult>),
    /// A question about tests and fixtures.
    Ask(Question),
    /// A run tells what the loop has to keep.
    RunNews(RunNews),
    /// A run has begun in a terminal.
    TerminalRun(TerminalRun),
    /// `shutdown`
    Shutdown(Reply<()>),
    /// The client is gone.
    Stop,
}

impl Event {
    /// Whether it is an edit of a document.
    const fn is_edit(&self) -> bool {
        matches!(self, Self::Changed { .. })
    }

    /// Whether it asks for something that takes time, and that nobody waits for any more: who
    /// searches as the user types cancels what was asked at the key before.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Lenses(_, reply) => reply.is_cancelled(),
            Self::DocumentSymbols(_, reply) => reply.is_cancelled(),
            Self::WorkspaceSymbols(_, reply) => reply.is_cancelled(),
            Self::Diagnose(_, reply) => reply.is_cancelled(),
            Self::Ask(question) => question.is_cancelled(),
            _ => false,
        }
    }

    /// The document that it asks about.
    pub fn document(&self) -> Option<&str> {
        match self {
            Self::Lenses(uri, _) | Self::DocumentSymbols(uri, _) | Self::Diagnose(uri, _) => {
                Some(uri)
            }
            Self::Ask(question) => question.document().map(|uri| uri.as_str()),
            _ => None,
        }
    }

    /// Whether tests may be run because of it.
    pub fn begins_run(&self) -> bool {
        matches!(self, Self::Run(..) | Self::ResolveDebug(..) | Self::Execute(..))
    }
}

/// The way to the loop. Never waits.
#[derive(Clone, Debug)]
pub struct Events {
    sender: mpsc::Sender<Event>,
    /// Edits that the loop has not taken yet.
    edits: Arc<AtomicUsize>,
}

impl Events {
    /// Tells the loop.
    pub fn send(&self, event: Event) {
        if event.is_edit() {
            self.edits.fetch_add(1, Ordering::Relaxed);
        }
        // A loop that has ended wants to know nothing more.
        let _ended = self.sender.send(event);
    }

    /// The loop has taken an event.
    pub fn taken(&self, event: &Event) {
        if event.is_edit() {
            self.edits.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether an edit waits for the loop.
    pub fn edit_waits(&self) -> bool {
        self.edits.load(Ordering::Relaxed) > 0
    }
}

/// The way to the loop, and its end.
pub fn channel() -> (Events, mpsc::Receiver<Event>) {
    let (sender, receiver) = mpsc::channel();
    (Events { sender, edits: Arc::default() }, receiver)
}

#[cfg(test)]
mod tests {
    use super::{Event, Reply};

    #[test]
    fn what_nobody_waits_for_is_known_as_such() {
        let (reply, answer) = Reply::new();
        let asked = Event::WorkspaceSymbols("cart".to_owned(), reply);
        assert!(!asked.is_cancelled());
        drop(answer);
        assert!(asked.is_cancelled());
    }
}
