//! What the client can do, read once at `initialize`.

use fastest_syntax::document::PositionEncoding;
use serde_json::Value;
use tower_lsp::lsp_types::{ClientCapabilities, PositionEncodingKind};

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
    /// Definitions as links, with the span of the name that was asked about.
    pub links: bool,
    /// Nested document symbols.
    pub nested_symbols: bool,
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
            links: text
                .and_then(|t| t.definition.as_ref())
                .and_then(|definition| definition.link_support)
                .unwrap_or(false),
            nested_symbols: text
                .and_then(|t| t.document_symbol.as_ref())
                .and_then(|symbols| symbols.hierarchical_document_symbol_support)
                .unwrap_or(false),
        }
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

fn texts(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}
