//! Runs of `fastest-lsp --run` in a terminal, in the editor that has the project open.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, PATIENCE, Project, explorer};
use crate::runs::{Told, open, settings};

const SOURCE: &str = "\
import pytest


def test_good():
    pass


def test_bad():
    assert 1 == 2


def numbers():
    return [int(word) for word in '0 1'.split()]


@pytest.mark.parametrize('n', numbers())
def test_computed(n):
    pass
";

/// `fastest-lsp --run` with the interpreter of the settings.
fn terminal(folder: &Path, settings: &Value, arguments: &[&str]) -> Command {
    let mut command = Command::new(fastest_tests::binary());
    let python = settings["interpreter"].as_str().expect("a path");
    command.current_dir(folder).args(["--run", "--python", python, "--daemon", "off"]);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The run that a terminal began: how it was announced.
fn announced(client: &mut Client) -> Value {
    client.wait_for(|m| m["method"] == "fastest/runStarted")["params"].clone()
}

#[test]
fn a_run_in_a_terminal_is_shown_in_the_editor() {
    let Some(settings) = settings() else { return };
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", SOURCE)]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let status = terminal(&project.dir, &settings, &["-n", "2", "-q"]).status();
    assert_eq!(status.expect("it starts").code(), Some(1));
    let started = announced(&mut client);
    assert_eq!((&started["origin"], &started["mode"]), (&json!("terminal"), &json!("run")));
    assert!(started["title"].as_str().expect("a text").ends_with("-n 2 -q"), "{started}");
    let run_id = started["runId"].as_str().expect("an id").to_owned();
    let told = Told::hear(&mut client, &run_id);
    let outcome = |name: &str| told.outcome(&project.id(&format!("test_x.py::{name}")));
    let tests = ["test_good", "test_bad", "test_computed[0]", "test_computed[1]"];
    assert_eq!(tests.map(outcome), ["passed", "failed", "passed", "passed"]);
    assert_eq!((&told.ended["outcome"], &told.ended["exitCode"]), (&json!("completed"), &json!(1)));
    // The client knows the tests, and hears of none as of something new but of the computed cases.
    let added = told.events.iter().filter(|event| event["type"] == "itemAdded");
    let added: Vec<&str> = added.filter_map(|event| event["item"]["label"].as_str()).collect();
    assert_eq!(added, ["0", "1"]);
    // What it told is kept as that of our own runs is.
    let lenses = json!({"command": "fastest.rerunFailed"});
    let again = client.result("workspace/executeCommand", lenses);
    assert_eq!(again["total"], 1, "{again}");
    client.wait_for(|m| m["method"] == "fastest/runEnded");
    assert!(client.shut_down().success());
}

#[test]
fn the_end_of_its_process_is_the_end_of_a_run_in_a_terminal() {
    let Some(settings) = settings() else { return };
    let source = "import time\ndef test_sleeps():\n    time.sleep(600)\n";
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", source)]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let mut run = Ended(terminal(&project.dir, &settings, &[]).spawn().expect("it starts"));
    let run_id = announced(&mut client)["runId"].as_str().expect("an id").to_owned();
    client.wait_for(|m| m["params"]["events"].to_string().contains("started"));
    // It cannot be cancelled from here.
    client.result("fastest/cancelRun", json!({"runId": run_id, "force": true}));
    assert!(run.0.try_wait().expect("it is ours").is_none());
    run.0.kill().expect("it is ours");
    let ended = client.wait_for(|m| m["method"] == "fastest/runEnded");
    assert_eq!(ended["params"]["runId"], *run_id);
    assert!(client.shut_down().success());
}

/// A process that is gone when the test is.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _waited = self.0.wait();
    }
}

#[test]
#[cfg(unix)]
fn word_is_left_where_only_the_user_can_read_it_and_goes_with_the_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(settings) = settings() else { return };
    let project =
        Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", "def test(): pass\n")]);
    let other = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", "def test(): pass\n")]);
    let cache = Project::new(&[]);
    let mut command = Command::new(fastest_tests::binary());
    command.env("XDG_CACHE_HOME", &cache.dir).env("HOME", &cache.dir);
    let mut client = Client::spawn(&mut command);
    client.settings = settings.clone();
    let params = crate::client::initialize(&[&project.dir], explorer(), settings.clone());
    client.request("initialize", params);
    client.notify("initialized", json!({}));
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let found = || {
        let caches = [".cache", "Library/Caches", "."].map(|inside| cache.dir.join(inside));
        caches.into_iter().map(|c| c.join("fastest-lsp/editors")).find(|folder| folder.exists())
    };
    let deadline = std::time::Instant::now() + PATIENCE;
    while found().is_none() && std::time::Instant::now() < deadline {
        client.idle(Duration::from_millis(20));
    }
    let folder = found().expect("the server leaves word of itself");
    let mode = std::fs::metadata(&folder).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    // Another project's runs are none of its business.
    let mut run = terminal(&other.dir, &settings, &[]);
    run.env("XDG_CACHE_HOME", &cache.dir).env("HOME", &cache.dir);
    assert!(run.status().expect("it starts").success());
    client.idle(Duration::from_millis(200));
    assert!(!client.seen.iter().any(|(_, m)| m["method"] == "fastest/runStarted"));
    assert!(client.shut_down().success());
    assert_eq!(std::fs::read_dir(&folder).expect("it is there").count(), 0);
}
