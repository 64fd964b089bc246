//! The methods of `docs/test-protocol.md`, and those of LSP that tower-lsp has no handler for.

use serde_json::Value;
use tower_lsp::LspServiceBuilder;
use tower_lsp::jsonrpc::Result;

use super::Backend;
use crate::event::Event;
use crate::protocol::coverage::{FileCoverageParams, FileCoverageResult};
use crate::protocol::debug::ResolveDebugParams;
use crate::protocol::items::{DiscoverParams, RelatedParams, TestItem, TestsReport};
use crate::protocol::runs::{
    CancelParams, ResolveRunParams, ResolveRunResult, RunParams, RunResult,
};

/// Adds the methods.
pub fn methods(builder: LspServiceBuilder<Backend>) -> LspServiceBuilder<Backend> {
    builder
        .custom_method("fastest/discoverTests", Backend::discover)
        .custom_method("fastest/relatedTests", Backend::related)
        .custom_method("fastest/runTests", Backend::run_tests)
        .custom_method("fastest/cancelRun", Backend::cancel_run)
        .custom_method("fastest/resolveRun", Backend::resolve_run)
        .custom_method("fastest/resolveDebug", Backend::resolve_debug)
        .custom_method("fastest/fileCoverage", Backend::file_coverage)
        .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
        .custom_method("$/setTrace", Backend::set_trace)
}

impl Backend {
    async fn discover(&self, params: DiscoverParams) -> Result<TestsReport> {
        self.ask(|reply| Event::Discover(params, reply)).await
    }

    async fn related(&self, params: RelatedParams) -> Result<Vec<TestItem>> {
        self.ask(|reply| Event::Related(params, reply)).await
    }

    async fn run_tests(&self, params: RunParams) -> Result<RunResult> {
        self.begin(|reply, gate| Event::Run(Box::new(params), reply, gate)).await
    }

    async fn cancel_run(&self, params: CancelParams) -> Result<Value> {
        self.ask(|reply| Event::Cancel(params, reply)).await?;
        Ok(Value::Null)
    }

    async fn resolve_run(&self, params: ResolveRunParams) -> Result<ResolveRunResult> {
        self.ask(|reply| Event::ResolveRun(params, reply)).await
    }

    async fn resolve_debug(&self, params: ResolveDebugParams) -> Result<Value> {
        self.begin(|reply, gate| Event::ResolveDebug(Box::new(params), reply, gate)).await
    }

    async fn file_coverage(&self, params: FileCoverageParams) -> Result<FileCoverageResult> {
        self.ask(|reply| Event::FileCoverage(params, reply)).await
    }

    async fn cancel_progress(&self, params: Value) {
        self.events.send(Event::CancelProgress(params["token"].clone()));
    }

    #[expect(clippy::unused_async, reason = "handlers are asynchronous")]
    async fn set_trace(&self, params: Value) {
        tracing::info!("trace: {}", params["value"]);
    }
}
