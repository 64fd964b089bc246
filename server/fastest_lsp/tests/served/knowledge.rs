//! What the server knows of fixtures: definition, references, hover, completion, rename,
//! diagnostics with their fixes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use fastest_tests::client::{Client, Project, explorer, uri};

const CONFTEST: &str = "\
import pytest


@pytest.fixture(scope=\"module\")
def database(tmp_path_factory):
    \"\"\"A database with tables.\"\"\"
    yield tmp_path_factory.mktemp(\"db\")
";

const TEST: &str = "\
import pytest


@pytest.mark.parametrize(\"size, name\", [(1, \"a\")])
def test_one(database, size, name):
    assert database and size == len(name)


@pytest.mark.usefixtures(\"database\")
def test_two(databse, tmp_path):
    assert (databse, \"no\")
";

/// A use of the fixture.
const DATABASE: &str = "def test_one(d$0atabase";

fn project() -> Project {
    Project::new(&[("pytest.ini", "[pytest]\n"), ("conftest.py", CONFTEST), ("test_a.py", TEST)])
}

/// A client on the project, its test file open.
fn open(project: &Project) -> Client {
    let mut capabilities = explorer();
    capabilities["textDocument"]["documentSymbol"] =
        json!({"hierarchicalDocumentSymbolSupport": true});
    // pytest's own fixtures are found where there is a pytest.
    let python = fastest_tests::oracle_python();
    let options = json!({"interpreter": python});
    let mut client = crate::memory::client();
    client.settings = options.clone();
    client.shake_hands(&project.dir, capabilities, options);
    client.did_open(&project.dir.join("test_a.py"), TEST);
    client
}

/// The parameters of a request about where `$0` is in the test file.
fn at(project: &Project, marked: &str) -> Value {
    project.at("test_a.py", marked)
}

/// `file:line:character` of locations.
fn places(locations: &Value) -> Vec<String> {
    let locations = locations.as_array().expect("a list").iter();
    locations
        .map(|location| {
            let uri = location["uri"].as_str().expect("a URI");
            let name = uri.rsplit('/').next().expect("a name");
            let start = &location["range"]["start"];
            format!("{name}:{}:{}", start["line"], start["character"])
        })
        .collect()
}

#[test]
fn fixtures_are_found_described_and_listed() {
    let project = project();
    let mut client = open(&project);
    let definition = client.result("textDocument/definition", at(&project, DATABASE));
    assert_eq!(places(&definition), ["conftest.py:4:4"]);
    let implementation = client.result("textDocument/implementation", at(&project, DATABASE));
    assert_eq!(places(&implementation), ["conftest.py:6:4"]);
    let builtin =
        client.result("textDocument/definition", at(&project, "test_two(databse, tm$0p_path"));
    if fastest_tests::oracle_python().is_some() {
        assert_eq!(places(&builtin)[0].split(':').next(), Some("tmpdir.py"));
    }
    let mut asked = at(&project, DATABASE);
    asked["context"] = json!({"includeDeclaration": true});
    let references = client.result("textDocument/references", asked);
    assert_eq!(places(&references), ["conftest.py:4:4", "test_a.py:4:13", "test_a.py:8:26"]);
    let hover = client.result("textDocument/hover", at(&project, "assert dat$0abase"));
    let text = hover["contents"]["value"].as_str().expect("Markdown");
    assert!(text.contains("A database with tables.") && text.contains("scope `module`"), "{text}");
    let highlights =
        client.result("textDocument/documentHighlight", at(&project, "(database, s$0ize, name)"));
    assert_eq!(highlights.as_array().map(Vec::len), Some(3));
    assert!(client.shut_down().success());
}

#[test]
fn signatures_and_strings_are_completed_while_they_are_typed() {
    let project = project();
    let mut client = open(&project);
    let path = project.dir.join("test_a.py");
    client.did_change(&path, 2, [11, 0, 11, 0], "\n\ndef test_three(data");
    let found = client.result("textDocument/completion", project.place("test_a.py", 13, 19));
    let items = found.as_array().expect("items");
    assert_eq!(items[0]["label"], "database");
    assert_eq!(items[0]["detail"], "module · conftest.py");
    let range = &items[0]["textEdit"]["range"];
    assert_eq!(
        (&range["start"]["character"], &range["end"]["character"]),
        (&json!(15), &json!(19))
    );
    let resolved = client.result("completionItem/resolve", items[0].clone());
    let text = resolved["documentation"]["value"].as_str().expect("Markdown");
    assert!(text.contains("A database with tables."), "{text}");
    assert!(client.shut_down().success());
}

#[test]
fn fixtures_and_arguments_are_renamed() {
    let project = project();
    let mut client = open(&project);
    let mut asked = at(&project, DATABASE);
    asked["newName"] = json!("store");
    let edits = client.result("textDocument/rename", asked);
    let count =
        |file: &str| edits["changes"][uri(&project.dir.join(file))].as_array().map_or(0, Vec::len);
    assert_eq!((count("conftest.py"), count("test_a.py")), (1, 3));
    let range =
        client.result("textDocument/prepareRename", at(&project, "(database, s$0ize, name)"));
    assert_eq!(range["start"], json!({"line": 4, "character": 23}));
    let refusal =
        client.request("textDocument/prepareRename", at(&project, "test_two(databse, tm$0p_path"));
    let message = refusal["error"]["message"].as_str().expect("a sentence");
    assert!(message.contains("one of pytest's own fixtures"), "{message}");
    assert!(client.shut_down().success());
}

#[test]
fn what_is_wrong_is_shown_and_mended() {
    let project = project();
    let mut client = open(&project);
    let published = client.wait_for(|message| {
        message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["diagnostics"].as_array().is_some_and(|all| !all.is_empty())
    });
    let found = published["params"]["diagnostics"].as_array().expect("a list");
    let codes: Vec<&str> = found.iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["unknown-fixture", "assert-tuple"]);
    let asked = json!({
        "textDocument": {"uri": uri(&project.dir.join("test_a.py"))},
        "range": found[0]["range"],
        "context": {"diagnostics": [found[0]]},
    });
    let actions = client.result("textDocument/codeAction", asked);
    assert_eq!(actions[0]["title"], "Change to `database`");
    let changes = &actions[0]["edit"]["changes"][uri(&project.dir.join("test_a.py"))];
    assert_eq!(changes[0]["newText"], "database");
    // Mended, it is no longer shown.
    client.did_change(&project.dir.join("test_a.py"), 2, [9, 13, 9, 20], "database");
    let after = client.wait_for(|message| {
        message["method"] == "textDocument/publishDiagnostics" && message["params"]["version"] == 2
    });
    let shown = after["params"]["diagnostics"].as_array().expect("a list");
    let codes: Vec<&Value> = shown.iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["assert-tuple"]);
    assert!(client.shut_down().success());
}

#[test]
fn rules_are_switched_off_by_name() {
    let project = project();
    let mut shown = Vec::new();
    for off in [json!(["unknown-fixture", "assert-tuple"]), json!(["assert-tuple"])] {
        let options = json!({"diagnostics": {"off": off}});
        let mut client = crate::memory::client();
        client.settings = options.clone();
        client.shake_hands(&project.dir, explorer(), options);
        client.did_open(&project.dir.join("test_a.py"), TEST);
        let asked = project.document("test_a.py");
        let report = client.result("textDocument/diagnostic", asked);
        shown.push(report["items"].as_array().map_or(0, Vec::len));
        assert!(client.shut_down().success());
    }
    assert_eq!(shown, [0, 1]);
}

#[test]
fn symbols_folds_and_the_hierarchy_of_fixtures() {
    let project = project();
    let mut client = open(&project);
    client.did_open(&project.dir.join("conftest.py"), CONFTEST);
    let document = project.document("conftest.py");
    let symbols = client.result("textDocument/documentSymbol", document.clone());
    assert_eq!(symbols[0]["name"], "database");
    assert_eq!(symbols[0]["detail"], "fixture · module");
    let found = client.result("workspace/symbol", json!({"query": "datab"}));
    assert_eq!(found[0]["name"], "database");
    let folds = client.result("textDocument/foldingRange", document);
    assert_eq!((&folds[0]["startLine"], &folds[0]["endLine"]), (&json!(4), &json!(6)));
    let items = client.result("textDocument/prepareCallHierarchy", at(&project, DATABASE));
    assert_eq!(items[0]["name"], "database");
    let calls = client.result("callHierarchy/incomingCalls", json!({"item": items[0]}));
    let names: Vec<&Value> =
        calls.as_array().expect("a list").iter().map(|call| &call["from"]["name"]).collect();
    assert_eq!(names, ["test_one", "test_two"]);
    let calls = client.result("callHierarchy/outgoingCalls", json!({"item": items[0]}));
    assert_eq!(calls[0]["to"]["name"], "tmp_path_factory");
    assert!(client.shut_down().success());
}

#[test]
fn diagnostics_wait_for_a_pause_in_typing() {
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_typed.py", "")]);
    let mut client = crate::memory::client();
    client.shake_hands(&project.dir, explorer(), Value::Null);
    let path = project.path("test_typed.py");
    client.did_open(&path, "");
    client.result("fastest/discoverTests", json!({"textDocument": {"uri": uri(&path)}}));
    // Each edit adds a test, and something to complain of.
    const EDITS: u32 = 30;
    for edit in 0..EDITS {
        let text = format!("def test_{edit}(nowhere_{edit}): pass\n");
        client.did_change(&path, i64::from(edit) + 2, [edit, 0, edit, 0], &text);
    }
    // Edits that wait for one another are told of together; all of them, and before anything is
    // complained of.
    let (mut told, mut published) = (BTreeSet::new(), 0);
    loop {
        let message = client.wait_for(|m| {
            m["method"] == "textDocument/publishDiagnostics"
                || m["method"] == "fastest/testsChanged"
        });
        let params = &message["params"];
        if message["method"] == "fastest/testsChanged" {
            let items = params["items"].as_array().expect("a list").iter();
            told.extend(items.filter_map(|item| item["nodeId"].as_str()).map(str::to_owned));
            continue;
        }
        published += 1;
        if params["diagnostics"].as_array().map(Vec::len) == Some(EDITS as usize) {
            break;
        }
    }
    let tests = (0..EDITS).filter(|edit| told.contains(&format!("test_typed.py::test_{edit}")));
    assert_eq!(tests.count(), EDITS as usize, "each edit is told of");
    assert!(published < EDITS, "a keystroke waited for the diagnostics of the one before it");
    assert!(client.shut_down().success());
}
