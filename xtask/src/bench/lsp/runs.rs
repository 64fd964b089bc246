//! From the click on one test to its result, against `pytest path::test` as a whole process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fastest_tests::client::{Client, uri};
use serde_json::{Value, json};

use super::{Server, row, test_files};
use crate::shell::Done;

/// Tests of so many files are run in turn.
const FILES: usize = 5;

/// Each so many times as `--runs` says, pytest's in turn with ours.
pub fn measure(server: &Server, tests: u32, folder: &Path, runs: usize) -> Done {
    let mut client = server.open(folder);
    let mut chosen = Vec::new();
    for file in test_files(folder)?.iter().take(FILES) {
        chosen.extend(plain_test(&mut client, file));
    }
    let mut click = Click::new(client);
    let (mut finished, mut ended, mut pytest) = (Vec::new(), Vec::new(), Vec::new());
    for test in &chosen {
        // Once for both to be warm.
        click.run(test)?;
        alone(server, folder, test)?;
    }
    for test in std::iter::repeat_n(&chosen, runs.max(1)).flatten() {
        let (result, end) = click.run(test)?;
        finished.push(result);
        ended.push(end);
        pytest.push(alone(server, folder, test)?);
    }
    let finished = row(&format!("click to a test's result, {tests} tests"), finished, "");
    let ended = row(&format!("click to the run's end, {tests} tests"), ended, "");
    let pytest = row("`pytest path::test`, the whole process", pytest, "");
    println!(
        "{:65} {:27.1}x  >= 20x",
        format!("sooner than pytest: the result, {tests} tests"),
        pytest / finished
    );
    println!(
        "{:65} {:27.1}x",
        format!("sooner than pytest: the run's end, {tests} tests"),
        pytest / ended
    );
    click.client.shut_down();
    Ok(())
}

/// The first test of a file that is a function, has no cases and no marks.
pub fn plain_test(client: &mut Client, file: &Path) -> Option<Value> {
    let params = json!({"textDocument": {"uri": uri(file)}});
    let report = client.result("fastest/discoverTests", params);
    let items = report["items"].as_array()?;
    let is_plain = |item: &&Value| {
        item["kind"] == "function"
            && item["canResolveChildren"] == false
            && item["tags"] == json!([])
    };
    items.iter().find(is_plain).cloned()
}

/// A client that runs one test after the other.
pub struct Click {
    pub client: Client,
    runs: usize,
}

impl Click {
    /// One that has run nothing yet.
    pub fn new(client: Client) -> Self {
        Self { client, runs: 0 }
    }

    /// Runs a test: what it took to its result, and to the end of the run.
    pub fn run(&mut self, test: &Value) -> Done<(Duration, Duration)> {
        self.runs += 1;
        let run_id = format!("bench-{}", self.runs);
        self.client.seen.clear();
        let sent = Instant::now();
        self.client.ask("fastest/runTests", json!({"runId": run_id, "include": [test["id"]]}));
        let (ended, end) = self.client.arrival(|message| message["method"] == "fastest/runEnded");
        let mut events = self.client.seen.iter().filter_map(|(at, message)| {
            let events = message["params"]["events"].as_array()?;
            let is_result =
                |event: &&Value| event["type"] == "finished" && event["itemId"] == test["id"];
            Some((*at, events.iter().find(is_result)?["outcome"].clone()))
        });
        match events.next_back() {
            Some((at, outcome)) if outcome == "passed" => Ok((at - sent, ended - sent)),
            outcome => Err(format!("{} has not passed: {outcome:?}, {end}", test["nodeId"])),
        }
    }
}

/// The whole process, its output into a pipe.
pub fn alone(server: &Server, folder: &Path, test: &Value) -> Done<Duration> {
    let node_id = test["nodeId"].as_str().unwrap_or_default();
    let mut command = Command::new(&server.python);
    command.current_dir(folder).env_remove("PYTHONDONTWRITEBYTECODE");
    command.env_remove("PYTEST_ADDOPTS").args(["-m", "pytest", node_id]).stdin(Stdio::null());
    let started = Instant::now();
    let done = command.output().map_err(|error| format!("pytest: {error}"))?;
    let elapsed = started.elapsed();
    let text = String::from_utf8_lossy(&done.stdout);
    if text.contains("1 passed") { Ok(elapsed) } else { Err(format!("{node_id}: {text}")) }
}
