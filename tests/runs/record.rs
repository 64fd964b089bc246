//! What a run let be seen.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A run's records.
#[derive(Debug)]
pub struct Record {
    /// One list for each process that reported, in the order of its events.
    pub processes: Vec<Vec<Value>>,
    /// The exit code.
    pub exit: Option<i32>,
    /// The last line without its time.
    pub closing: String,
    /// All that was printed, for people.
    pub output: String,
}

/// Reads the files of a folder, with paths that differ between runs replaced.
///
/// # Panics
/// When they are not what the recorder writes.
pub fn read(
    folder: &Path,
    places: &[(PathBuf, &str)],
    exit: Option<i32>,
    stdout: &str,
    stderr: &str,
) -> Record {
    let entries = std::fs::read_dir(folder).expect("the records are readable").flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let events = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("a record is text");
        let lines = neutral(&text, places);
        // A process that was killed may have left half a line.
        lines.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
    };
    Record {
        processes: paths.iter().map(events).collect(),
        exit,
        closing: closing(stdout),
        output: neutral(&format!("{stdout}\n{stderr}"), places),
    }
}

impl Record {
    /// The events of these kinds, of all processes.
    pub fn events<'a>(&'a self, kinds: &'a [&str]) -> impl Iterator<Item = &'a Value> {
        self.processes
            .iter()
            .flatten()
            .filter(|event| kinds.iter().any(|kind| event["kind"] == *kind))
    }
}

/// The text with places, process numbers and addresses made equal.
fn neutral(text: &str, places: &[(PathBuf, &str)]) -> String {
    let mut text = text.to_owned();
    for (path, name) in places {
        text = text.replace(&*path.to_string_lossy(), name);
    }
    without_addresses(&text)
}

/// `0x7f…` becomes `0x…`.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split("0x7");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        result.push_str(if part.len() - rest.len() >= 8 { "0x\u{2026}" } else { "0x7" });
        result.push_str(if part.len() - rest.len() >= 8 { rest } else { part });
    }
    result
}

/// `1 passed, 2 failed` of the last line with a time.
fn closing(stdout: &str) -> String {
    let lines = stdout.lines().rev().map(|line| line.trim_matches(['=', ' ']));
    let timed = |line: &str| {
        let (counts, time) = line.rsplit_once(" in ")?;
        time.starts_with(|c: char| c.is_ascii_digit()).then(|| counts.to_owned())
    };
    lines.into_iter().find_map(timed).unwrap_or_default()
}
