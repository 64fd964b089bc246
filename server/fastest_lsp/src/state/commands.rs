//! `workspace/executeCommand`: what a plain client does with tests.

use serde_json::{Value, json};
use tower_lsp::jsonrpc::Result;

use super::initialize::COMMANDS;
use super::{State, invalid, refused};
use crate::event::Gate;
use crate::protocol::runs::{CommandArgument, Mode, Origin, ResolveRunParams, RunParams};

impl State {
    /// Carries a command out.
    pub(super) fn execute(
        &mut self,
        command: &str,
        arguments: &[Value],
        gate: Gate,
    ) -> Result<Option<Value>> {
        if !COMMANDS.contains(&command) {
            return Err(invalid(format!("there is no command `{command}`")));
        }
        let argument = argument_of(command, arguments)?;
        match command {
            "fastest.run" => self.run_command(self.params(Mode::Run, &argument), &argument, gate),
            "fastest.runFile" => {
                let argument = CommandArgument { position: Some(FILE), ..argument };
                self.run_command(self.params(Mode::Run, &argument), &argument, gate)
            }
            "fastest.rerunFailed" => self.rerun_failed(gate),
            "fastest.runLast" => match self.runs.last.clone() {
                Some(last) => self.start_command(last, gate),
                None => Err(refused("nothing was run yet")),
            },
            "fastest.cancel" => {
                self.cancel_command(&argument);
                Ok(None)
            }
            "fastest.showOutput" => Ok(Some(self.show_output(&argument))),
            _ => self.copy_command(&argument),
        }
    }

    /// What `fastest.debug` is to debug.
    pub(super) fn debug_params(&mut self, arguments: &[Value]) -> Result<RunParams> {
        let argument = argument_of("fastest.debug", arguments)?;
        let include = self.items_meant(&argument)?;
        let run_id = self.runs.own_id();
        Ok(RunParams { run_id, include, ..self.params(Mode::Debug, &argument) })
    }

    fn params(&self, mode: Mode, argument: &CommandArgument) -> RunParams {
        RunParams { mode, source: argument.source, ..RunParams::default() }
    }

    /// Runs the items of the argument, or the one at its place, or everything.
    fn run_command(
        &mut self,
        mut params: RunParams,
        argument: &CommandArgument,
        gate: Gate,
    ) -> Result<Option<Value>> {
        params.include = self.items_meant(argument)?;
        self.start_command(params, gate)
    }

    fn items_meant(&mut self, argument: &CommandArgument) -> Result<Option<Vec<String>>> {
        if !argument.item_ids.is_empty() {
            return Ok(Some(argument.item_ids.clone()));
        }
        let Some(uri) = &argument.uri else { return Ok(None) };
        match self.item_at(uri, Some(argument.position.unwrap_or(FILE))) {
            Some(item) => Ok(Some(vec![item.id])),
            None => Err(refused("there is no test here")),
        }
    }

    fn start_command(&mut self, mut params: RunParams, gate: Gate) -> Result<Option<Value>> {
        params.run_id = self.runs.own_id();
        params.continuous = None;
        let run_id = params.run_id.clone();
        match self.begin(params, Some(gate), Some((Origin::Command, None))) {
            Ok(begun) => Ok(Some(json!({"runId": run_id, "total": begun.total}))),
            Err((_, message)) => Err(refused(message)),
        }
    }

    fn rerun_failed(&mut self, gate: Gate) -> Result<Option<Value>> {
        let failed: Vec<String> = self
            .roots
            .iter()
            .flat_map(|root| root.results.failed().iter().map(|node_id| root.item_id(node_id)))
            .collect();
        if failed.is_empty() {
            return Err(refused("no test has failed"));
        }
        self.start_command(RunParams { include: Some(failed), ..RunParams::default() }, gate)
    }

    /// The second time that everything is to end, it is ended by force.
    fn cancel_command(&mut self, argument: &CommandArgument) {
        if let Some(run_id) = &argument.run_id {
            self.cancel(run_id, false);
            return;
        }
        let force = std::mem::replace(&mut self.runs.cancelled_all, true);
        for run_id in self.runs.going() {
            self.cancel(&run_id, force);
        }
    }

    fn show_output(&mut self, argument: &CommandArgument) -> Value {
        let text = self.output_of(argument);
        if self.profile.show_document && !self.profile.test_runs {
            self.show_text(&text);
        }
        json!({"text": text})
    }

    fn output_of(&self, argument: &CommandArgument) -> String {
        let failures = argument.item_ids.first().and_then(|id| {
            let (at, node_id) = self.find(id)?;
            let result = self.roots[at].results.get(&node_id)?;
            let texts: Vec<&str> = result.failures.iter().map(|f| &*f.message.text).collect();
            (!texts.is_empty()).then(|| texts.join("\n\n"))
        });
        if let Some(failures) = failures {
            return failures;
        }
        let accounts = self.runs.accounts.iter().rev();
        let mut wanted =
            accounts.filter(|(run_id, _)| argument.run_id.as_ref().is_none_or(|id| id == run_id));
        let account = wanted.next().map(|(_, account)| {
            account.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
        });
        account.unwrap_or_else(|| "nothing was run yet\n".to_owned())
    }

    fn copy_command(&mut self, argument: &CommandArgument) -> Result<Option<Value>> {
        let include = self.items_meant(argument)?;
        let resolved = self.resolve_run(&ResolveRunParams { include, ..Default::default() })?;
        let words = std::iter::once(&resolved.program).chain(&resolved.args);
        let words: Vec<String> = words.map(|word| quoted(word)).collect();
        Ok(Some(json!({"text": words.join(" ")})))
    }
}

fn argument_of(command: &str, arguments: &[Value]) -> Result<CommandArgument> {
    match arguments.first() {
        None | Some(Value::Null) => Ok(CommandArgument::default()),
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|error| invalid(format!("the argument of `{command}`: {error}"))),
    }
}

/// A place that no test is at: the file is meant.
const FILE: crate::protocol::Position = crate::protocol::Position { line: u32::MAX, character: 0 };

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
