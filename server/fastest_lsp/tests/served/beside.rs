//! Questions that take long are answered beside the loop, of one moment.

use std::fmt::Write as _;

use fastest_tests::client::{Client, Project, explorer};
use serde_json::{Value, json};

/// So many functions use the fixture: finding and reading them takes longer than an edit.
const USES: usize = 3_000;

const CONFTEST: &str = "import pytest

@pytest.fixture
def database():
    return 1
";

fn project() -> (Project, String) {
    let mut text = String::new();
    for use_ in 0..USES {
        let _ = write!(text, "def test_{use_}(database):\n    assert database\n\n");
    }
    let files = [("pytest.ini", "[pytest]\n"), ("conftest.py", CONFTEST), ("test_a.py", &text)];
    (Project::new(&files), text)
}

fn open(project: &Project, text: &str) -> Client {
    let mut client = crate::memory::client();
    client.shake_hands(&project.dir, explorer(), Value::Null);
    client.did_open(&project.path("test_a.py"), text);
    client.result("fastest/discoverTests", project.document("test_a.py"));
    client
}

fn asked(project: &Project, more: &Value) -> Value {
    let mut asked = project.at("test_a.py", "def test_0(data$0base");
    asked.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
    asked
}

#[test]
fn all_uses_are_found_and_renamed() {
    let (project, text) = project();
    let mut client = open(&project, &text);
    let context = json!({"context": {"includeDeclaration": true}});
    let found = client.result("textDocument/references", asked(&project, &context));
    assert_eq!(found.as_array().map(Vec::len), Some(USES + 1));
    let name = json!({"newName": "store"});
    let edit = client.result("textDocument/rename", asked(&project, &name));
    let counts = edit["changes"].as_object().expect("files").values();
    let counts: Vec<_> = counts.map(|edits| edits.as_array().map_or(0, Vec::len)).collect();
    assert_eq!((counts.len(), counts.iter().sum::<usize>()), (2, 2 * USES + 1));
    assert!(client.shut_down().success());
}

#[test]
fn a_renaming_that_an_edit_overtakes_is_not_made() {
    let (project, text) = project();
    let mut client = open(&project, &text);
    let id = client.ask("textDocument/rename", asked(&project, &json!({"newName": "store"})));
    client.did_change(&project.path("test_a.py"), 2, [0, 0, 0, 0], "# A line above.\n");
    let answer = client.answer(id);
    assert_eq!(answer["error"]["code"], -32801, "the document has changed");
    assert!(client.shut_down().success());
}

#[test]
fn what_nobody_waits_for_is_given_up() {
    let (project, text) = project();
    let mut client = open(&project, &text);
    for _ in 0..20 {
        let id = client.ask("textDocument/rename", asked(&project, &json!({"newName": "store"})));
        client.notify("$/cancelRequest", json!({"id": id}));
        assert_eq!(client.answer(id)["error"]["code"], -32800);
    }
    // No thread is left with one of them.
    assert!(client.shut_down().success());
}
