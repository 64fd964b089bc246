//! Whatever is typed, the reports of it add up to the tree that the text has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, Project, explorer, uri};
use crate::items::{CART, Tree, shop};

type Items = BTreeMap<String, Value>;

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

/// All items of the file as a server has them that is started now.
fn afresh(project: &Project, path: &Path, text: &str) -> Tree {
    let (mut client, _) = Client::open(&project.dir, explorer());
    client.did_open(path, text);
    let mut tree = Tree::default();
    tree.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
    assert!(client.shut_down().success());
    tree
}

/// The items in which two trees differ.
fn differences(one: &Items, two: &Items) -> Vec<String> {
    let ids: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
    let others = ids.into_iter().filter(|id| one.get(*id) != two.get(*id));
    others.map(|id| format!("{:?}\nis not {:?}\n", one.get(id), two.get(id))).collect()
}

/// Reports of edits, one by one, add up to what is told when all is asked for, and, where the
/// file is whole, to what a server has that has seen no edit. `FASTEST_TEST_SEED` and
/// `FASTEST_TEST_CASES` choose other and more edits.
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
        let at = format!("seed {seed}, version {version}");
        // Now and then several changes at once, and now and then all is as it was, so that it does
        // not decay.
        let mut changes = Vec::new();
        if version % 20 == 0 {
            // To the end, far behind it, or without a range.
            let last = text.split('\n').count() + 1000 * usize::from(version % 40 == 0);
            let end = json!({"line": last, "character": 0});
            let all = json!({"start": {"line": 0, "character": 0}, "end": end});
            CART.clone_into(&mut text);
            changes.push(json!({"range": all, "text": text}));
            if version % 60 == 0 {
                changes = vec![json!({"text": text})];
            }
        }
        let times = if dice.below(8) == 0 { 3 } else { 1 };
        while changes.len() < times {
            let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            let (range, new) = edit(&mut dice, &lines);
            text = edited(&text, range, &new);
            let [line, from, end, to] = range;
            let range = json!({"start": {"line": line, "character": from},
                "end": {"line": end, "character": to}});
            changes.push(json!({"range": range, "text": new}));
        }
        let document = json!({"uri": uri(&path), "version": version});
        let params = json!({"textDocument": document, "contentChanges": changes});
        client.notify("textDocument/didChange", params);
        if dice.below(3) > 0 {
            continue;
        }
        client.result("fastest/discoverTests", json!({}));
        for (_, message) in std::mem::take(&mut client.seen) {
            if message["method"] == "fastest/testsChanged" {
                tree.apply(&message["params"]);
            }
        }
        let file = tree.item(&project.id("tests/test_cart.py")).expect("the file is told of");
        if version % 4 == 0 && file["stale"] != true {
            let fresh = afresh(&project, &path, &text);
            let others = differences(&tree.unsorted(), &fresh.unsorted());
            assert_eq!(others, [] as [&str; 0], "{at}, from one that is started now:\n{text}");
            assert_eq!(tree.shown(), fresh.shown(), "{at}:\n{text}");
        }
        // Asked for in between or not: what is told afterwards is the same.
        if dice.below(4) > 0 {
            continue;
        }
        let mut fresh = Tree::default();
        fresh.apply(&client.result("fastest/discoverTests", json!({"depth": "all"})));
        let others = differences(&tree.told(), &fresh.told());
        assert_eq!(others, [] as [&str; 0], "{at}:\n{text}");
    }
    assert!(client.shut_down().success());
}
