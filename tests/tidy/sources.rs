//! What sources may not hold.

use crate::{is_test, read, tracked_files};

/// Longer files are split by subject.
const MOST_LINES: usize = 500;

/// Rooms that never touch the outside: what they need is pushed to them.
const PURE: [&str; 5] =
    ["fastest_model", "fastest_syntax", "fastest_index", "fastest_ide", "fastest_schedule"];

#[test]
fn the_core_does_no_io() {
    let io = ["std::fs", "std::env", "std::process", "std::net", "std::thread::sleep", "Instant::"];
    check(rust_of(&PURE), |line| io.iter().find(|word| line.contains(*word)).copied());
}

/// Discovery executes nothing of the project.
#[test]
fn only_the_runner_starts_processes() {
    let files = tracked_files().into_iter();
    let files = files.filter(|path| path.starts_with("server/") && is_rust(path));
    let files = files.filter(|path| !path.starts_with("server/fastest_runner/"));
    let starts = ["process::Command", "Command::new"];
    let product = files.filter(|path| !is_test(path)).collect();
    check(product, |line| starts.iter().find(|word| line.contains(*word)).copied());
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> = tracked_files()
        .into_iter()
        .filter(|path| is_rust(path) && !is_test(path))
        .filter(|path| !read(path).starts_with("//!"))
        .collect();
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_a_subject() {
    let long: Vec<(String, usize)> = tracked_files()
        .into_iter()
        .filter(|path| (is_rust(path) || path.ends_with(".py")) && !is_test(path))
        .map(|path| (product_lines(&path).count(), path))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, path)| (path, lines))
        .collect();
    assert_eq!(long, Vec::new());
}

/// Somebody else's home, or this project's workshop, means nothing on another machine.
#[test]
fn no_file_names_a_path_of_one_machine() {
    let private = ["root", "work", "Users", "home/runner"].map(|folder| format!("/{folder}/"));
    let named = |line: &str| {
        let at = private.iter().find_map(|path| line.find(path.as_str()))?;
        let before = line[..at].chars().next_back();
        let absolute = before.is_none_or(|c| !c.is_alphanumeric() && !"._-})/".contains(c));
        absolute.then_some("a path of one machine")
    };
    check(tracked_files(), named);
}

/// Fails with the places of all lines, unit tests aside, that `finds` finds something in.
/// What changes a value in place is known to the index and to the harness, in two languages.
#[test]
fn the_lists_of_mutating_methods_are_equal() {
    let rust = read("server/fastest_index/src/names/changes.rs");
    let python = read("python-harness/src/fastest_harness/mutations.py");
    let quoted = |text: &str, from: &str| -> Vec<String> {
        let (_, rest) = text.split_once(from).expect("the list begins");
        let (list, _) = rest.split_once(']').expect("the list ends");
        let names = list.split('"').skip(1).step_by(2);
        // The harness sees those that Python itself calls as instructions.
        names.filter(|name| !name.starts_with("__")).map(str::to_owned).collect()
    };
    let python = quoted(&python, "_MUTATORS: Final = frozenset(");
    assert_eq!(quoted(&rust, "MUTATORS: &[&str] = &["), python);
    assert!(python.len() > 20);
}

#[track_caller]
fn check(files: Vec<String>, finds: impl Fn(&str) -> Option<&'static str>) {
    let mut found = Vec::new();
    for path in &files {
        for (number, line) in product_lines(path).enumerate() {
            if let Some(what) = finds(&line) {
                found.push(format!("{path}:{}: {what}", number + 1));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Lines of a file up to its unit tests.
fn product_lines(path: &str) -> impl Iterator<Item = String> {
    let text = read(path);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.into_iter().take_while(|line| line != "#[cfg(test)]")
}

fn rust_of(crates: &[&str]) -> Vec<String> {
    let inside =
        |path: &String| crates.iter().any(|name| path.starts_with(&format!("server/{name}/src/")));
    let product = |path: &String| is_rust(path) && !is_test(path);
    tracked_files().into_iter().filter(product).filter(inside).collect()
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}
