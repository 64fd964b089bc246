//! The short test summary: one line for each test that `-r` asks for.

use std::path::Path;

use fastest_model::run::PhaseReport;

use crate::{
    paint::{self, Color},
    paths,
    progress::trimmed,
    style::Style,
    tally::{Failure, Skip, Tally},
};

/// The section; empty where there is nothing to say.
pub fn section(style: &Style, tally: &Tally) -> String {
    let lines: Vec<String> =
        style.report_chars.chars().flat_map(|letter| lines_of(letter, style, tally)).collect();
    if lines.is_empty() {
        return String::new();
    }
    let title = "short test summary info";
    let title = paint::sep(style.width, '=', title, paint::width(title));
    format!("{}\n{}\n", paint::strong(style, Color::Cyan, &title), lines.join("\n"))
}

/// The line of a test that failed.
pub fn failed_line(style: &Style, tally: &Tally, report: &PhaseReport) -> String {
    let word = match &report.subtest {
        Some(subtest) => format!("SUBFAILED{subtest}"),
        None => "FAILED".to_owned(),
    };
    with_message(style, tally, (&word, Color::Red), &report.node_id, &report.summary)
}

/// The line of an error.
pub fn error_line(style: &Style, tally: &Tally, error: &Failure) -> String {
    let (node_id, summary) = match error {
        Failure::Phase(report) => (&report.node_id, &report.summary),
        Failure::Collect { node_id, summary, .. } => (node_id, summary),
    };
    with_message(style, tally, ("ERROR", Color::Red), node_id, summary)
}

fn lines_of(letter: char, style: &Style, tally: &Tally) -> Vec<String> {
    match letter {
        'f' => tally.failed.iter().map(|report| failed_line(style, tally, report)).collect(),
        'E' => tally.errors.iter().map(|error| error_line(style, tally, error)).collect(),
        's' => skipped(style, &tally.skipped),
        'x' => tally.xfailed.iter().map(|r| with_reason(style, tally, "XFAIL", r)).collect(),
        'X' => tally.xpassed.iter().map(|r| with_reason(style, tally, "XPASS", r)).collect(),
        'p' => {
            let passed = |r: &PhaseReport| {
                with_message(style, tally, ("PASSED", Color::Green), &r.node_id, "")
            };
            tally.passed.iter().map(passed).collect()
        }
        _ => Vec::new(),
    }
}

fn with_message(
    style: &Style,
    tally: &Tally,
    (word, color): (&str, Color),
    node_id: &str,
    message: &str,
) -> String {
    let name = paths::node_id(node_id, &tally.info.rootdir, &style.invocation_dir);
    let plain = paint::width(word) + 1 + paint::width(&name);
    let line = format!("{} {}", paint::color(style, color, word), marked(style, &name));
    if message.is_empty() {
        return line;
    }
    if style.full_lines {
        return format!("{line} - {message}");
    }
    match trimmed(message, style.width.saturating_sub(plain), 3) {
        Some(message) => format!("{line} - {message}"),
        None => line,
    }
}

fn with_reason(style: &Style, tally: &Tally, word: &str, report: &PhaseReport) -> String {
    let name = paths::node_id(&report.node_id, &tally.info.rootdir, &style.invocation_dir);
    let line = format!("{} {}", paint::color(style, Color::Yellow, word), marked(style, &name));
    if report.summary.is_empty() { line } else { format!("{line} - {}", report.summary) }
}

/// The node id with what follows the file in bold.
fn marked(style: &Style, name: &str) -> String {
    match name.split_once("::") {
        Some((file, rest)) => format!("{file}::{}", paint::bold(style, rest)),
        None => name.to_owned(),
    }
}

/// Skips with the same place and reason share a line.
fn skipped(style: &Style, skips: &[Skip]) -> Vec<String> {
    let mut groups: Vec<(String, &str, usize)> = Vec::new();
    for skip in skips {
        let place = place(style, skip);
        match groups.iter_mut().find(|(p, reason, _)| *p == place && *reason == skip.reason) {
            Some((.., count)) => *count += 1,
            None => groups.push((place, &skip.reason, 1)),
        }
    }
    let word = paint::color(style, Color::Yellow, "SKIPPED");
    let line = |(place, reason, count)| format!("{word} [{count}] {place}: {reason}");
    groups.into_iter().map(line).collect()
}

fn place(style: &Style, skip: &Skip) -> String {
    match &skip.location {
        Some((path, 0)) => paths::relative(Path::new(path), &style.invocation_dir),
        Some((path, line)) => {
            format!("{}:{line}", paths::relative(Path::new(path), &style.invocation_dir))
        }
        None => String::new(),
    }
}
