//! Test items: discovery by level, deltas, broken files.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, Project, explorer, uri};

/// A small test file with every kind of item.
pub const CART: &str = "\
import pytest


def total(prices):
    return sum(prices)


@pytest.mark.slow
@pytest.mark.parametrize(\"prices, expected\", [
    ([], 0),
    pytest.param([1, 2], 4, id=\"two\"),
])
def test_total(prices, expected):
    assert total(prices) == expected


class TestCart:
    def test_empty(self):
        print(\"looking\")
        assert total([]) == 0
";

pub fn shop() -> Project {
    Project::new(&[("pytest.ini", "[pytest]\nmarkers = slow\n"), ("tests/test_cart.py", CART)])
}

/// A client's tree: reports applied as the page says.
#[derive(Default)]
pub struct Tree {
    items: BTreeMap<String, Value>,
}

impl Tree {
    /// Applies a report.
    pub fn apply(&mut self, report: &Value) {
        for moved in report["moved"].as_array().into_iter().flatten() {
            self.shift(moved);
        }
        for id in report["removed"].as_array().expect("a list") {
            self.remove(id.as_str().expect("an id"));
        }
        let items = report["items"].as_array().expect("a list");
        for item in items {
            let parent = &item["parent"];
            assert!(
                parent.is_null() || self.items.contains_key(parent.as_str().expect("an id")),
                "an item came before its parent: {item}"
            );
            self.items.insert(item["id"].as_str().expect("an id").to_owned(), item.clone());
        }
        for scope in report["scopes"].as_array().expect("a list") {
            let listed = |id: &String| items.iter().any(|item| item["id"] == **id);
            let children = self.items.iter().filter(|(_, item)| item["parent"] == *scope);
            let gone: Vec<String> =
                children.map(|(id, _)| id.clone()).filter(|id| !listed(id)).collect();
            gone.iter().for_each(|id| self.remove(id));
        }
    }

    fn shift(&mut self, moved: &Value) {
        let file = moved["id"].as_str().expect("an id");
        assert!(self.items.contains_key(file), "what has moved is not known: {moved}");
        let below: Vec<String> =
            self.items.keys().filter(|id| self.is_below(id, file)).cloned().collect();
        let (from, lines) =
            (moved["fromLine"].as_i64(), moved["lines"].as_i64().expect("a number"));
        for id in below {
            let item = self.items.get_mut(&id).expect("it is known");
            item["version"] = moved["version"].clone();
            for place in ["range", "nameRange"] {
                for end in ["start", "end"] {
                    let line = item.get_mut(place).map(|range| &mut range[end]["line"]);
                    if let Some(line) = line.filter(|line| line.as_i64() >= from) {
                        *line = (line.as_i64().expect("a number") + lines).into();
                    }
                }
            }
        }
    }

    fn is_below(&self, id: &str, above: &str) -> bool {
        let mut parent = self.items[id]["parent"].as_str();
        while let Some(id) = parent {
            if id == above {
                return true;
            }
            parent = self.items.get(id).and_then(|item| item["parent"].as_str());
        }
        false
    }

    fn remove(&mut self, id: &str) {
        self.items.remove(id);
        let below = self.items.iter().filter(|(_, item)| item["parent"] == id);
        let below: Vec<String> = below.map(|(id, _)| id.clone()).collect();
        below.iter().for_each(|id| self.remove(id));
    }

    /// All items as they were told of, but for the document's version: that alone is no news.
    pub fn told(&self) -> BTreeMap<String, Value> {
        let mut items = self.items.clone();
        for item in items.values_mut() {
            item.as_object_mut().expect("an item").remove("version");
        }
        items
    }

    /// The same without the keys that they are sorted by, which depend on what was told before.
    pub fn unsorted(&self) -> BTreeMap<String, Value> {
        let mut items = self.told();
        for item in items.values_mut() {
            item.as_object_mut().expect("an item").remove("sortText");
        }
        items
    }

    /// The item with an id.
    pub fn item(&self, id: &str) -> Option<&Value> {
        self.items.get(id)
    }

    /// Labels by level, in order.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        self.show(&Value::Null, 0, &mut text);
        text
    }

    fn show(&self, parent: &Value, depth: usize, text: &mut String) {
        let mut children: Vec<&Value> =
            self.items.values().filter(|item| item["parent"] == *parent).collect();
        children.sort_by_key(|item| item["sortText"].as_str().map(str::to_owned));
        for child in children {
            let stale = if child["stale"] == true { " (stale)" } else { "" };
            let label = child["label"].as_str().expect("a label");
            text.push_str(&format!("{:1$}{label}{stale}\n", "", depth * 2));
            self.show(&child["id"], depth + 1, text);
        }
    }
}

/// The next report that is about more than the roots.
fn next_report(client: &mut Client) -> Value {
    let matters = |report: &Value| {
        report["removed"] != json!([])
            || report.get("moved").is_some()
            || report["items"].as_array().expect("a list").iter().any(|i| i["kind"] != "root")
    };
    let wanted = |m: &Value| m["method"] == "fastest/testsChanged" && matters(&m["params"]);
    client.wait_for(wanted)["params"].clone()
}

#[test]
fn items_come_level_by_level() {
    let project = shop();
    let (mut client, _) = Client::open(&project.dir, explorer());
    let mut tree = Tree::default();
    tree.apply(&client.result("fastest/discoverTests", json!({})));
    assert_eq!(tree.shown(), "shop\n");
    tree.apply(&client.result("fastest/discoverTests", json!({"itemId": project.id("")})));
    assert_eq!(tree.shown(), "shop\n  tests\n");
    tree.apply(&client.result("fastest/discoverTests", json!({"itemId": project.id("tests")})));
    let file = project.id("tests/test_cart.py");
    assert_eq!(tree.items[&file]["testCount"], 3);
    tree.apply(&client.result("fastest/discoverTests", json!({"itemId": file})));
    assert_eq!(
        tree.shown(),
        "shop\n  tests\n    test_cart.py\n      test_total\n        prices0-0\n        two\n      \
         TestCart\n        test_empty\n"
    );
    let two = &tree.items[&project.id("tests/test_cart.py::test_total[two]")];
    assert_eq!(two["range"]["start"], json!({"line": 10, "character": 4}));
    assert_eq!(two["tags"], json!(["mark:parametrize", "mark:slow"]));
    let test = &tree.items[&project.id("tests/test_cart.py::test_total")];
    assert_eq!(test["nameRange"]["start"], json!({"line": 12, "character": 4}));
    let unknown = client.request("fastest/discoverTests", json!({"itemId": "nothing"}));
    assert_eq!(unknown["error"]["code"], -32602);
    assert!(client.shut_down().success());
}

#[test]
fn edits_send_what_they_changed_and_nothing_else() {
    let project = shop();
    let (mut client, _) = Client::open(&project.dir, explorer());
    let mut tree = Tree::default();
    tree.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
    let path = project.path("tests/test_cart.py");
    client.did_open(&path, CART);
    client.did_change(&path, 2, [20, 0, 20, 0], "\n    def test_full(self):\n        pass\n");
    let report = client.wait_for(|m| {
        m["method"] == "fastest/testsChanged" && m["params"].to_string().contains("test_full")
    });
    let report = &report["params"];
    let ids: Vec<&str> =
        report["items"].as_array().unwrap().iter().map(|i| i["label"].as_str().unwrap()).collect();
    // Counts of what holds it change as well.
    assert_eq!(ids, ["shop", "tests", "test_cart.py", "TestCart", "test_full"]);
    assert_eq!(report["items"][4]["version"], 2);
    tree.apply(report);
    assert!(tree.shown().ends_with("TestCart\n        test_empty\n        test_full\n"));
    // Typing within a test changes it, and moves the tests behind it; ids stay.
    client.did_change(&path, 3, [13, 4, 13, 4], "x = 1\n    ");
    let report = next_report(&mut client);
    let ids: Vec<&str> =
        report["items"].as_array().unwrap().iter().map(|i| i["label"].as_str().unwrap()).collect();
    assert_eq!(ids, ["test_total"]);
    let file = project.id("tests/test_cart.py");
    assert_eq!(report["moved"], json!([{"id": file, "version": 3, "fromLine": 14, "lines": 1}]));
    tree.apply(&report);
    // A line above all moves all, and changes nothing.
    client.did_change(&path, 4, [0, 0, 0, 0], "# first\n");
    let report = next_report(&mut client);
    assert_eq!((&report["items"], &report["moved"][0]["fromLine"]), (&json!([]), &json!(0)));
    tree.apply(&report);
    // A test that goes.
    client.did_change(&path, 5, [23, 0, 25, 0], "");
    let report = next_report(&mut client);
    assert_eq!(report["removed"], json!([project.id("tests/test_cart.py::TestCart::test_full")]));
    tree.apply(&report);
    let again = client.result("fastest/discoverTests", json!({"depth": "all"}));
    let mut fresh = Tree::default();
    fresh.apply(&again);
    assert_eq!(tree.told(), fresh.told());
    assert!(client.shut_down().success());
}

#[test]
fn a_file_that_does_not_parse_keeps_its_items() {
    let project = shop();
    let (mut client, _) = Client::open(&project.dir, explorer());
    let mut tree = Tree::default();
    tree.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
    let path = project.path("tests/test_cart.py");
    let before = tree.shown();
    client.did_open(&path, CART);
    client.did_change(&path, 2, [12, 15, 12, 32], "(");
    let report = next_report(&mut client);
    tree.apply(&report);
    let shown = tree.shown();
    // What is below the file is stale with it.
    assert_eq!(shown, before.replace("test_cart.py", "test_cart.py (stale)"));
    let file = &tree.items[&project.id("tests/test_cart.py")];
    assert!(file["error"]["message"].as_str().unwrap().contains("SyntaxError"), "{file}");
    // What is lost moves with the text around it.
    client.did_change(&path, 3, [0, 0, 0, 0], "\n\n");
    let report = next_report(&mut client);
    assert!(report["items"].as_array().unwrap().iter().all(|i| i["kind"] == "file"), "{report}");
    tree.apply(&report);
    client.did_change(&path, 4, [14, 15, 14, 16], "prices, expected)");
    tree.apply(&next_report(&mut client));
    let mut fresh = Tree::default();
    fresh.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
    assert_eq!(tree.told(), fresh.told());
    assert_eq!(tree.shown(), before);
    assert!(client.shut_down().success());
}

#[test]
fn files_that_come_and_go_are_followed() {
    let project = shop();
    let (mut client, _) = Client::open(&project.dir, explorer());
    let mut tree = Tree::default();
    tree.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
    let new = project.write("tests/unit/test_new.py", "def test_new(): pass\n");
    let changed = |kind: u8| json!({"changes": [{"uri": uri(&new), "type": kind}]});
    client.notify("workspace/didChangeWatchedFiles", changed(1));
    let has = |m: &Value| m["method"] == "fastest/testsChanged" && m.to_string().contains("unit");
    tree.apply(&client.wait_for(has)["params"]);
    assert!(tree.shown().contains("  tests\n    test_cart.py"), "{}", tree.shown());
    assert!(tree.shown().contains("    unit\n"), "{}", tree.shown());
    std::fs::remove_dir_all(project.path("tests/unit")).unwrap();
    client.notify("workspace/didChangeWatchedFiles", changed(3));
    tree.apply(&client.wait_for(has)["params"]);
    assert!(!tree.shown().contains("unit"), "{}", tree.shown());
    client.idle(Duration::from_millis(100));
    assert!(client.shut_down().success());
}
