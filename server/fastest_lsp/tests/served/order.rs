//! Order and endurance: many edits, a silent client, wrong and hostile messages, folders.

use fastest_tests::client::{Client, Project, explorer, uri};
use serde_json::{Value, json};

fn open(project: &Project) -> Client {
    let mut client = crate::memory::client();
    client.shake_hands(&project.dir, explorer(), Value::Null);
    client
}

#[test]
fn edits_keep_their_order_while_the_client_answers_nothing() {
    let project = Project::new(&[("test_x.py", "def test_0():\n    pass\n")]);
    let mut client = crate::memory::client();
    client.answers = false;
    client.shake_hands(&project.dir, explorer(), Value::Null);
    let path = project.path("test_x.py");
    client.did_open(&path, "def test_0():\n    pass\n");
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let (mut text, mut asked) = ("test_0".to_owned(), Vec::new());
    for version in 2..2002_i64 {
        // Each edit names the test after its version: any other order leaves another name.
        let name = format!("test_{version}");
        let end = 4 + u32::try_from(text.len()).unwrap();
        client.did_change(&path, version, [0, 4, 0, end], &name);
        text = name;
        if version % 50 == 0 {
            let document = json!({"textDocument": {"uri": uri(&path)}});
            asked.push((version, client.ask("fastest/discoverTests", document)));
        }
    }
    for (version, id) in asked {
        let answer = client.answer(id);
        let items = answer["result"]["items"].as_array().unwrap();
        let test = items.iter().find(|item| item["kind"] == "function").unwrap();
        assert_eq!(test["label"], format!("test_{version}"));
        assert_eq!(test["version"], version);
    }
    // What is asked for no longer is not missed either.
    client.answer_withheld();
    assert!(client.shut_down().success());
}

#[test]
fn wrong_messages_are_refused_and_harm_nothing() {
    let project = Project::new(&[("test_x.py", "def test_0(): pass\n")]);
    let mut client = open(&project);
    let refusals = [
        (&b"Content-Length: 9\r\n\r\n{\"a\": tru"[..], -32700),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: x\r\n\r\n", -32700),
        (b"hello there\r\n", -32700),
    ];
    for (bytes, code) in refusals {
        client.send_raw(bytes);
        let refused = client.wait_for(|m| m["error"]["code"] == code && m["id"].is_null());
        assert!(refused["error"]["message"].is_string());
    }
    let unknown = client.request("textDocument/nothing", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    let wrong = client.request("fastest/runTests", json!({"runId": 7}));
    assert_eq!(wrong["error"]["code"], -32602);
    // Places that are nowhere, documents that are not open, versions that fall.
    let path = project.path("test_x.py");
    client.did_change(&path, 5, [0, 0, 0, 0], "x");
    client.did_open(&path, "def test_0(): pass\n");
    client.did_change(&path, 4, [900, 7, 4_000_000_000, 4_000_000_000], "\n\n\u{0}🐍");
    client.did_change(&path, 3, [5, 0, 1, 0], "def");
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": "untitled:x"}}));
    client.notify("$/nothing", json!({}));
    client.notify("fastest/nothing", json!({}));
    client.send(&json!({"jsonrpc": "2.0", "id": 99, "result": null}));
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    assert!(client.shut_down().success());
}

#[test]
fn a_cancelled_request_is_answered_as_such() {
    let project = Project::new(&[]);
    let mut client = open(&project);
    let id = client.ask("fastest/discoverTests", json!({"depth": "all"}));
    client.notify("$/cancelRequest", json!({"id": id}));
    let answer = client.answer(id);
    assert!(answer.get("result").is_some() || answer["error"]["code"] == -32800, "{answer}");
    assert!(client.shut_down().success());
}

#[test]
fn folders_come_and_go() {
    let one = Project::new(&[("test_x.py", "def test_0(): pass\n")]);
    let two = Project::new(&[("test_y.py", "def test_1(): pass\n")]);
    let mut client = open(&one);
    let change = |added: &[&Project], removed: &[&Project]| {
        let folder = |p: &&Project| json!({"uri": uri(&p.dir), "name": "folder"});
        json!({"event": {"added": added.iter().map(folder).collect::<Vec<_>>(),
            "removed": removed.iter().map(folder).collect::<Vec<_>>()}})
    };
    client.result("fastest/discoverTests", json!({}));
    client.notify("workspace/didChangeWorkspaceFolders", change(&[&two], &[]));
    let all = client.result("fastest/discoverTests", json!({"depth": "all"}));
    assert!(all.to_string().contains("test_0") && all.to_string().contains("test_1"), "{all}");
    client.notify("workspace/didChangeWorkspaceFolders", change(&[], &[&one]));
    let gone = json!([one.id("")]);
    client.wait_for(|m| m["method"] == "fastest/testsChanged" && m["params"]["removed"] == gone);
    let all = client.result("fastest/discoverTests", json!({"depth": "all"}));
    assert!(!all.to_string().contains("test_0") && all.to_string().contains("test_1"), "{all}");
    assert!(client.shut_down().success());
}

#[test]
fn the_best_encoding_that_both_know_is_used() {
    let text = "'🐍'; x = [\n]\ndef test_0(): pass\n\nclass TestX:\n    def test_é(self): '🐍'\n";
    let project = Project::new(&[("test_x.py", text)]);
    for (offered, chosen, end) in [
        (json!(["utf-16"]), "utf-16", 26),
        (json!(["utf-8", "utf-16", "utf-32"]), "utf-8", 29),
        (json!(["utf-16", "utf-32"]), "utf-32", 25),
        (Value::Null, "utf-16", 26),
    ] {
        let mut capabilities = explorer();
        capabilities["general"] = json!({"positionEncodings": offered});
        let mut client = crate::memory::client();
        let answer = client.shake_hands(&project.dir, capabilities, Value::Null);
        assert_eq!(answer["capabilities"]["positionEncoding"], chosen);
        let all = client.result("fastest/discoverTests", json!({"depth": "all"}));
        let items = all["items"].as_array().unwrap();
        let test = items.iter().find(|item| item["label"] == "test_é").unwrap();
        assert_eq!(test["range"]["end"]["character"], end, "{chosen}");
        assert!(client.shut_down().success());
    }
}
