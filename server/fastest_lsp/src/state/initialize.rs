//! `initialize`, `initialized`, and the process that started us.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tower_lsp::lsp_types::{
    CodeLensOptions, DiagnosticOptions, DiagnosticServerCapabilities, ExecuteCommandOptions,
    InitializeParams, InitializeResult, OneOf, SaveOptions, ServerCapabilities, ServerInfo,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

use super::profile::Profile;
use super::{State, Timer};

/// How often the process that started us is looked for: an editor that was killed takes its
/// pipes with it, so this matters for sockets and for pipes that others hold open.
const PARENT_INTERVAL: Duration = Duration::from_secs(2);

/// The commands of `workspace/executeCommand`.
pub const COMMANDS: [&str; 8] = [
    "fastest.run",
    "fastest.debug",
    "fastest.runFile",
    "fastest.rerunFailed",
    "fastest.runLast",
    "fastest.cancel",
    "fastest.showOutput",
    "fastest.copyCommand",
];

impl State {
    /// Takes the client in, and begins to read its folders.
    pub(super) fn initialize(&mut self, params: &InitializeParams) -> InitializeResult {
        self.profile = Profile::new(&params.capabilities);
        if let Some(options) = &params.initialization_options {
            let (base, wrong) = self.base.with(options);
            self.base = base;
            wrong.iter().for_each(|wrong| tracing::warn!("initializationOptions: {wrong}"));
        }
        for (uri, name) in folders(params) {
            self.add_folder(&uri, name);
        }
        if let Some(pid) = params.process_id {
            self.set_timer(PARENT_INTERVAL, Timer::Parent(pid));
        }
        InitializeResult {
            capabilities: capabilities(&self.profile),
            server_info: Some(ServerInfo {
                name: "fastest-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        }
    }

    /// The client listens now: it is asked for what it has to say.
    pub(super) fn initialized(&mut self) {
        self.out.open();
        self.register();
        self.watch_files();
        self.continuous_changed();
        self.ask_configuration();
    }

    /// The client wants no more: nothing is begun any more, and what goes on ends.
    pub(super) fn shut_down(&mut self) {
        self.out.close();
        self.timers.retain(|(_, timer)| matches!(timer, Timer::Parent(_)));
        // What waits to begin is answered by being dropped.
        self.held.clear();
        self.waiting.clear();
        self.stop_watching();
        self.stop_runs();
    }

    /// Ends the process when the one that started it is gone.
    pub(super) fn watch_parent(&mut self, pid: u32) {
        if is_alive(pid) {
            self.set_timer(PARENT_INTERVAL, Timer::Parent(pid));
        } else {
            tracing::error!("process {pid}, which started this one, is gone");
            self.stop_runs();
            self.runs.covered.clear();
            std::process::exit(1);
        }
    }
}

#[cfg(unix)]
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    // Not being allowed to signal it means that it is there.
    !pid.is_some_and(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// Elsewhere the end of the standard input says it.
#[cfg(not(unix))]
const fn is_alive(_pid: u32) -> bool {
    true
}

/// Workspace folders, or the older ways to name the one.
fn folders(params: &InitializeParams) -> Vec<(String, String)> {
    if let Some(folders) = &params.workspace_folders {
        return folders.iter().map(|f| (f.uri.to_string(), f.name.clone())).collect();
    }
    #[expect(deprecated, reason = "old clients say nothing else")]
    let root = params.root_uri.as_ref().map(|uri| uri.to_string());
    #[expect(deprecated, reason = "old clients say nothing else")]
    let path = params.root_path.as_ref();
    let of_path = || path.map(|path| crate::uris::from_path(&PathBuf::from(path)));
    root.or_else(of_path).map(|uri| (uri, String::new())).into_iter().collect()
}

fn capabilities(profile: &Profile) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions::default())),
        ..TextDocumentSyncOptions::default()
    };
    // Who is sent diagnostics and asks for them too would show each of them twice.
    let pulls = DiagnosticOptions {
        identifier: Some("fastest".to_owned()),
        // A fixture's name is unknown in one file because of another.
        inter_file_dependencies: true,
        ..Default::default()
    };
    let mut capabilities = ServerCapabilities {
        position_encoding: Some(profile.encoding_kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(true) }),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        diagnostic_provider: (!profile.pushes)
            .then_some(DiagnosticServerCapabilities::Options(pulls)),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: COMMANDS.map(str::to_owned).to_vec(),
            ..ExecuteCommandOptions::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        experimental: Some(experimental()),
        ..ServerCapabilities::default()
    };
    super::knowledge::announce(profile, &mut capabilities);
    capabilities
}

fn experimental() -> Value {
    json!({"fastest": {"testItems": 2, "testRuns": 1}})
}
