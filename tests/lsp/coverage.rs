//! Coverage: the numbers are coverage.py's own, test by test, of what stands in the editor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Client, Project, uri};
use crate::runs::{Told, open, run, settings, wait_for_pid};

const CART: &str = "\
import sys


class Cart:
    def total(self, prices, discount=0):
        if discount > 100:
            raise ValueError(
                'too much',
            )
        return sum(
            prices
        ) * (100 - discount) / 100

    def never(self):
        return 1


def describe(n):
    for _ in range(n):
        pass
    return 'some' if n else 'none'


if sys.platform == 'nowhere':  # pragma: no cover
    describe(0)
";

const TESTS: &str = "\
import pytest
from shop.cart import Cart, describe


@pytest.fixture
def cart():
    return Cart()


@pytest.mark.parametrize('discount', [0, 50])
def test_total(cart, discount):
    assert cart.total([2, 4], discount) == 6 * (100 - discount) / 100


def test_describe():
    assert describe(2) == 'some'
";

const FILES: [(&str, &str); 6] = [
    ("pytest.ini", "[pytest]\naddopts = -p no:cacheprovider\n"),
    (".coveragerc", "[run]\nbranch = True\nsource = shop\n"),
    ("shop/__init__.py", ""),
    ("shop/cart.py", CART),
    ("shop/unused.py", "def unused():\n    return 0\n"),
    ("tests/test_cart.py", TESTS),
];

/// Settings with coverage in the environment; `None` where there is none.
fn measuring() -> Option<Value> {
    let python = fastest_tests::full_python()?;
    Some(json!({"interpreter": python, "env": {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "."}}))
}

fn start(project: &Project, settings: &Value) -> Client {
    let mut client = open(project, settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    client
}

/// The files of the one `coverage` event, by URI.
fn files(told: &Told) -> BTreeMap<String, Value> {
    let events: Vec<&Value> = told.events.iter().filter(|e| e["type"] == "coverage").collect();
    assert_eq!(events.len(), 1, "{:#?}", told.events);
    let files = events[0]["files"].as_array().expect("a list").iter();
    files.map(|file| (file["uri"].as_str().expect("a URI").to_owned(), file.clone())).collect()
}

fn details(client: &mut Client, run_id: &str, path: &Path, item: Option<&str>) -> Value {
    let mut asked = json!({"runId": run_id, "uri": uri(path)});
    if let Some(item) = item {
        asked["itemId"] = json!(item);
    }
    client.result("fastest/fileCoverage", asked)
}

/// The lines, from 1, on which statements begin that ran, and those of the others.
fn lines(details: &Value) -> (Vec<u64>, Vec<u64>) {
    let of = |count: u64| {
        let statements = details["statements"].as_array().expect("a list").iter();
        let chosen = statements.filter(|statement| statement["count"] == count);
        let line = |s: &Value| s["range"]["start"]["line"].as_u64().expect("a number") + 1;
        chosen.map(line).collect()
    };
    (of(1), of(0))
}

fn branches(details: &Value, taken: bool) -> Vec<(i64, i64)> {
    let all = details["branches"].as_array().expect("a list").iter();
    let chosen = all.filter(|branch| branch["taken"] == taken);
    let number = |value: &Value| value.as_i64().expect("a number");
    chosen.map(|branch| (number(&branch["line"]), number(&branch["to"]))).collect()
}

/// Lines that a report counts as run. It lists more: the line 0 or 1 of an empty module, and those
/// that ran although they do not count.
fn executed(report: &Value) -> Vec<u64> {
    if report["summary"]["num_statements"] == 0 {
        return Vec::new();
    }
    let of =
        |name: &str| -> Vec<u64> { serde_json::from_value(report[name].clone()).expect("numbers") };
    let excluded = of("excluded_lines");
    of("executed_lines").into_iter().filter(|line| !excluded.contains(line)).collect()
}

/// What coverage itself says, by URI.
fn oracle(project: &Project, arguments: &[&str]) -> BTreeMap<String, Value> {
    let python = fastest_tests::full_python().expect("it is there");
    let data = tempfile::tempdir().expect("a folder can be made");
    let coverage = |arguments: &[&str]| {
        let done = Command::new(&python)
            .args(["-m", "coverage"])
            .args(arguments)
            .current_dir(&project.dir)
            .env("COVERAGE_FILE", data.path().join("data"))
            .envs([("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONPATH", ".")])
            .stdout(Stdio::null())
            .status();
        assert!(done.expect("it starts").success());
    };
    coverage(&[&["run"], arguments, &["-m", "pytest", "-q"]].concat());
    let report = data.path().join("report.json");
    coverage(&["json", "-o", report.to_str().expect("it is a text")]);
    let text = std::fs::read(report).expect("it was written");
    let report: Value = serde_json::from_slice(&text).expect("it is JSON");
    let files = report["files"].as_object().expect("files by name");
    files.iter().map(|(name, file)| (uri(&project.path(name)), file.clone())).collect()
}

/// Compares all numbers and lines with coverage's own.
fn check(client: &mut Client, project: &Project, run_id: &str, told: &Told, arguments: &[&str]) {
    let (found, expected) = (files(told), oracle(project, arguments));
    assert!(found.keys().eq(expected.keys()), "{found:#?}\n{:?}", expected.keys());
    for (uri, theirs) in expected {
        let (ours, summary) = (&found[&uri], &theirs["summary"]);
        let count =
            json!({"covered": summary["covered_lines"], "total": summary["num_statements"]});
        assert_eq!(ours["statements"], count, "{uri}");
        let asked = json!({"runId": run_id, "uri": uri});
        let details = client.result("fastest/fileCoverage", asked);
        let (ran, missed) = lines(&details);
        assert_eq!(ran, executed(&theirs), "{uri}");
        assert_eq!(json!(missed), theirs["missing_lines"], "{uri}");
        if summary["num_branches"].is_null() {
            assert_eq!((&ours["branches"], &details["branches"]), (&Value::Null, &json!([])));
            continue;
        }
        let count =
            json!({"covered": summary["covered_branches"], "total": summary["num_branches"]});
        assert_eq!(ours["branches"], count, "{uri}");
        for (name, taken) in [("executed_branches", true), ("missing_branches", false)] {
            let mut theirs: Vec<(i64, i64)> =
                serde_json::from_value(theirs[name].clone()).expect("pairs");
            theirs.iter_mut().for_each(|(_, to)| *to = (*to).max(-1));
            theirs.sort_unstable();
            let mut ours = branches(&details, taken);
            ours.sort_unstable();
            assert_eq!(ours, theirs, "{name} of {uri}");
        }
    }
}

/// All files of a project but those of pytest's cache, where we keep our outlines.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("it is there").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true if entry.file_name() == ".pytest_cache" => {}
            true => found.extend(listed(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

/// Whether data of a server are left in the temporary folder.
fn are_data_left(pid: u32) -> bool {
    let entries = std::fs::read_dir(std::env::temp_dir()).expect("it is there").flatten();
    let prefix = format!("fastest-coverage-{pid}-");
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
}

#[test]
fn numbers_are_coverages_own() {
    let Some(settings) = measuring() else { return };
    let project = Project::new(&FILES);
    let before = listed(&project.dir);
    let mut client = start(&project, &settings);
    let told = run(&mut client, json!({"runId": "1", "mode": "coverage"}));
    assert_eq!(told.ended["exitCode"], 0, "{:#?}", told.events);
    check(&mut client, &project, "1", &told, &[]);
    let cart = &files(&told)[&uri(&project.path("shop/cart.py"))];
    assert_eq!(cart["functions"], json!({"covered": 2, "total": 3}));
    let report = told.events.iter().filter(|event| event["stream"] == "report");
    let said: String = report.map(|event| event["text"].as_str().expect("a text")).collect();
    let sums = "coverage: 72%, 10 of 14 statements, 3 of 4 branches in 3 files\n";
    assert!(said.ends_with(sums), "{said}");
    // Several workers and one are as good; other runs measure nothing.
    let told = run(&mut client, json!({"runId": "2", "mode": "coverage", "workers": 2}));
    check(&mut client, &project, "2", &told, &[]);
    let told = run(&mut client, json!({"runId": "3"}));
    assert!(!told.events.iter().any(|event| event["type"] == "coverage"));
    assert_eq!(listed(&project.dir), before, "nothing is written into the project");
    let pid = client.pid();
    assert!(client.shut_down().success());
    assert!(!are_data_left(pid));
}

#[test]
fn without_a_configuration_the_root_is_measured() {
    let Some(settings) = measuring() else { return };
    let bare = FILES.into_iter().filter(|(name, _)| *name != ".coveragerc");
    let bare: Vec<(&str, &str)> = bare.collect();
    let project = Project::new(&bare);
    let mut client = start(&project, &settings);
    let told = run(&mut client, json!({"runId": "1", "mode": "coverage"}));
    check(&mut client, &project, "1", &told, &["--source=."]);
    assert!(files(&told).contains_key(&uri(&project.path("tests/test_cart.py"))));
    // Options of pytest-cov among pytest's arguments say it too.
    project
        .write("pytest.ini", "[pytest]\naddopts = -p no:cacheprovider --cov=shop --cov-branch\n");
    let arguments = json!(["--cov=shop", "--cov-branch"]);
    let asked = json!({"runId": "2", "mode": "coverage", "extraArgs": arguments});
    let told = run(&mut client, asked);
    project.write("pytest.ini", FILES[0].1);
    check(&mut client, &project, "2", &told, &["--source=shop", "--branch"]);
    assert!(client.shut_down().success());
}

#[test]
fn each_test_has_its_own() {
    let Some(settings) = measuring() else { return };
    let project = Project::new(&FILES);
    let mut client = start(&project, &settings);
    let told = run(&mut client, json!({"runId": "1", "mode": "coverage"}));
    let id = |test: &str| project.id(&format!("tests/test_cart.py::{test}"));
    let path = project.path("shop/cart.py");
    let cart = &files(&told)[&uri(&path)];
    let mut ids: Vec<String> = serde_json::from_value(cart["itemIds"].clone()).expect("a list");
    ids.sort();
    assert_eq!(ids, [id("test_describe"), id("test_total[0]"), id("test_total[50]")]);
    let described = details(&mut client, "1", &path, Some(&id("test_describe")));
    assert_eq!(lines(&described).0, [19, 20, 21]);
    assert_eq!(branches(&described, true), [(19, 20), (19, 21)]);
    let total = details(&mut client, "1", &path, Some(&id("test_total")));
    assert_eq!(lines(&total).0, [6, 10]);
    // Statements of several lines are marked as a whole.
    let range = &total["statements"][5]["range"];
    assert_eq!((&range["start"]["line"], &range["end"]["line"]), (&json!(9), &json!(11)));
    let functions = total["functions"].as_array().expect("a list").iter();
    let functions: Vec<_> = functions.map(|f| (f["name"].as_str(), f["count"].as_u64())).collect();
    let expected = [("Cart.total", 1), ("Cart.never", 0), ("describe", 0)];
    assert_eq!(functions, expected.map(|(name, count)| (Some(name), Some(count))));
    let all = details(&mut client, "1", &path, Some(&project.id("")));
    assert_eq!(lines(&all).0, [6, 10, 19, 20, 21]);
    assert_eq!(details(&mut client, "1", &path, None)["itemIds"], cart["itemIds"]);
    for (run_id, path) in [("never", &path), ("1", &project.path("pytest.ini"))] {
        let asked = json!({"runId": run_id, "uri": uri(path)});
        assert_eq!(client.request("fastest/fileCoverage", asked)["error"]["code"], -32602);
    }
    // The last four are kept.
    for run_id in ["2", "3", "4", "5"] {
        let include = [id("test_describe")];
        run(&mut client, json!({"runId": run_id, "mode": "coverage", "include": include}));
    }
    assert_eq!(lines(&details(&mut client, "2", &path, None)).1, [6, 7, 10, 15]);
    let asked = json!({"runId": "1", "uri": uri(&path)});
    assert_eq!(client.request("fastest/fileCoverage", asked)["error"]["code"], -32602);
    assert!(client.shut_down().success());
}

#[test]
fn an_unsaved_document_is_measured_as_it_stands() {
    let Some(settings) = measuring() else { return };
    let project = Project::new(&FILES);
    let mut client = start(&project, &settings);
    let path = project.path("shop/cart.py");
    client.did_open(&path, CART);
    client.did_change(&path, 2, [2, 0, 2, 0], "\n\n\nADDED = (\n    'ü',\n)\n\n\n");
    let told = run(&mut client, json!({"runId": "1", "mode": "coverage"}));
    let statements = &files(&told)[&uri(&path)]["statements"];
    assert_eq!(statements, &json!({"covered": 11, "total": 13}));
    let found = details(&mut client, "1", &path, None);
    let (ran, missed) = lines(&found);
    assert_eq!(ran, [1, 6, 12, 13, 14, 18, 22, 26, 27, 28, 29]);
    assert_eq!(missed, [15, 23]);
    let told = run(&mut client, json!({"runId": "2", "mode": "coverage", "source": "disk"}));
    let statements = &files(&told)[&uri(&path)]["statements"];
    assert_eq!(statements, &json!({"covered": 10, "total": 12}));
    assert!(client.shut_down().success());
}

#[test]
fn without_coverage_the_sentence_says_how_to_install_it() {
    let Some(settings) = settings() else { return };
    let project = Project::new(&FILES);
    let mut client = start(&project, &settings);
    let answer = client.result("fastest/runTests", json!({"runId": "1", "mode": "coverage"}));
    assert_eq!((&answer["accepted"], &answer["reason"]), (&json!(false), &json!("noCoverage")));
    let message = answer["message"].as_str().expect("a text");
    assert!(message.contains("-m pip install coverage"), "{message}");
    assert!(client.shut_down().success());
    // Where it may be hidden somewhere, the run itself says so.
    let mut hidden = settings;
    hidden["env"]["PYTHONPATH"] = json!("nowhere");
    let mut client = start(&project, &hidden);
    let told = run(&mut client, json!({"runId": "1", "mode": "coverage"}));
    let message = told.ended["message"].as_str().expect("a text");
    assert!(message.contains("-m pip install coverage"), "{message}");
    assert!(!told.events.iter().any(|event| event["type"] == "coverage"));
    let pid = client.pid();
    assert!(client.shut_down().success());
    assert!(!are_data_left(pid));
}

#[test]
fn a_cancelled_run_covers_nothing_and_leaves_nothing() {
    let Some(settings) = measuring() else { return };
    let text = "import time, os\n\ndef test_long():\n    open('pid', 'w').write(str(os.getpid()))\n    time.sleep(600)\n";
    let project = Project::new(&[("pytest.ini", FILES[0].1), ("test_x.py", text)]);
    let mut client = start(&project, &settings);
    client.result("fastest/runTests", json!({"runId": "1", "mode": "coverage"}));
    wait_for_pid(&project.path("pid"));
    client.result("fastest/cancelRun", json!({"runId": "1"}));
    let told = Told::hear(&mut client, "1");
    assert_eq!(told.ended["outcome"], "cancelled");
    assert!(!told.events.iter().any(|event| event["type"] == "coverage"));
    assert!(!are_data_left(client.pid()));
    let names = listed(&project.dir);
    let names: Vec<_> = names.iter().filter_map(|path| path.file_name()).collect();
    assert_eq!(names, ["pid", "pytest.ini", "test_x.py"]);
    assert!(client.shut_down().success());
}

#[test]
fn a_wrong_configuration_is_said() {
    let Some(settings) = measuring() else { return };
    let mut project = FILES;
    project[1].1 = "[run]\nbranch = perhaps\n";
    let project = Project::new(&project);
    let mut client = start(&project, &settings);
    let told = run(&mut client, json!({"runId": "1", "mode": "coverage"}));
    let message = told.ended["message"].as_str().expect("a text");
    assert!(message.contains(".coveragerc: Not a boolean: perhaps"), "{message}");
    assert!(client.shut_down().success());
}

#[test]
fn what_a_worker_had_measured_when_it_died_is_said_to_be_lost() {
    let Some(settings) = measuring() else { return };
    let died = ("test_dies.py", "import os\ndef test_dies():\n    os._exit(1)\n");
    let project = Project::new(&[&FILES[..], &[died]].concat());
    let mut client = start(&project, &settings);
    let told = run(&mut client, json!({"runId": "1", "mode": "coverage"}));
    assert_eq!(told.outcome(&project.id("test_dies.py::test_dies")), "failed");
    let output = told.events.iter().filter_map(|event| event["text"].as_str());
    let output: String = output.collect();
    assert!(output.contains("WARNING: a worker died, and what its tests had covered"), "{output}");
    assert!(client.shut_down().success());
}
