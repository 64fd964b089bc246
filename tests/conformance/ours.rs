//! `fastest-lsp --collect-only` on the same project, and what differs from pytest.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::oracle::{Collected, Oracle, clean_environment, listing};
use fastest_tests::case::{Case, Project};

/// What differs in one run; empty where ours is right.
pub fn differences(
    case: &Case,
    project: &Project,
    run: &[String],
    expected: &Collected,
    binary: &Path,
    oracle: &Oracle,
) -> Vec<String> {
    let mut found = Vec::new();
    let call = |extra: &[&str]| start(project, run, binary, oracle, extra);
    let quiet = call(&["-q"]);
    let exit = quiet.status.code().map_or(-1, i64::from);
    if exit != expected.exit {
        let stderr = String::from_utf8_lossy(&quiet.stderr);
        let stderr = stderr.trim_end();
        found.push(format!("exit code {exit}, pytest's is {}\n{stderr}", expected.exit));
    }
    found.extend(unsaid_errors(case, expected, &quiet));
    let lines = String::from_utf8_lossy(&quiet.stdout).into_owned();
    let lines = listing(&lines);
    if expected.exit == USAGE_ERROR {
        return found;
    }
    if lines == expected.listing() && case.runtime.is_empty() {
        return found;
    }
    match items(&call(&["--format", "json"])) {
        Ok(items) => {
            let in_items = compare_items(case, &items, expected);
            if in_items.is_empty()
                && unexpanded(&items).next().is_none()
                && lines != expected.listing()
            {
                found.push(format!("-q prints otherwise:\n  {}", lines.join("\n  ")));
            }
            found.extend(in_items);
        }
        Err(message) => found.push(message),
    }
    found
}

/// How `--exact` differs from pytest, whose list it must print whatever the sources prove.
pub fn inexact(
    project: &Project,
    run: &[String],
    expected: &Collected,
    binary: &Path,
    oracle: &Oracle,
) -> Option<String> {
    let exact = start(project, run, binary, oracle, &["--exact", "-q", "-p", "no:cacheprovider"]);
    let text = String::from_utf8_lossy(&exact.stdout).into_owned();
    let ours = listing(&text);
    let exit = exact.status.code().map_or(-1, i64::from);
    let same = expected.exit == USAGE_ERROR || ours == expected.listing();
    (!same || exit != expected.exit).then(|| {
        let stderr = String::from_utf8_lossy(&exact.stderr);
        let ours = ours.join("\n  + ");
        let theirs = expected.listing().join("\n  - ");
        format!(
            "--exact: exit code {exit}, pytest's is {}\n  + {ours}\n  - {theirs}\n{stderr}",
            expected.exit
        )
    })
}

/// What ours lists in one run, where it may say that it does not know.
pub struct Seen {
    /// How many items are certain, and how many are not.
    pub certain: usize,
    pub open: usize,
    /// What is certain and not pytest's, or pytest's and not listed.
    pub wrong: Vec<String>,
}

/// Compares without saying of which items ours has to be certain.
pub fn certain_and_wrong(
    project: &Project,
    run: &[String],
    expected: &Collected,
    binary: &Path,
    oracle: &Oracle,
) -> Seen {
    let items = items(&start(project, run, binary, oracle, &["--format", "json"]));
    let items = match items {
        Ok(items) => items,
        Err(message) => return Seen { certain: 0, open: 0, wrong: vec![message] },
    };
    let open = unexpanded(&items).count();
    let wrong = compare_ids(&items, &expected.listing());
    Seen { certain: items.len() - open, open, wrong }
}

/// pytest's exit code for it. What is printed besides the error is not compared: where the error
/// comes late, in selecting, pytest has printed its list.
const USAGE_ERROR: i64 = 4;

struct Item {
    node_id: String,
    /// Why it is not certain, where it is not.
    reason: Option<String>,
}

fn start(
    project: &Project,
    run: &[String],
    binary: &Path,
    oracle: &Oracle,
    extra: &[&str],
) -> Output {
    let mut command = Command::new(binary);
    clean_environment(&mut command);
    let environment = match &project.site {
        Some((environment, site)) => {
            pretend_environment(environment, site, oracle);
            environment.clone()
        }
        None => oracle.python.parent().and_then(Path::parent).expect("it is in bin").to_owned(),
    };
    command
        .current_dir(&project.cwd)
        .env("VIRTUAL_ENV", environment)
        .envs(project.env.iter().map(|(name, value)| (name, value)))
        .arg("--collect-only")
        .args(extra)
        .args(project.arguments(run))
        .output()
        .expect("the binary starts")
}

/// Gives the case's own environment what a virtual environment has, and the oracle's packages.
fn pretend_environment(environment: &Path, site: &Path, oracle: &Oracle) {
    if environment.join("pyvenv.cfg").exists() {
        return;
    }
    let oracles = oracle.python.parent().and_then(Path::parent).expect("it is in bin");
    let config = std::fs::read(oracles.join("pyvenv.cfg")).expect("the oracle is an environment");
    std::fs::write(environment.join("pyvenv.cfg"), config).expect("it is writable");
    let theirs = oracles.join(format!("lib/python{}/site-packages", oracle.python_version()));
    let line = format!("{}\n", theirs.display());
    std::fs::write(site.join("oracle.pth"), line).expect("it is writable");
    std::fs::create_dir_all(environment.join("bin")).expect("it is writable");
    link(&oracle.python, &environment.join("bin/python"));
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) {
    std::os::unix::fs::symlink(target, path).expect("it is writable");
}

#[cfg(windows)]
fn link(target: &Path, path: &Path) {
    std::fs::copy(target, path).expect("it is writable");
}

fn unsaid_errors(case: &Case, expected: &Collected, ours: &Output) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&ours.stderr);
    let mut found = Vec::new();
    for error in &case.errors {
        if !expected.all().contains(error.as_str()) {
            found.push(format!(
                "the case is wrong, pytest does not say: {error}\n{}",
                expected.all()
            ));
        } else if !stderr.contains(error.as_str()) {
            found.push(format!("not said on stderr: {error}\n{}", stderr.trim_end()));
        }
    }
    found
}

fn items(output: &Output) -> Result<Vec<Item>, String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text).map_err(|error| {
        format!("--format json is not JSON ({error}): {}", String::from_utf8_lossy(&output.stderr))
    })?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |item: &Value| Item {
        node_id: text(&item["nodeid"]),
        reason: (item["certainty"] != "static").then(|| text(&item["reason"])),
    };
    Ok(report["items"].as_array().into_iter().flatten().map(read).collect())
}

/// Static items must be pytest's, in its order; runtime items must be the ones that the case
/// names; and together they must stand for everything that pytest lists.
fn compare_items(case: &Case, items: &[Item], expected: &Collected) -> Vec<String> {
    let theirs = expected.listing();
    let mut found = compare_runtime(case, items, &theirs);
    found.extend(compare_ids(items, &theirs));
    found
}

fn compare_ids(items: &[Item], theirs: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let certain = items.iter().filter(|item| item.reason.is_none());
    let certain: Vec<&str> = certain.map(|item| item.node_id.as_str()).collect();
    let runtime: Vec<&str> = unexpanded(items).map(|item| item.node_id.as_str()).collect();
    let mut missing = without(theirs, &certain);
    missing.retain(|id| !runtime.iter().any(|item| stands_for(item, id)));
    let wrong = without(&certain, theirs);
    if !missing.is_empty() || !wrong.is_empty() {
        let missing = missing.iter().map(|id| format!("  - {id}"));
        let wrong = wrong.iter().map(|id| format!("  + {id}"));
        let lines: Vec<String> = missing.chain(wrong).collect();
        found.push(format!("node ids (- pytest's, + ours):\n{}", lines.join("\n")));
    } else if in_common(theirs, &certain) != certain {
        found.push(format!(
            "another order:\n  + {}\n  - {}",
            certain.join("\n  + "),
            theirs.join("\n  - ")
        ));
    }
    found
}

fn compare_runtime(case: &Case, items: &[Item], theirs: &[&str]) -> Vec<String> {
    let runtime: BTreeSet<&str> = unexpanded(items).map(|item| item.node_id.as_str()).collect();
    let named = case.runtime.iter().map(String::as_str);
    let named = named.filter(|named| theirs.iter().any(|id| stands_for(named, id)));
    let named: BTreeSet<&str> = named.chain(case.phantoms.iter().map(String::as_str)).collect();
    let mut found = Vec::new();
    for item in unexpanded(items).filter(|item| !named.contains(item.node_id.as_str())) {
        let reason = item.reason.as_deref().unwrap_or_default();
        found.push(format!("not known statically: {} ({reason})", item.node_id));
    }
    found.extend(named.difference(&runtime).map(|id| format!("no runtime item: {id}")));
    found
}

/// What is in one list and not in the other, counting duplicates.
fn without<'a>(list: &[&'a str], other: &[&str]) -> Vec<&'a str> {
    let mut rest = other.to_vec();
    let mut left = list.to_vec();
    left.retain(|id| match rest.iter().position(|have| have == id) {
        Some(at) => {
            rest.swap_remove(at);
            false
        }
        None => true,
    });
    left
}

/// What is in both, in the order of the first.
fn in_common<'a>(list: &[&'a str], other: &[&str]) -> Vec<&'a str> {
    let mut rest = other.to_vec();
    let mut common = list.to_vec();
    common.retain(|id| match rest.iter().position(|have| have == id) {
        Some(at) => {
            rest.swap_remove(at);
            true
        }
        None => false,
    });
    common
}

fn unexpanded(items: &[Item]) -> impl Iterator<Item = &Item> {
    items.iter().filter(|item| item.reason.is_some())
}

fn stands_for(item: &str, node_id: &str) -> bool {
    let rest = node_id.strip_prefix(item);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('[') || rest.starts_with("::"))
}
