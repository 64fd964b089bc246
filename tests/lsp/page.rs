//! The examples of `docs/test-protocol.md` are what is really said.

use serde_json::{Value, json};

use crate::client::{Client, Project, uri};
use crate::items::CART;
use crate::runs::{open, settings};

/// Members whose values are of the moment: only their types are compared.
const OF_THE_MOMENT: [&str; 8] =
    ["durationMs", "bodyHash", "generation", "seq", "sortText", "worker", "text", "version"];

/// The page's example of that name.
fn example(name: &str, project: &Project) -> Value {
    let page = include_str!("../../docs/test-protocol.md");
    let mark = format!("<!-- traffic: {name} -->\n```json\n");
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("no example {name}"));
    let (text, _) = rest.split_once("```").expect("the block ends");
    let text = text.replace("file:///home/me/shop", &uri(&project.dir));
    serde_json::from_str(&text).expect("examples are JSON")
}

/// Whether all that an example shows is in a real message.
fn shows(example: &Value, real: &Value) -> bool {
    match (example, real) {
        (Value::Object(example), Value::Object(real)) => example.iter().all(|(name, value)| {
            real.get(name).is_some_and(|real| {
                let same_type = std::mem::discriminant(value) == std::mem::discriminant(real);
                if OF_THE_MOMENT.contains(&name.as_str()) { same_type } else { shows(value, real) }
            })
        }),
        // Examples leave things out.
        (Value::Array(example), Value::Array(real)) => {
            example.iter().all(|value| real.iter().any(|real| shows(value, real)))
        }
        (example, real) => example == real,
    }
}

#[track_caller]
fn check(name: &str, real: &Value, project: &Project) {
    let example = example(name, project);
    assert!(
        shows(&example, real),
        "{name}: the page says {example:#}, and this was said: {real:#}"
    );
}

const SHOP: &str = "\
def total(prices):
    if not prices:
        return 0
    return sum(prices)
";

fn asked(client: &mut Client, name: &str, project: &Project) -> Value {
    let example = example(name, project);
    client.result(example["method"].as_str().expect("a method"), example["params"].clone())
}

#[test]
fn the_examples_of_the_page_are_real() {
    let Some(settings) = settings() else { return };
    let ini = "[pytest]\nmarkers = slow\n";
    let project = Project::new(&[("pytest.ini", ini), ("tests/test_cart.py", CART)]);
    let mut client = open(&project, &settings);
    // A root that has been read tells more of itself than the example.
    let roots = asked(&mut client, "discover-root", &project);
    check("discover-root-result", &roots, &project);
    let file = asked(&mut client, "discover-file", &project);
    check("discover-file-result", &file, &project);
    let run = asked(&mut client, "run", &project);
    check("run-result", &run, &project);
    let mut events = Vec::new();
    let ended = loop {
        let message = client.wait_for(|m| m["params"]["runId"] == "r1");
        match message["method"].as_str() {
            Some("fastest/runEnded") => break message,
            _ => events.extend(message["params"]["events"].as_array().expect("a list").clone()),
        }
    };
    let all = json!({"method": "fastest/runEvents", "params": {"runId": "r1", "seq": 1, "events": events}});
    check("run-events", &all, &project);
    check("run-ended", &ended, &project);
    let path = project.path("tests/test_cart.py");
    client.did_open(&path, CART);
    client.did_change(&path, 2, [20, 0, 20, 0], "\n    def test_full(self):\n        pass\n");
    let changed = client
        .wait_for(|m| m["method"] == "fastest/testsChanged" && m.to_string().contains("test_full"));
    check("tests-changed", &changed, &project);
    client.did_change(&path, 3, [0, 0, 0, 0], "\n\n");
    let moved = client.wait_for(|m| m["params"]["moved"][0]["version"] == 3);
    check("tests-moved", &moved, &project);
    assert!(client.shut_down().success());
}

#[test]
fn the_examples_of_coverage_are_real() {
    let Some(python) = fastest_tests::full_python() else { return };
    let settings = json!({"interpreter": python});
    let project = Project::new(&[
        ("pytest.ini", "[pytest]\npythonpath = .\n"),
        (".coveragerc", "[run]\nbranch = True\nsource = shop\n"),
        ("shop/__init__.py", ""),
        ("shop/cart.py", SHOP),
        (
            "tests/test_cart.py",
            "from shop.cart import total\n\ndef test_total():\n    assert total([1]) == 1\n",
        ),
    ]);
    let mut client = open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let told = crate::runs::run(&mut client, json!({"runId": "c1", "mode": "coverage"}));
    let event = told.events.iter().find(|event| event["type"] == "coverage");
    check("coverage", event.expect("it is told"), &project);
    let file = asked(&mut client, "file-coverage", &project);
    check("file-coverage-result", &file, &project);
    assert!(client.shut_down().success());
}
