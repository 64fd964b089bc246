//! Unsaved documents run as they stand in the editor.

use serde_json::json;

use crate::client::{Client, Project};
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
