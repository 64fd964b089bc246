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

fn shop() -> Project {
    Project::new(&[("pytest.ini", "[pytest]\nmarkers = slow\n"), ("tests/test_cart.py", CART)])
}

/// A client's tree: reports applied as the page says.
#[derive(Default)]
struct Tree {
    items: BTreeMap<String, Value>,
}

impl Tree {
    fn apply(&mut self, report: &Value) {
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

    fn remove(&mut self, id: &str) {
        self.items.remove(id);
        let below = self.items.iter().filter(|(_, item)| item["parent"] == id);
        let below: Vec<String> = below.map(|(id, _)| id.clone()).collect();
        below.iter().for_each(|id| self.remove(id));
    }

    /// All items as they were told of, but for the document's version: that alone is no news.
    fn told(&self) -> BTreeMap<String, Value> {
        let mut items = self.items.clone();
        for item in items.values_mut() {
            item.as_object_mut().expect("an item").remove("version");
        }
        items
    }

    /// Labels by level, in order.
    fn shown(&self) -> String {
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
    // Typing within a test moves its end and the tests behind it; ids stay.
    client.did_change(&path, 3, [13, 4, 13, 4], "x = 1\n    ");
    let report = next_report(&mut client);
    let ids: Vec<&str> =
        report["items"].as_array().unwrap().iter().map(|i| i["label"].as_str().unwrap()).collect();
    assert_eq!(ids, ["test_total", "TestCart", "test_empty", "test_full"]);
    tree.apply(&report);
    // A test that goes.
    client.did_change(&path, 4, [22, 0, 24, 0], "");
    let report = next_report(&mut client);
    assert_eq!(report["removed"], json!([project.id("tests/test_cart.py::TestCart::test_full")]));
    tree.apply(&report);
    let again = client.result("fastest/discoverTests", json!({"depth": "all"}));
    let mut fresh = Tree::default();
    fresh.apply(&again);
    assert_eq!(tree.shown(), fresh.shown());
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
    assert_eq!(shown.replace(" (stale)", ""), before);
    for label in ["test_total (stale)", "two (stale)", "test_empty (stale)"] {
        assert!(shown.contains(label), "{shown}");
    }
    let file = &tree.items[&project.id("tests/test_cart.py")];
    assert!(file["error"]["message"].as_str().unwrap().contains("SyntaxError"), "{file}");
    client.did_change(&path, 3, [12, 15, 12, 16], "prices, expected)");
    tree.apply(&next_report(&mut client));
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

/// What is typed: whole lines, and keys within them.
const LINES: [&str; 19] = [
    "",
    "# a comment",
    "import pytest",
    "CASES = [1, 2]",
    "def test_one():",
    "def test_two(number):",
    "@pytest.mark.parametrize(\"number\", [1, 2])",
    "@pytest.mark.parametrize(\"number\", CASES)",
    "@pytest.mark.slow",
    "pytestmark = pytest.mark.slow",
    "class TestA:",
    "class TestB(TestA):",
    "    def test_in(self):",
    "    pass",
    "        pass",
    "    x = (",
    "@pytest.fixture(params=[1, 2], scope=\"module\")\ndef wide(request): pass",
    "def test_wide(wide):",
    "def test_all(wide, number):",
];
const KEYS: [&str; 8] = ["x", "1", " ", "(", ")", ":", "_new", "\"\"\""];

/// A small generator of numbers, repeatable by its seed (Lehmer's).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        usize::try_from(self.0).expect("it is small") % limit.max(1)
    }
}

/// A line or some keys come or go: the range and what stands there then.
fn edit(dice: &mut Dice, lines: &[String]) -> ([u32; 4], String) {
    let line = dice.below(lines.len());
    let at = u32::try_from(line).expect("it is small");
    let place = |column: usize| u32::try_from(column).expect("it is small");
    match dice.below(4) {
        0 => ([at, 0, at, 0], format!("{}\n", LINES[dice.below(LINES.len())])),
        1 => ([at, 0, at + 1, 0], String::new()),
        2 => {
            let column = place(dice.below(lines[line].len() + 1));
            ([at, column, at, column], KEYS[dice.below(KEYS.len())].to_owned())
        }
        _ => {
            let from = dice.below(lines[line].len() + 1);
            let to = (from + 2).min(lines[line].len());
            ([at, place(from), at, place(to)], String::new())
        }
    }
}

fn edited(text: &str, [line, from, end, to]: [u32; 4], new: &str) -> String {
    let offset = |line: u32, column: u32| {
        let before: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
        (before + column as usize).min(text.len())
    };
    let (start, end) = (offset(line, from), offset(end, to));
    format!("{}{new}{}", &text[..start], &text[end..])
}

/// Reports of edits, one by one, add up to what is told when all is asked for. `FASTEST_TEST_SEED`
/// and `FASTEST_TEST_CASES` choose other and more edits.
#[test]
fn edits_in_any_order_add_up() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let seed = number("FASTEST_TEST_SEED", 20_261_130);
    eprintln!("FASTEST_TEST_SEED={seed}");
    let mut dice = Dice(seed % 2_147_483_646 + 1);
    let project = shop();
    let path = project.path("tests/test_cart.py");
    let (mut client, _) = Client::open(&project.dir, explorer());
    let mut tree = Tree::default();
    tree.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
    client.did_open(&path, CART);
    let mut text = CART.to_owned();
    for version in 2..number("FASTEST_TEST_CASES", 300) {
        let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        // Now and then it is as it was, so that it does not decay.
        let ([line, from, end, to], new) = if version % 20 == 0 {
            ([0, 0, u32::try_from(lines.len()).expect("it is small"), 0], CART.to_owned())
        } else {
            edit(&mut dice, &lines)
        };
        text = edited(&text, [line, from, end, to], &new);
        client.did_change(
            &path,
            i64::try_from(version).expect("small"),
            [line, from, end, to],
            &new,
        );
        if dice.below(3) > 0 {
            continue;
        }
        client.result("fastest/discoverTests", json!({}));
        for (_, message) in std::mem::take(&mut client.seen) {
            if message["method"] == "fastest/testsChanged" {
                tree.apply(&message["params"]);
            }
        }
        let mut fresh = Tree::default();
        fresh.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
        assert_eq!(tree.told(), fresh.told(), "seed {seed}, version {version}:\n{text}");
    }
    assert!(client.shut_down().success());
}
