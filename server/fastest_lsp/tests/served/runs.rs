//! Runs, and that nothing is left of them: no process, no thread, no run without an end.

use fastest_tests::client::{Client, Project, explorer, uri};
use serde_json::{Value, json};

const TEST: &str = "import time

def test_quick():
    pass

def test_long():
    open('began', 'w').close()
    time.sleep(600)
";

/// A client on a project; `None` where there is no pytest.
fn open(project: &Project, capabilities: Value) -> Option<Client> {
    let settings = json!({"interpreter": fastest_tests::oracle_python()?, "workers": 1});
    let mut client = crate::memory::client();
    client.settings = settings.clone();
    client.shake_hands(&project.dir, capabilities, settings);
    Some(client)
}

fn project() -> Project {
    Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", TEST)])
}

fn run(client: &mut Client, id: &str, include: &str) {
    let answer = client.result("fastest/runTests", json!({"runId": id, "include": [include]}));
    assert_eq!(answer, json!({"accepted": true, "total": 1}));
}

/// Takes what is told of a run, up to its end.
fn end_of(client: &mut Client, id: &str) -> Value {
    loop {
        let told = client.wait_for(|message| message["params"]["runId"] == id);
        if told["method"] == "fastest/runEnded" {
            return told["params"].clone();
        }
    }
}

#[test]
fn a_test_that_is_run_again_and_again_leaves_nothing() {
    let project = project();
    let Some(mut client) = open(&project, explorer()) else { return };
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    for id in ["1", "2", "3"] {
        run(&mut client, id, &project.id("test_x.py::test_quick"));
        let ended = end_of(&mut client, id);
        assert_eq!(
            (&ended["outcome"], &ended["counts"]["passed"]),
            (&json!("completed"), &json!(1))
        );
    }
    assert!(client.shut_down().success());
}

#[test]
fn a_run_that_the_end_of_the_session_overtakes_ends_too() {
    let project = project();
    let Some(mut client) = open(&project, explorer()) else { return };
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    client.result("fastest/runTests", json!({"runId": "w", "continuous": "save"}));
    run(&mut client, "1", &project.id("test_x.py::test_long"));
    while !project.path("began").exists() {
        std::thread::yield_now();
    }
    client.result("shutdown", Value::Null);
    assert_eq!(end_of(&mut client, "1")["outcome"], "cancelled");
    assert_eq!(end_of(&mut client, "w")["outcome"], "cancelled");
    assert!(client.leave().success());
}

#[test]
fn a_plain_client_sees_a_bar_that_ends() {
    let project = project();
    let capabilities = json!({"window": {"workDoneProgress": true}});
    let Some(mut client) = open(&project, capabilities) else { return };
    let at =
        json!({"uri": uri(&project.path("test_x.py")), "position": {"line": 2, "character": 5}});
    client.did_open(&project.path("test_x.py"), TEST);
    let begun = client
        .result("workspace/executeCommand", json!({"command": "fastest.run", "arguments": [at]}));
    assert_eq!(begun["total"], 1);
    client.wait_for(|message| {
        message["method"] == "$/progress" && message["params"]["value"]["kind"] == "end"
    });
    assert!(client.shut_down().success());
}
