//! Continuous runs, related tests, and files that only the server watches.

use serde_json::{Value, json};

use crate::client::{Client, Project, uri};
use crate::runs::{Told, open, settings};

const FILES: [(&str, &str); 6] = [
    ("pytest.ini", "[pytest]\n"),
    ("shop/__init__.py", ""),
    ("shop/prices.py", "def price():\n    return 1\n"),
    ("shop/cart.py", "def total():\n    from .prices import price\n    return price()\n"),
    ("test_cart.py", "from shop import cart\n\ndef test_cart():\n    assert cart.total() == 1\n"),
    ("test_other.py", "def test_other():\n    pass\n"),
];

fn round(client: &mut Client) -> (Value, Told) {
    let started = client.notification("fastest/runStarted");
    let run_id = started["runId"].as_str().expect("an id").to_owned();
    (started, Told::hear(client, &run_id))
}

#[test]
fn what_an_edit_affects_runs_by_itself() {
    let Some(settings) = settings() else { return };
    let project = Project::new(&FILES);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let related = json!({"textDocument": {"uri": uri(&project.path("shop/prices.py"))}});
    let related = client.result("fastest/relatedTests", related);
    assert_eq!(related[0]["nodeId"], "test_cart.py");
    assert_eq!(related.as_array().map(Vec::len), Some(1), "{related}");
    let watching = client.result("fastest/runTests", json!({"runId": "w", "continuous": "edit"}));
    assert_eq!(watching, json!({"accepted": true, "total": 2}));
    client.did_open(&project.path("shop/prices.py"), FILES[2].1);
    client.did_change(&project.path("shop/prices.py"), 2, [1, 11, 1, 12], "2");
    let (started, told) = round(&mut client);
    assert_eq!(started["origin"], "continuous");
    assert_eq!(started["continuousId"], "w");
    assert_eq!(started["include"], json!([project.id("test_cart.py")]));
    assert_eq!(told.outcome(&project.id("test_cart.py::test_cart")), "failed");
    client.did_change(&project.path("shop/prices.py"), 3, [1, 11, 1, 12], "1");
    let (_, told) = round(&mut client);
    assert_eq!(told.outcome(&project.id("test_cart.py::test_cart")), "passed");
    client.result("fastest/cancelRun", json!({"runId": "w"}));
    let ended = client.notification("fastest/runEnded");
    assert_eq!((&ended["runId"], &ended["outcome"]), (&json!("w"), &json!("cancelled")));
    assert!(client.shut_down().success());
}

#[test]
fn a_newer_round_takes_the_place_of_the_one_before() {
    let Some(settings) = settings() else { return };
    let slow =
        "import time\n\ndef test_slow():\n    open('began', 'w').write('1'); time.sleep(600)\n";
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_slow.py", slow)]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    client.result("fastest/runTests", json!({"runId": "w", "continuous": "save"}));
    let path = project.path("test_slow.py");
    client.did_open(&path, slow);
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": uri(&path)}}));
    let first = client.notification("fastest/runStarted")["runId"].clone();
    crate::runs::wait_for_pid(&project.path("began"));
    client.did_change(&path, 2, [3, 46, 3, 49], "0");
    project.write("test_slow.py", &slow.replace("600", "0"));
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": uri(&path)}}));
    let told = Told::hear(&mut client, first.as_str().expect("an id"));
    assert_eq!(told.ended["outcome"], "superseded");
    let (_, told) = round(&mut client);
    assert_eq!(told.ended["outcome"], "completed");
    assert!(client.shut_down().success());
}

#[test]
fn a_client_that_cannot_watch_files_needs_not() {
    let project = Project::new(&FILES);
    // As Neovim announces itself.
    let capabilities = json!({
        "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
        "workspace": {"configuration": true, "workspaceFolders": true,
            "didChangeWatchedFiles": {"dynamicRegistration": false, "relativePatternSupport": true}},
        "experimental": {"fastest": {"testItems": 2}},
    });
    let (mut client, _) = Client::open(&project.dir, capabilities);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let told = |client: &mut Client, what: &str| {
        client.wait_for(|m| m["method"] == "fastest/testsChanged" && m.to_string().contains(what));
    };
    project.write("new/test_new.py", "def test_brand_new(): pass\n");
    told(&mut client, "new/test_new.py");
    project.write("test_other.py", "def test_other(): pass\ndef test_second(): pass\n");
    told(&mut client, "test_second");
    project.write("pytest.ini", "[pytest]\npython_functions = check\n");
    project.write("test_other.py", "def check_it(): pass\n");
    told(&mut client, "check_it");
    // A branch switch: many files at once.
    for number in 0..300 {
        project.write(&format!("many/test_{number}.py"), "def check_many(): pass\n");
    }
    told(&mut client, "many/test_299.py");
    std::fs::remove_dir_all(project.path("many")).expect("it can be removed");
    let gone = project.id("many");
    client
        .wait_for(|m| m["params"]["removed"].as_array().is_some_and(|r| r.contains(&json!(gone))));
    assert!(client.shut_down().success());
}
