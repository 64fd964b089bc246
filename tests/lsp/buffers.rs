//! Unsaved documents run as they stand in the editor.

use serde_json::{Value, json};

use crate::client::{Client, Project, uri};
use crate::runs::{Told, open, run, settings};

const FILES: [(&str, &str); 5] = [
    ("pytest.ini", "[pytest]\n"),
    ("conftest.py", "import pytest\n\n@pytest.fixture\ndef answer():\n    return 1\n"),
    ("shop/__init__.py", ""),
    ("shop/prices.py", "def price():\n    return 1\n"),
    (
        "test_x.py",
        "from shop.prices import price\n\ndef test_x(answer):\n    assert price() == answer\n",
    ),
];

fn start(project: &Project) -> Option<Client> {
    let settings = settings()?;
    let mut client = open(project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    for name in ["conftest.py", "shop/prices.py", "test_x.py"] {
        let text = FILES.iter().find(|(file, _)| *file == name).expect("as agreed").1;
        client.did_open(&project.path(name), text);
    }
    Some(client)
}

#[test]
fn every_kind_of_file_runs_from_its_buffer() {
    let project = Project::new(&FILES);
    let Some(mut client) = start(&project) else { return };
    let id = project.id("test_x.py::test_x");
    // Files with `.pyc`s, so that these could be mistaken for the buffers' later.
    let told = run(&mut client, json!({"runId": "1"}));
    assert_eq!(told.outcome(&id), "passed");
    client.did_change(&project.path("shop/prices.py"), 2, [1, 11, 1, 12], "2");
    let told = run(&mut client, json!({"runId": "2", "include": [id]}));
    assert_eq!(told.outcome(&id), "failed");
    let message = &told.of("finished", &id)[0]["messages"][0];
    assert_eq!((&message["actual"], &message["expected"]), (&json!("2"), &json!("1")));
    client.did_change(&project.path("conftest.py"), 2, [4, 11, 4, 12], "2");
    assert_eq!(run(&mut client, json!({"runId": "3", "include": [id]})).outcome(&id), "passed");
    // A test that is not on disk at all; lines of the traceback are the buffer's.
    let new = "\n\n\ndef test_new(answer):\n    wanted = 3\n    assert answer == wanted\n\n\n";
    client.did_change(&project.path("test_x.py"), 2, [0, 0, 0, 0], new);
    let id = project.id("test_x.py::test_new");
    let told = run(&mut client, json!({"runId": "4", "include": [id]}));
    assert_eq!(told.outcome(&id), "failed");
    let message = &told.of("finished", &id)[0]["messages"][0];
    assert_eq!(message["location"]["range"]["start"], json!({"line": 5, "character": 4}));
    let text = message["text"].as_str().expect("as agreed");
    assert!(text.contains(">       assert answer == wanted\nE       assert 2 == 3"), "{text}");
    // What is on disk runs on demand, and was touched by nobody.
    let id = project.id("test_x.py::test_x");
    let told = run(&mut client, json!({"runId": "5", "include": [id], "source": "disk"}));
    assert_eq!(told.outcome(&id), "passed");
    for (name, text) in FILES {
        assert_eq!(std::fs::read_to_string(project.path(name)).expect("as agreed"), text);
    }
    assert!(client.shut_down().success());
}

#[test]
fn a_buffer_that_does_not_parse_is_an_error_on_its_line() {
    let project = Project::new(&FILES);
    let Some(mut client) = start(&project) else { return };
    client.did_change(&project.path("test_x.py"), 2, [3, 4, 3, 4], "assert (\n    ");
    let told: Told = run(&mut client, json!({"runId": "1"}));
    let file = project.id("test_x.py");
    assert_eq!(told.outcome(&file), "error");
    assert_eq!(told.of("finished", &file)[0]["phase"], "collect");
    let message = &told.of("finished", &file)[0]["messages"][0];
    assert_eq!(message["location"]["range"]["start"]["line"], 3, "{message}");
    assert!(client.shut_down().success());
}

#[test]
fn no_bytecode_of_a_buffer_is_written() {
    let project = Project::new(&FILES);
    let Some(mut settings) = settings() else { return };
    settings["env"] = json!({"PYTHONDONTWRITEBYTECODE": ""});
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    for name in ["shop/prices.py", "test_x.py"] {
        let text = FILES.iter().find(|(file, _)| *file == name).expect("as agreed").1;
        client.did_open(&project.path(name), text);
        client.did_change(&project.path(name), 2, [0, 0, 0, 0], "\n");
    }
    let told = run(&mut client, json!({"runId": "1"}));
    assert_eq!(told.ended["counts"]["passed"], 1);
    let cached = |folder: &str| {
        let entries = std::fs::read_dir(project.path(folder)).into_iter().flatten().flatten();
        let names = entries.map(|e| e.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("prices.") || name.starts_with("test_x.")).count()
    };
    assert_eq!(cached("shop/__pycache__") + cached("__pycache__"), 0);
    assert!(project.path("__pycache__").exists(), "conftest's own is written");
    assert!(client.shut_down().success());
}

#[test]
fn a_file_that_was_never_saved_has_items_and_runs_when_it_is() {
    let project = Project::new(&FILES);
    let Some(mut client) = start(&project) else { return };
    let path = project.path("test_new.py");
    client.did_open(&path, "def test_new(answer):\n    assert answer == 1\n");
    let id = project.id("test_new.py::test_new");
    let is_told = |message: &Value| {
        let items = message["params"]["items"].as_array();
        message["method"] == "fastest/testsChanged"
            && items.is_some_and(|items| items.iter().any(|item| item["id"] == *id))
    };
    client.wait_for(is_told);
    let refused = client.result("fastest/runTests", json!({"runId": "1", "include": [id]}));
    assert_eq!((&refused["accepted"], &refused["reason"]), (&json!(false), &json!("noTests")));
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("never saved")));
    // It is left out of a run of everything.
    assert_eq!(run(&mut client, json!({"runId": "2"})).ended["counts"]["passed"], 1);
    let text = project.write("test_new.py", "def test_new(answer):\n    assert answer == 1\n");
    let document = json!({"textDocument": {"uri": uri(&text)}});
    client.notify("textDocument/didSave", document.clone());
    let told = run(&mut client, json!({"runId": "3", "include": [id]}));
    assert_eq!(told.outcome(&id), "passed");
    // Nothing is left of it when it is gone, and closed.
    std::fs::remove_file(&path).expect("it was written");
    client.notify("textDocument/didClose", document);
    let file = project.id("test_new.py");
    client.wait_for(|message| {
        message["method"] == "fastest/testsChanged"
            && message["params"]["removed"]
                .as_array()
                .is_some_and(|gone| gone.contains(&json!(file)))
    });
    assert!(client.shut_down().success());
}
