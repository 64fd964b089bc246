//! The short test summary: one line for each test that `-r` asks for.

use std::{collections::HashMap, path::Path};

use fastest_model::run::{Phase, PhaseReport};

use crate::{
    lines::trimmed,
    paint::{self, Ink},
    paths,
    style::Style,
    tally::{Kept, Tally},
    verdict::Verdict,
};

/// The section; empty where there is nothing to say.
pub fn section(style: &Style, tally: &Tally) -> String {
    let lines: Vec<String> =
        style.report_chars.chars().flat_map(|letter| lines_of(letter, style, tally)).collect();
    if lines.is_empty() {
        return String::new();
    }
    let title = paint::sep(style.width, '=', "short test summary info");
    let title = paint::paint(style.color, &[Ink::Cyan, Ink::Bold], &title);
    format!("{title}\n{}\n", lines.join("\n"))
}

/// The line of a test that failed, or of an error.
pub fn failed_line(style: &Style, tally: &Tally, report: &PhaseReport, by: &Verdict) -> String {
    with_message(style, tally, report, by, Ink::Red)
}

fn lines_of(letter: char, style: &Style, tally: &Tally) -> Vec<String> {
    let simple = |name, ink| {
        let line = |kept: &Kept| with_message(style, tally, &kept.report, &kept.verdict, ink);
        tally.kept(name).iter().map(line).collect()
    };
    let reasons =
        |name| tally.kept(name).iter().map(|kept| with_reason(style, tally, kept)).collect();
    match letter {
        'f' => simple("failed", Ink::Red),
        'E' => simple("error", Ink::Red),
        'p' => simple("passed", Ink::Green),
        's' if style.fold_skipped => folded(style, tally.kept("skipped")),
        's' => tally.kept("skipped").iter().map(|kept| unfolded(style, tally, kept)).collect(),
        'x' => reasons("xfailed"),
        'X' => reasons("xpassed"),
        _ => Vec::new(),
    }
}

fn with_message(
    style: &Style,
    tally: &Tally,
    report: &PhaseReport,
    verdict: &Verdict,
    ink: Ink,
) -> String {
    let name = paths::node_id(&report.node_id, &tally.info.rootdir, &style.invocation_dir);
    let line = format!("{} {}", word(style, verdict, ink), marked(style, &name));
    let message = &report.summary;
    if message.is_empty() {
        return line;
    }
    if style.full_lines {
        return format!("{line} - {message}");
    }
    let plain = paint::width(&verdict.word) + 1 + paint::width(&name);
    // pytest cannot tell how wide a coloured line is, and takes it for -1; on a terminal, where
    // such a line would wrap, we do better.
    let wraps = style.color && !style.live;
    let room = if wraps { style.width + 1 } else { style.width.saturating_sub(plain) };
    match trimmed(message, room, 3) {
        Some(message) => format!("{line} - {message}"),
        None => line,
    }
}

fn with_reason(style: &Style, tally: &Tally, kept: &Kept) -> String {
    let Kept { report, verdict } = kept;
    let name = paths::node_id(&report.node_id, &tally.info.rootdir, &style.invocation_dir);
    let phase = match report.phase {
        Phase::Setup if verdict.category == "xfailed" => "at setup of ",
        Phase::Teardown if verdict.category == "xfailed" => "at teardown of ",
        _ => "",
    };
    let word = word(style, verdict, Ink::Yellow);
    let line = format!("{word} {phase}{}", marked(style, &name));
    if report.summary.is_empty() { line } else { format!("{line} - {}", report.summary) }
}

fn word(style: &Style, verdict: &Verdict, ink: Ink) -> String {
    let inks = if verdict.chosen { &*verdict.inks } else { &[ink] };
    paint::paint(style.color, inks, &verdict.word)
}

/// The node id with what follows the file in bold.
fn marked(style: &Style, name: &str) -> String {
    match name.split_once("::") {
        Some((file, rest)) => {
            format!("{file}::{}", paint::paint(style.color, &[Ink::Bold], rest))
        }
        None => name.to_owned(),
    }
}

fn unfolded(style: &Style, tally: &Tally, kept: &Kept) -> String {
    let Kept { report, verdict } = kept;
    let name = paths::node_id(&report.node_id, &tally.info.rootdir, &style.invocation_dir);
    let line = format!("{} {}", word(style, verdict, Ink::Yellow), marked(style, &name));
    match &*report.summary {
        "" => line,
        "Skipped" => format!("{line} - Skipped"),
        reason => format!("{line} - Skipped: {reason}"),
    }
}

/// Skips with the same place and reason share a line; the line number is left out where a mark
/// of the test itself skipped it.
fn folded(style: &Style, skips: &[Kept]) -> Vec<String> {
    let mut groups: Vec<(String, &str, usize)> = Vec::new();
    let mut places: HashMap<(String, &str), usize> = HashMap::new();
    for Kept { report, .. } in skips {
        let place = place(style, report);
        let group = *places.entry((place.clone(), &report.summary)).or_insert_with(|| {
            groups.push((place, &report.summary, 0));
            groups.len() - 1
        });
        groups[group].2 += 1;
    }
    let word =
        skips.first().map_or_else(String::new, |kept| word(style, &kept.verdict, Ink::Yellow));
    let line = |(place, reason, count)| format!("{word} [{count}] {place}: {reason}");
    groups.into_iter().map(line).collect()
}

fn place(style: &Style, report: &PhaseReport) -> String {
    let Some((path, line)) = &report.location else { return String::new() };
    let path = paths::relative(Path::new(path), &style.invocation_dir);
    if report.by_mark { path } else { format!("{path}:{line}") }
}
