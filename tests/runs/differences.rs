//! What differs between two records.

use std::collections::BTreeMap;

use fastest_tests::case::Case;
use serde_json::Value;

use crate::launch::Runner;
use crate::record::Record;

/// Fixtures of these scopes live once in each worker.
const ONCE_A_WORKER: [&str; 2] = ["\"scope\":\"session\"", "\"scope\":\"package\""];

/// What differs, as text for people.
pub fn between(case: &Case, runner: Runner, expected: &Record, ours: &Record) -> Vec<String> {
    let spread = runner != Runner::Ours(1);
    let by_nature = spread && case.other("spread").is_some();
    let mut found = Vec::new();
    let mut unequal = |what: &str, left: String, right: String| {
        if left != right {
            found.push(format!("{what}\npytest:\n{left}\nours:\n{right}"));
        }
    };
    unequal("exit", format!("{:?}", expected.exit), format!("{:?}", ours.exit));
    for (id, reports) in tests(expected, ours) {
        unequal(&format!("test {id}"), reports.0, reports.1);
    }
    for kinds in [&["collect"][..], &["deselected"]] {
        unequal(kinds[0], set(expected, kinds), set(ours, kinds));
    }
    if spread {
        unequal("warnings", set(expected, &["warning"]), set(ours, &["warning"]));
    } else {
        unequal("warnings", list(expected, &["warning"]), list(ours, &["warning"]));
        unequal("order", order(expected), order(ours));
        unequal("session", list(expected, &["session"]), list(ours, &["session"]));
    }
    if !by_nature {
        unequal("fixtures", fixtures(expected, spread), fixtures(ours, spread));
        let closing = |record: &Record| without_warnings(&record.closing, spread);
        unequal("closing line", closing(expected), closing(ours));
    }
    if !found.is_empty() {
        found.push(format!("output of ours:\n{}", ours.output));
    }
    found
}

/// Of each test, in both: its reports, one a line, in order.
fn tests(expected: &Record, ours: &Record) -> BTreeMap<String, (String, String)> {
    let mut tests: BTreeMap<String, (String, String)> = BTreeMap::new();
    for event in expected.events(&["start", "report", "finish"]) {
        tests.entry(id_of(event)).or_default().0.push_str(&line(event));
    }
    for event in ours.events(&["start", "report", "finish"]) {
        tests.entry(id_of(event)).or_default().1.push_str(&line(event));
    }
    tests
}

fn id_of(event: &Value) -> String {
    event["id"].as_str().unwrap_or_default().to_owned()
}

fn line(event: &Value) -> String {
    // With several workers `tmp_path` lies in the worker's own folder, as with pytest-xdist.
    format!("  {event}\n").replace("/popen-gw0/", "/").replace("/popen-gw1/", "/")
}

fn list(record: &Record, kinds: &[&str]) -> String {
    record.events(kinds).map(line).collect()
}

fn set(record: &Record, kinds: &[&str]) -> String {
    let mut lines: Vec<String> = record.events(kinds).map(line).collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}

fn order(record: &Record) -> String {
    record.events(&["start"]).map(|event| format!("  {}\n", id_of(event))).collect()
}

/// Set-ups and teardowns between the starts of tests. With several workers only those of a test's
/// own scope are told test by test: which test is the first or last to need another depends on
/// where its neighbours run. Those that live once in each worker count once.
fn fixtures(record: &Record, spread: bool) -> String {
    let mut of_test: BTreeMap<String, String> = BTreeMap::new();
    let mut wide: Vec<String> = Vec::new();
    for events in &record.processes {
        let mut test = String::new();
        for event in events {
            match event["kind"].as_str() {
                Some("start") => test = id_of(event),
                Some("setup" | "teardown") if spread && event["scope"] != "function" => {
                    wide.push(line(event));
                }
                Some("setup" | "teardown") => {
                    of_test.entry(test.clone()).or_default().push_str(&line(event));
                }
                _ => {}
            }
        }
    }
    wide.sort();
    wide.dedup_by(|a, b| a == b && ONCE_A_WORKER.iter().any(|scope| a.contains(scope)));
    let told = of_test.into_iter().map(|(test, events)| format!("  {test}\n{events}"));
    told.chain(wide).collect()
}

/// With several workers a warning of a module that each of them imports is counted once for each.
fn without_warnings(closing: &str, spread: bool) -> String {
    let parts = closing.split(", ").filter(|part| !(spread && part.contains("warning")));
    parts.collect::<Vec<_>>().join(", ")
}
