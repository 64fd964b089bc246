//! What the client can do, read once at `initialize`.

use fastest_ide::hover::Markup;
use fastest_syntax::document::PositionEncoding;
use serde_json::Value;
use tower_lsp::lsp_types::{
    ClientCapabilities, CompletionClientCapabilities, Diagnostic, DiagnosticTag, GotoCapability,
    MarkupContent, MarkupKind, PositionEncodingKind, PublishDiagnosticsClientCapabilities,
    SymbolKind, TextDocumentClientCapabilities,
};

/// What the client can do.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
pub struct Profile {
    /// What columns count.
    pub encoding: PositionEncoding,
    /// `fastest/testsChanged` and `fastest/status`.
    pub test_items: bool,
    /// `fastest/runStarted`, `fastest/runEvents` and `fastest/runEnded`.
    pub test_runs: bool,
    /// Commands that the client carries out itself.
    pub client_commands: Vec<String>,
    /// `workspace/configuration`.
    pub configuration: bool,
    /// Dynamic registration of `workspace/didChangeWatchedFiles`.
    pub watches_files: bool,
    /// Dynamic registration of `workspace/didChangeConfiguration`.
    pub registers_configuration: bool,
    /// `workspace/codeLens/refresh`.
    pub lens_refresh: bool,
    /// `window/workDoneProgress`.
    pub progress: bool,
    /// `window/showDocument`.
    pub show_document: bool,
    /// `textDocument/publishDiagnostics`.
    pub pushes: bool,
    /// `workspace/diagnostic/refresh`.
    pub diagnostic_refresh: bool,
    /// Definitions and implementations as links, with the span of the name that was asked about.
    pub links: (bool, bool),
    /// Nested document symbols.
    pub nested_symbols: bool,
    /// How hovers, and texts of completions, are read, if the client says it.
    pub markup: (Option<Markup>, Option<Markup>),
    /// Code actions that are more than commands, and whether one may be preferred.
    pub actions: (bool, bool),
    /// `textDocument/prepareRename`.
    pub prepares_rename: bool,
    /// What of diagnostics is read.
    pub diagnostics: DiagnosticFields,
    /// Kinds of document symbols.
    symbols: Option<Vec<SymbolKind>>,
}

/// What of a diagnostic the client reads.
#[derive(Clone, Debug, Default)]
pub struct DiagnosticFields {
    /// The document's version.
    pub version: bool,
    related: bool,
    data: bool,
    tags: Vec<DiagnosticTag>,
}

impl DiagnosticFields {
    fn new(declared: &PublishDiagnosticsClientCapabilities) -> Self {
        Self {
            version: declared.version_support == Some(true),
            related: declared.related_information == Some(true),
            data: declared.data_support == Some(true),
            tags: declared.tag_support.as_ref().map(|s| s.value_set.clone()).unwrap_or_default(),
        }
    }

    /// Takes away what the client does not read.
    pub fn fit(&self, diagnostic: &mut Diagnostic) {
        diagnostic.related_information.take_if(|_| !self.related);
        diagnostic.data.take_if(|_| !self.data);
        if let Some(tags) = &mut diagnostic.tags {
            tags.retain(|tag| self.tags.contains(tag));
        }
        diagnostic.tags.take_if(|tags| tags.is_empty());
    }
}

impl Profile {
    /// Reads capabilities.
    pub fn new(capabilities: &ClientCapabilities) -> Self {
        let workspace = capabilities.workspace.as_ref();
        let window = capabilities.window.as_ref();
        let text = capabilities.text_document.as_ref();
        let ours = capabilities.experimental.as_ref().and_then(|all| all.get("fastest"));
        let speaks =
            |name: &str, version: u64| ours.and_then(|ours| ours[name].as_u64()) == Some(version);
        Self {
            encoding: encoding(capabilities),
            test_items: speaks("testItems", 2),
            test_runs: speaks("testRuns", 1),
            client_commands: ours.map(|ours| texts(&ours["clientCommands"])).unwrap_or_default(),
            configuration: workspace.and_then(|w| w.configuration).unwrap_or(false),
            watches_files: workspace
                .and_then(|w| w.did_change_watched_files)
                .and_then(|files| files.dynamic_registration)
                .unwrap_or(false),
            registers_configuration: workspace
                .and_then(|w| w.did_change_configuration)
                .and_then(|configuration| configuration.dynamic_registration)
                .unwrap_or(false),
            lens_refresh: workspace
                .and_then(|w| w.code_lens.as_ref())
                .and_then(|lens| lens.refresh_support)
                .unwrap_or(false),
            progress: window.and_then(|w| w.work_done_progress).unwrap_or(false),
            show_document: window
                .and_then(|w| w.show_document.as_ref())
                .is_some_and(|show| show.support),
            pushes: text.is_none_or(|t| t.publish_diagnostics.is_some() || t.diagnostic.is_none()),
            diagnostic_refresh: workspace
                .and_then(|w| w.diagnostic.as_ref())
                .and_then(|diagnostic| diagnostic.refresh_support)
                .unwrap_or(false),
            ..text.map(Self::of_documents).unwrap_or_default()
        }
    }

    /// What is declared of requests about documents.
    fn of_documents(text: &TextDocumentClientCapabilities) -> Self {
        let links = |goto: Option<GotoCapability>| goto.and_then(|goto| goto.link_support);
        let actions = text.code_action.as_ref();
        let symbols = text.document_symbol.as_ref();
        Self {
            links: (links(text.definition) == Some(true), links(text.implementation) == Some(true)),
            nested_symbols: symbols
                .and_then(|symbols| symbols.hierarchical_document_symbol_support)
                .unwrap_or(false),
            symbols: symbols
                .and_then(|symbols| symbols.symbol_kind.as_ref())
                .and_then(|kinds| kinds.value_set.clone()),
            markup: (
                markup(text.hover.as_ref().and_then(|hover| hover.content_format.as_deref())),
                markup(text.completion.as_ref().and_then(documentation_formats)),
            ),
            actions: (
                actions.is_some_and(|actions| actions.code_action_literal_support.is_some()),
                actions.is_some_and(|actions| actions.is_preferred_support == Some(true)),
            ),
            prepares_rename: text
                .rename
                .as_ref()
                .is_some_and(|rename| rename.prepare_support == Some(true)),
            diagnostics: text
                .publish_diagnostics
                .as_ref()
                .map(DiagnosticFields::new)
                .unwrap_or_default(),
            ..Self::default()
        }
    }

    /// A kind of document symbol, or the one that stands for it where the client does not know
    /// it: one that does not say what it knows knows those of LSP 2, up to `Array`.
    pub fn symbol(&self, kind: SymbolKind) -> SymbolKind {
        let knows = match &self.symbols {
            Some(known) => known.contains(&kind),
            None => kind != SymbolKind::ENUM_MEMBER,
        };
        if knows { kind } else { SymbolKind::CONSTANT }
    }

    /// The encoding's name in LSP.
    pub const fn encoding_kind(&self) -> PositionEncodingKind {
        match self.encoding {
            PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
            PositionEncoding::Utf16 => PositionEncodingKind::UTF16,
            PositionEncoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }
}

/// Bytes are cheapest for us, characters next; UTF-16 is what every client can do.
fn encoding(capabilities: &ClientCapabilities) -> PositionEncoding {
    let general = capabilities.general.as_ref();
    let offered = general.and_then(|general| general.position_encodings.as_deref());
    let offers = |kind| offered.is_some_and(|offered| offered.contains(&kind));
    if offers(PositionEncodingKind::UTF8) {
        PositionEncoding::Utf8
    } else if offers(PositionEncodingKind::UTF32) {
        PositionEncoding::Utf32
    } else {
        PositionEncoding::Utf16
    }
}

/// How the client would have a text.
fn markup(formats: Option<&[MarkupKind]>) -> Option<Markup> {
    match formats?.first()? {
        MarkupKind::Markdown => Some(Markup::Markdown),
        MarkupKind::PlainText => Some(Markup::Plain),
    }
}

fn documentation_formats(completion: &CompletionClientCapabilities) -> Option<&[MarkupKind]> {
    completion.completion_item.as_ref()?.documentation_format.as_deref()
}

/// A text as LSP has it.
pub fn content(markup: Markup, value: String) -> MarkupContent {
    let kind = match markup {
        Markup::Markdown => MarkupKind::Markdown,
        Markup::Plain => MarkupKind::PlainText,
    };
    MarkupContent { kind, value }
}

fn texts(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}
