//! What is open between a client and a server: questions, progress, runs.

use std::collections::BTreeMap;

use serde_json::Value;

/// Keeps account of one conversation.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Requests of the client that wait for an answer, by id: their methods, and runs that they
    /// name.
    asked: BTreeMap<String, (String, Option<String>)>,
    /// Methods of the server's requests that wait for an answer, by id.
    questions: BTreeMap<String, String>,
    /// Progress by its token, and whether it goes on.
    progress: BTreeMap<String, bool>,
    /// Runs by their ids, and whether they go on.
    runs: BTreeMap<String, bool>,
    /// Whether the client is told of runs.
    hears_runs: bool,
    /// What should not have been said.
    wrong: Vec<String>,
}

impl Ledger {
    /// The client has sent a message.
    pub fn said(&mut self, message: &Value) {
        let (id, method) = (message.get("id"), message["method"].as_str());
        match (id, method) {
            (Some(id), Some(method)) => {
                if method == "initialize" {
                    let ours = &message["params"]["capabilities"]["experimental"]["fastest"];
                    self.hears_runs = ours["testRuns"].is_number();
                }
                let run = message["params"]["runId"].as_str().map(str::to_owned);
                self.asked.insert(id.to_string(), (method.to_owned(), run));
            }
            (Some(id), None) => drop(self.questions.remove(&id.to_string())),
            (None, _) => {}
        }
    }

    /// The server has sent a message.
    pub fn heard(&mut self, message: &Value) {
        let params = &message["params"];
        match (message.get("id"), message["method"].as_str()) {
            (Some(id), Some(method)) => {
                if self.questions.insert(id.to_string(), method.to_owned()).is_some() {
                    self.wrong.push(format!("the id of `{method}` was taken: {id}"));
                }
            }
            // An answer to what could not be read names nothing.
            (Some(Value::Null), None) => {}
            (Some(id), None) => self.answered(id, message),
            (None, Some("$/progress")) => self.progressed(params),
            (None, Some("fastest/runEnded")) => self.run_goes(params, false),
            (None, Some("fastest/runStarted" | "fastest/runEvents")) => self.run_goes(params, true),
            (None, _) => {}
        }
    }

    fn answered(&mut self, id: &Value, message: &Value) {
        let Some((method, run)) = self.asked.remove(&id.to_string()) else {
            return self.wrong.push(format!("an answer to no question: {message}"));
        };
        let result = &message["result"];
        let begun = match &*method {
            "fastest/runTests" => run.filter(|_| result["accepted"] == true),
            // Commands choose the id.
            _ => result["runId"].as_str().map(str::to_owned),
        };
        if let Some(run) = begun.filter(|_| self.hears_runs) {
            self.runs.entry(run).or_insert(true);
        }
    }

    fn progressed(&mut self, params: &Value) {
        let (token, kind) = (params["token"].to_string(), params["value"]["kind"].as_str());
        let goes_on = self.progress.get(&token).copied();
        match (kind, goes_on) {
            (Some("begin"), None) => drop(self.progress.insert(token, true)),
            (Some("report"), Some(true)) => {}
            (Some("end"), Some(true)) => drop(self.progress.insert(token, false)),
            _ => self.wrong.push(format!("progress out of order: {params}")),
        }
    }

    fn run_goes(&mut self, params: &Value, on: bool) {
        let id = params["runId"].as_str().unwrap_or_default().to_owned();
        if self.runs.insert(id, on) == Some(false) {
            self.wrong.push(format!("told of a run that had ended: {params}"));
        }
    }

    /// What is left over, a sentence each. `answers`: whether the client answers questions.
    #[must_use]
    pub fn left(&self, answers: bool) -> Vec<String> {
        let open = |kind: &'static str, what: &'_ BTreeMap<String, bool>| {
            let open = what.iter().filter(|(_, goes_on)| **goes_on);
            open.map(|(id, _)| format!("{kind} {id} has not ended")).collect::<Vec<_>>()
        };
        let mut left = self.wrong.clone();
        left.extend(self.asked.iter().map(|(id, (m, _))| format!("`{m}` ({id}) has no answer")));
        if answers {
            let questions = self.questions.iter();
            left.extend(questions.map(|(id, m)| format!("the server's `{m}` ({id}) has none")));
        }
        left.extend(open("progress", &self.progress));
        left.extend(open("the run", &self.runs));
        left
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Ledger;

    /// What is left over of a conversation: the client's messages are those with `"client": true`.
    fn left(messages: &[Value]) -> Vec<String> {
        let able = json!({"experimental": {"fastest": {"testRuns": 1}}});
        let mut ledger = Ledger::default();
        ledger.said(&json!({"id": 0, "method": "initialize", "params": {"capabilities": able}}));
        ledger.heard(&json!({"id": 0, "result": {}}));
        for message in messages {
            if message["client"] == true { ledger.said(message) } else { ledger.heard(message) }
        }
        ledger.left(true)
    }

    fn progress(kind: &str) -> Value {
        json!({"method": "$/progress", "params": {"token": "t", "value": {"kind": kind}}})
    }

    fn run(method: &str) -> Value {
        json!({"method": method, "params": {"runId": "r"}})
    }

    #[test]
    fn what_has_an_end_leaves_nothing() {
        let run_tests = json!({"client": true, "id": 1, "method": "fastest/runTests",
            "params": {"runId": "r"}});
        let accepted = json!({"id": 1, "result": {"accepted": true}});
        let talk = [
            json!({"id": 5, "method": "workspace/configuration"}),
            json!({"client": true, "id": 5, "result": []}),
            run_tests,
            accepted,
            progress("begin"),
            progress("report"),
            progress("end"),
            run("fastest/runEvents"),
            run("fastest/runEnded"),
            json!({"id": null, "error": {}}),
        ];
        assert_eq!(left(&talk), Vec::<String>::new());
        // Without any one of the messages that end something, something is left.
        for end in [1, 3, 6, 8] {
            let mut talk = talk.to_vec();
            talk.remove(end);
            assert_eq!(left(&talk).len(), 1, "{end}: {:?}", left(&talk));
        }
    }

    #[test]
    fn what_comes_out_of_order_is_named() {
        for talk in [
            vec![json!({"id": 9, "result": null})],
            vec![progress("report")],
            vec![progress("begin"), progress("end"), progress("end")],
            vec![run("fastest/runEnded"), run("fastest/runEnded")],
            vec![run("fastest/runEnded"), run("fastest/runEvents"), run("fastest/runEnded")],
        ] {
            assert!(!left(&talk).is_empty(), "{talk:?}");
        }
    }
}
