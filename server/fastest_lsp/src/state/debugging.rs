//! Runs under a debugger: answered when it listens.

use std::path::PathBuf;

use fastest_runner::Debugging;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::Error;
use tower_lsp::lsp_types::MessageType;

use super::runs::{Chosen, Refusal, accepted};
use super::{State, refused};
use crate::event::{Gate, Reply};
use crate::protocol::debug::{Connect, DebugConfiguration, ResolveDebugParams};
use crate::protocol::runs::{Mode, Origin, RunParams, RunResult};
use crate::runs::task::Listening;

impl State {
    /// Begins a debug run; `answer` is called once its debugger listens, or it is refused.
    pub(super) fn debug(
        &mut self,
        params: RunParams,
        origin: Option<Origin>,
        gate: Gate,
        answer: impl FnOnce(Result<RunResult, Refusal>) + Send + 'static,
    ) {
        let (chosen, unknown) = match self.prepare(&params) {
            Ok(prepared) => prepared,
            Err(refusal) => return answer(Err(refusal)),
        };
        if chosen.len() > 1 {
            let message = "one debugger debugs the tests of one root".to_owned();
            return answer(Err(("noDebugger", message)));
        }
        let mut begun = accepted(&chosen, unknown);
        let started = self.started(&params, &chosen, origin.map(|origin| (origin, None)));
        let title = self.title(&params);
        // Whoever hears of the port answers; where nothing can be started, we do.
        let answer = std::sync::Arc::new(std::sync::Mutex::new(Some(answer)));
        let later = std::sync::Arc::clone(&answer);
        let listening = Listening::new(move |port| {
            let Some(answer) = take(&later) else { return };
            answer(match port {
                Ok(port) => {
                    begun.debug = Some(configuration(&title, port));
                    Ok(begun)
                }
                Err(message) => Err(("noDebugger", message)),
            });
        });
        match self.launch(&params, &chosen, Some(gate), started, Some(listening)) {
            Ok(()) => self.remember(params),
            Err(refusal) => {
                if let Some(answer) = take(&answer) {
                    answer(Err(refusal));
                }
            }
        }
    }

    /// How the process of a run is debugged; `None` for other runs.
    pub(super) fn debugging(&self, params: &RunParams, chosen: &Chosen) -> Option<Debugging> {
        let set = || {
            let (at, _) = chosen.first()?;
            self.roots[*at].settings.debugpy_path.clone()
        };
        (params.mode == Mode::Debug).then(|| Debugging {
            debugpy: params.debugpy_path.clone().or_else(set).map(PathBuf::from),
        })
    }

    /// `fastest/resolveDebug`
    pub(super) fn resolve_debug(
        &mut self,
        params: ResolveDebugParams,
        reply: Reply<Value>,
        gate: Gate,
    ) {
        let include = params.include.or_else(|| params.item_id.map(|id| vec![id]));
        let params = RunParams {
            run_id: self.runs.own_id(),
            include,
            exclude: params.exclude,
            mode: Mode::Debug,
            source: params.source,
            extra_args: params.extra_args,
            debugpy_path: params.debugpy_path,
            ..RunParams::default()
        };
        let run_id = params.run_id.clone();
        self.debug(params, Some(Origin::Command), gate, move |answer| {
            reply.send(told(&run_id, answer));
        });
    }

    /// `fastest.debug`
    pub(super) fn debug_command(
        &mut self,
        arguments: &[Value],
        reply: Reply<Option<Value>>,
        gate: Gate,
    ) {
        let params = match self.debug_params(arguments) {
            Ok(params) => params,
            Err(error) => return reply.send(Err(error)),
        };
        let run_id = params.run_id.clone();
        let (out, plain) = (self.out.clone(), !self.profile.test_runs);
        self.debug(params, Some(Origin::Command), gate, move |answer| {
            if let (true, Ok(RunResult { debug: Some(debug), .. })) = (plain, &answer) {
                let port = debug.connect.port;
                let message = format!("debugpy waits for a client on 127.0.0.1:{port}");
                let shown = json!({"type": MessageType::INFO, "message": message});
                out.notify("window/showMessage", &shown);
            }
            reply.send(told(&run_id, answer).map(Some));
        });
    }
}

fn take<T>(shared: &std::sync::Mutex<Option<T>>) -> Option<T> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
}

/// The answer of requests that tell a run's id besides.
fn told(run_id: &str, answer: Result<RunResult, Refusal>) -> Result<Value, Error> {
    let result = answer.map_err(|(_, message)| refused(message))?;
    Ok(json!({"runId": run_id, "total": result.total, "configuration": result.debug}))
}

fn configuration(title: &str, port: u16) -> DebugConfiguration {
    DebugConfiguration {
        name: format!("Debug {title}"),
        kind: "debugpy",
        request: "attach",
        connect: Connect { host: "127.0.0.1", port },
        just_my_code: true,
        sub_process: false,
    }
}
