//! Runs: events, cancelling, refusals, lenses, diagnostics.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, Project, explorer, uri};

/// Settings that name the interpreter of the tests; `None` where there is none.
pub fn settings() -> Option<Value> {
    let python = fastest_tests::oracle_python()?;
    Some(json!({"interpreter": python, "env": {"PYTHONDONTWRITEBYTECODE": "1"}}))
}

/// A server on a project, with an explorer.
pub fn open(project: &Project, settings: &Value) -> Client {
    let mut client = Client::open_with(&project.dir, explorer(), settings.clone()).0;
    client.settings = settings.clone();
    client
}

/// What a run told: all its events, and how it ended.
pub struct Told {
    pub events: Vec<Value>,
    pub ended: Value,
}

impl Told {
    /// Takes in a run until it has ended; its notifications are in order and without gaps.
    pub fn hear(client: &mut Client, run_id: &str) -> Self {
        let (mut events, mut seq) = (Vec::new(), 0);
        loop {
            let message = client.wait_for(|m| {
                m["params"]["runId"] == run_id
                    && matches!(
                        m["method"].as_str(),
                        Some("fastest/runEvents" | "fastest/runEnded")
                    )
            });
            let params = &message["params"];
            if message["method"] == "fastest/runEnded" {
                return Self { events, ended: params.clone() };
            }
            assert_eq!(params["seq"], seq, "{params}");
            seq += 1;
            events.extend(params["events"].as_array().expect("a list").iter().cloned());
        }
    }

    pub fn of(&self, kind: &str, id: &str) -> Vec<&Value> {
        self.events.iter().filter(|e| e["type"] == kind && e["itemId"] == id).collect()
    }

    pub fn outcome(&self, id: &str) -> String {
        let finished = self.of("finished", id);
        assert_eq!(finished.len(), 1, "{id}: {finished:?} of {:#?}", self.events);
        finished[0]["outcome"].as_str().expect("a text").to_owned()
    }
}

pub fn run(client: &mut Client, params: Value) -> Told {
    let id = params["runId"].as_str().expect("an id").to_owned();
    let answer = client.result("fastest/runTests", params);
    assert_eq!(answer["accepted"], true, "{answer}");
    Told::hear(client, &id)
}

const MIXED: &str = "\
import pytest


def test_good():
    print('hello')


def test_bad():
    left = [1, 2]
    assert left == [1, 3]


@pytest.mark.skip(reason='later')
def test_skipped():
    pass


@pytest.mark.parametrize('n', list(range(3)))
def test_computed(n):
    assert n < 2


@pytest.fixture
def broken():
    yield
    raise RuntimeError('late')


def test_teardown(broken):
    pass
";

#[test]
fn a_run_tells_all_of_it() {
    let Some(settings) = settings() else { return };
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_mixed.py", MIXED)]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let told = run(&mut client, json!({"runId": "r1"}));
    let id = |name: &str| project.id(&format!("test_mixed.py::{name}"));
    assert_eq!(told.events[0]["type"], "enqueued");
    assert_eq!(told.outcome(&id("test_good")), "passed");
    assert_eq!(told.outcome(&id("test_skipped")), "skipped");
    assert_eq!(told.of("finished", &id("test_skipped"))[0]["reason"], "later");
    assert_eq!(told.outcome(&id("test_teardown")), "error");
    assert_eq!(told.of("finished", &id("test_teardown"))[0]["phase"], "teardown");
    assert_eq!(told.outcome(&id("test_computed[2]")), "failed");
    assert_eq!(told.of("phase", &id("test_good")).len(), 3);
    assert_eq!(told.of("output", &id("test_good"))[0]["text"], "hello\n");
    let bad = told.of("finished", &id("test_bad"))[0];
    assert_eq!(bad["outcome"], "failed");
    let message = &bad["messages"][0];
    assert_eq!(message["location"]["range"]["start"], json!({"line": 9, "character": 4}));
    assert_eq!((&message["actual"], &message["expected"]), (&json!("[1, 2]"), &json!("[1, 3]")));
    assert_eq!(message["frames"][0]["line"], 10);
    assert_eq!(told.ended["outcome"], "completed");
    assert_eq!(told.ended["exitCode"], 1);
    let counts =
        json!({"passed": 3, "failed": 2, "error": 1, "skipped": 1, "xfailed": 0, "xpassed": 0});
    assert_eq!(told.ended["counts"], counts);
    let report: String = told
        .events
        .iter()
        .filter(|e| e["stream"] == "report")
        .map(|e| e["text"].as_str().unwrap())
        .collect();
    assert!(report.contains("short test summary") && report.contains("2 failed"), "{report}");
    assert!(client.shut_down().success());
}

#[test]
fn what_is_included_and_excluded_runs_and_nothing_else() {
    let Some(settings) = settings() else { return };
    let text = "import pytest\n\n@pytest.mark.parametrize('n', [1, 10, 2])\ndef test_a(n): pass\n\ndef test_a1(): pass\n";
    let project = Project::new(&[
        ("pytest.ini", "[pytest]\n"),
        ("a/test_x.py", text),
        ("test_y.py", "def test_y(): pass\n"),
    ]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let id = |node: &str| project.id(node);
    let finished = |told: &Told| {
        let all = told.events.iter().filter(|e| e["type"] == "finished");
        let mut ids: Vec<String> = all
            .map(|e| e["itemId"].as_str().unwrap().rsplit("//").next().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let told = run(&mut client, json!({"runId": "1", "include": [id("a/test_x.py::test_a[1]")]}));
    assert_eq!(finished(&told), ["a/test_x.py::test_a[1]"]);
    let told = run(
        &mut client,
        json!({"runId": "2", "include": [id("a")], "exclude": [id("a/test_x.py::test_a[1]")]}),
    );
    assert_eq!(
        finished(&told),
        ["a/test_x.py::test_a1", "a/test_x.py::test_a[10]", "a/test_x.py::test_a[2]"]
    );
    let told = run(&mut client, json!({"runId": "3", "exclude": [id("a")]}));
    assert_eq!(finished(&told), ["test_y.py::test_y"]);
    let again = client.result("fastest/runTests", json!({"runId": "3"}));
    assert_eq!((&again["accepted"], &again["reason"]), (&json!(false), &json!("duplicateRunId")));
    let gone = client.result("fastest/runTests", json!({"runId": "4", "include": ["x"]}));
    assert_eq!((&gone["accepted"], &gone["reason"]), (&json!(false), &json!("noTests")));
    assert!(client.shut_down().success());
}

#[test]
fn nothing_runs_that_is_not_trusted() {
    let Some(mut settings) = settings() else { return };
    settings["trusted"] = json!(false);
    let project = Project::new(&[
        ("pytest.ini", "[pytest]\n"),
        ("test_x.py", "open('ran', 'w')\ndef test_x(): pass\n"),
    ]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let answer = client.result("fastest/runTests", json!({"runId": "1"}));
    assert_eq!((&answer["accepted"], &answer["reason"]), (&json!(false), &json!("untrusted")));
    let answer = client.result("fastest/runTests", json!({"runId": "2", "mode": "coverage"}));
    assert_eq!((&answer["accepted"], &answer["reason"]), (&json!(false), &json!("untrusted")));
    let refused = client.request("workspace/executeCommand", json!({"command": "fastest.run"}));
    assert_eq!(refused["error"]["code"], -32803);
    assert!(!project.path("ran").exists());
    assert!(client.shut_down().success());
}

#[test]
fn a_cancelled_run_ends_once_and_leaves_nothing() {
    let Some(settings) = settings() else { return };
    let text = "import time, os\n\ndef test_long():\n    open('pid', 'w').write(str(os.getpid()))\n    time.sleep(600)\n";
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", text)]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let answer = client.result("fastest/runTests", json!({"runId": "1"}));
    assert_eq!(answer, json!({"accepted": true, "total": 1}));
    let pid = wait_for_pid(&project.path("pid"));
    client.result("fastest/cancelRun", json!({"runId": "1"}));
    let told = Told::hear(&mut client, "1");
    assert_eq!(told.ended["outcome"], "cancelled");
    assert!(!is_alive(pid), "the worker lives on");
    client.result("fastest/cancelRun", json!({"runId": "never"}));
    // A client that goes without a word takes its run along.
    std::fs::remove_file(project.path("pid")).unwrap();
    client.result("fastest/runTests", json!({"runId": "2"}));
    let pid = wait_for_pid(&project.path("pid"));
    client.vanish();
    assert_eq!(client.ended().code(), Some(1));
    for _ in 0..500 {
        if !is_alive(&pid) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the worker outlives the server");
}

/// Python may be anywhere in its start then, and die of it in the middle of a word.
#[test]
fn a_run_that_is_cancelled_as_it_begins_is_cancelled_and_no_failure() {
    let Some(settings) = settings() else { return };
    let text = "import time\n\ndef test_long():\n    time.sleep(600)\n";
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", text)]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    for run in 0..8 {
        let id = run.to_string();
        client.result("fastest/runTests", json!({"runId": id}));
        client.result("fastest/cancelRun", json!({"runId": id}));
        let ended = Told::hear(&mut client, &id).ended;
        assert_eq!(ended["outcome"], "cancelled");
        // pytest may have something to say.
        assert!(ended["message"].is_null() || ended["message"] == "KeyboardInterrupt", "{ended}");
    }
    assert!(client.shut_down().success());
}

pub fn wait_for_pid(path: &Path) -> String {
    for _ in 0..6000 {
        match std::fs::read_to_string(path) {
            Ok(text) if !text.is_empty() => return text,
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    panic!("{} is not written", path.display())
}

/// Whether a process runs; a dead one that nobody waited for does not.
pub fn is_alive(pid: impl std::fmt::Display) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim().chars().next();
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

#[test]
fn a_plain_client_has_lenses_commands_and_diagnostics() {
    let Some(settings) = settings() else { return };
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_mixed.py", MIXED)]);
    let plain =
        json!({"window": {"workDoneProgress": true}, "textDocument": {"publishDiagnostics": {}}});
    let (mut client, answer) = Client::open_with(&project.dir, plain, settings);
    assert!(
        answer["capabilities"]["executeCommandProvider"]["commands"]
            .to_string()
            .contains("fastest.rerunFailed")
    );
    let path = project.path("test_mixed.py");
    client.did_open(&path, MIXED);
    let document = json!({"textDocument": {"uri": uri(&path)}});
    // The root may still be read.
    let lens = loop {
        let lenses = client.result("textDocument/codeLens", document.clone());
        let all = lenses.as_array().cloned().unwrap_or_default();
        if let Some(lens) =
            all.into_iter().find(|l| l["data"]["id"].as_str().unwrap().ends_with("::test_bad"))
        {
            break lens;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let resolved = client.result("codeLens/resolve", lens);
    assert_eq!(resolved["command"]["command"], "fastest.run");
    assert_eq!(resolved["range"]["start"], json!({"line": 7, "character": 0}));
    let command = &resolved["command"];
    let answer = client.result(
        "workspace/executeCommand",
        json!({"command": command["command"], "arguments": command["arguments"]}),
    );
    assert_eq!(answer["total"], 1);
    let shown = client.wait_for(|m| {
        m["method"] == "textDocument/publishDiagnostics" && m["params"]["diagnostics"] != json!([])
    });
    let diagnostic = &shown["params"]["diagnostics"][0];
    assert_eq!(diagnostic["range"]["start"], json!({"line": 9, "character": 4}));
    assert!(
        diagnostic["message"].as_str().unwrap().starts_with("assert [1, 2] == [1, 3]"),
        "{diagnostic}"
    );
    assert_eq!(diagnostic["code"], "test_mixed.py::test_bad");
    client.wait_for(|m| m["method"] == "$/progress" && m["params"]["value"]["kind"] == "end");
    // It moves with an edit above, and is stale once the test itself is edited.
    client.did_change(&path, 2, [0, 0, 0, 0], "\n");
    let moved = client.notification("textDocument/publishDiagnostics");
    assert_eq!(moved["diagnostics"][0]["range"]["start"]["line"], 10);
    assert!(!moved.to_string().contains("(stale)"));
    client.did_change(&path, 3, [10, 19, 10, 25], "[1, 2]");
    let stale = client.notification("textDocument/publishDiagnostics");
    assert!(stale.to_string().contains("(stale)"), "{stale}");
    let results = client.result("textDocument/codeLens", document);
    let result = results
        .as_array()
        .unwrap()
        .iter()
        .find(|l| {
            l["data"]["kind"] == "result"
                && l["data"]["id"].as_str().unwrap().ends_with("::test_bad")
        })
        .cloned()
        .unwrap();
    let title =
        client.result("codeLens/resolve", result)["command"]["title"].as_str().unwrap().to_owned();
    assert!(title.starts_with('✗') && title.ends_with("(stale)"), "{title}");
    let symbols = client.result("workspace/symbol", json!({"query": "tbad"}));
    assert_eq!(symbols[0]["name"], "test_bad");
    let copied = client.result("workspace/executeCommand", json!({"command": "fastest.copyCommand", "arguments": [{"itemIds": [project.id("test_mixed.py::test_computed[1]")]}]}));
    assert!(
        copied["text"].as_str().unwrap().ends_with("'test_mixed.py::test_computed[1]'"),
        "{copied}"
    );
    let unknown = client.request("workspace/executeCommand", json!({"command": "nothing"}));
    assert_eq!(unknown["error"]["code"], -32602);
    assert!(client.shut_down().success());
}

/// As in a terminal (`tests/running/neighbours.rs`).
#[test]
fn a_test_finds_the_standard_modules_that_other_files_import() {
    let Some(settings) = settings() else { return };
    // So slow to import that no worker collects both.
    let user = "import sys, time\ntime.sleep(0.5)\n\n\ndef test_user():\n    assert 'this' in sys.modules\n";
    let importer = "import this, time\ntime.sleep(0.5)\n\n\ndef test_importer():\n    pass\n";
    let files = [("pytest.ini", "[pytest]\n"), ("test_a.py", user), ("test_b.py", importer)];
    let project = Project::new(&files);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let told = run(&mut client, json!({"runId": "r1", "workers": 2}));
    assert_eq!(told.outcome(&project.id("test_a.py::test_user")), "passed");
    assert!(client.shut_down().success());
}

/// Trust, say: granted with the click that runs a test.
#[test]
fn a_run_asked_for_right_after_the_settings_have_changed_is_one_of_the_new_settings() {
    let project = Project::new(&[("test_x.py", "def test_ok(): pass\n")]);
    let Some(mut settings) = settings() else { return };
    settings["trusted"] = json!(false);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let answer = client.result("fastest/runTests", json!({"runId": "1"}));
    assert_eq!(answer["reason"], "untrusted");
    client.settings["trusted"] = json!(true);
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let answer = client.result("fastest/runTests", json!({"runId": "2"}));
    assert_eq!(answer["accepted"], true, "{answer}");
    let told = Told::hear(&mut client, "2");
    assert_eq!(told.outcome(&project.id("test_x.py::test_ok")), "passed");
    assert!(client.shut_down().success());
}

/// A client may be slow to say what its settings are, or never say it.
#[test]
fn a_run_does_not_wait_for_ever_for_settings() {
    let project = Project::new(&[("test_x.py", "def test_ok(): pass\n")]);
    let Some(settings) = settings() else { return };
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    client.answers = false;
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let answer = client.result("fastest/runTests", json!({"runId": "1"}));
    assert_eq!(answer["accepted"], true, "{answer}");
    assert_eq!(Told::hear(&mut client, "1").ended["counts"]["passed"], 1);
    assert!(client.shut_down().success());
}

/// Whatever a test does to its process, it has one outcome, and that is no good one.
#[test]
fn a_test_that_kills_its_process_has_failed_once() {
    let source = "import os, pytest\n\
        @pytest.fixture\ndef dying():\n    yield\n    os._exit(1)\n\
        def test_before(): pass\n\
        def test_dies(): os._exit(1)\n\
        def test_dies_late(dying): pass\n\
        def test_after(): pass\n";
    let project = Project::new(&[("test_x.py", source)]);
    let Some(settings) = settings() else { return };
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    client.result("fastest/runTests", json!({"runId": "1"}));
    let told = Told::hear(&mut client, "1");
    let outcome = |name: &str| told.outcome(&project.id(&format!("test_x.py::{name}")));
    let tests = ["test_before", "test_dies", "test_after"];
    assert_eq!(tests.map(outcome), ["passed", "failed", "passed"]);
    // What was heard of the call before the process was gone decides which.
    let late = outcome("test_dies_late");
    assert!(["failed", "error"].contains(&late.as_str()), "{late}");
    let counts = &told.ended["counts"];
    let bad = [&counts["failed"], &counts["error"]].map(|count| count.as_u64().unwrap_or(0));
    assert_eq!((&counts["passed"], bad.iter().sum::<u64>()), (&json!(2), 2), "{counts}");
    assert!(client.shut_down().success());
}
