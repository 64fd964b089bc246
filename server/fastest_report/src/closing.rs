//! The last lines: why a run stopped early, and the counts.

use std::time::Duration;

use crate::{
    paint::{self, Ink},
    style::Style,
    tally::Tally,
};

/// Each line of the reason between exclamation marks, red where tests failed, not where the run was interrupted;
/// and where it was interrupted.
pub fn stopped(style: &Style, reason: &str, interruptions: &[String]) -> String {
    let interrupted = ["Interrupted:", "KeyboardInterrupt", "_pytest.outcomes.Exit:"];
    let is_plain = |line: &str| interrupted.iter().any(|start| line.starts_with(start));
    let line = |line: &str| {
        let inks: &[Ink] = if is_plain(line) { &[] } else { &[Ink::Red] };
        paint::paint(style.color, inks, &paint::sep(style.width, '!', line)) + "\n"
    };
    let mut text: String = reason.lines().map(line).collect();
    for place in interruptions {
        text.push_str(place);
        text.push('\n');
    }
    if !interruptions.is_empty() && !style.full_trace {
        let hint = "(to show a full traceback on KeyboardInterrupt use --full-trace)";
        text.push_str(&paint::paint(style.color, &[Ink::Yellow], hint));
        text.push('\n');
    }
    text
}

/// The line that says that there were more warnings than allowed.
pub fn too_many_warnings(style: &Style, count: usize, most: usize) -> String {
    let text = format!("Tests pass, but maximum allowed warnings exceeded: {count} > {most}");
    paint::paint(style.color, &[Ink::Red], &text) + "\n"
}

/// The closing line: between signs, bare with `-q`, absent with `-qq`.
pub fn counts(style: &Style, tally: &Tally, duration: Duration, over: bool) -> String {
    if style.verbosity < -1 {
        return String::new();
    }
    let (parts, main) =
        if style.collect_only { collected(tally) } else { (outcomes(tally), tally.main_ink(over)) };
    let time = format!(" in {}", seconds(duration));
    let plain = join(parts.iter().map(|(text, _)| text.clone())) + &time;
    let painted = join(parts.iter().map(|(text, ink)| {
        let inks: &[Ink] = if *ink == main { &[*ink, Ink::Bold] } else { &[*ink] };
        paint::paint(style.color, inks, text)
    })) + &paint::paint(style.color, &[main], &time);
    if style.verbosity < 0 {
        return paint::paint(style.color, &[main], &painted) + "\n";
    }
    let sep = paint::sep(style.width, '=', &"\0".repeat(plain.chars().count()));
    let (left, right) = (sep.split('\0').next(), sep.rsplit('\0').next());
    let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
    if !style.color {
        return format!("{left}{plain}{right}\n");
    }
    let code = main.code();
    format!("{code}{left}{painted}{code}{right}\x1b[0m\n")
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn outcomes(tally: &Tally) -> Vec<(String, Ink)> {
    let parts = tally.counts();
    if parts.is_empty() { vec![("no tests ran".to_owned(), Ink::Yellow)] } else { parts }
}

fn collected(tally: &Tally) -> (Vec<(String, Ink)>, Ink) {
    let (selected, dropped) = (tally.collected, tally.count("deselected"));
    let all = selected + dropped;
    let plural = |count| if count == 1 { "" } else { "s" };
    let mut parts = vec![match (selected, dropped) {
        (0, 0) => ("no tests collected".to_owned(), Ink::Yellow),
        (_, 0) => (format!("{all} test{} collected", plural(all)), Ink::Green),
        (0, _) => (format!("no tests collected ({dropped} deselected)"), Ink::Yellow),
        _ => (format!("{selected}/{all} tests collected ({dropped} deselected)"), Ink::Green),
    }];
    let errors = tally.count("error");
    if errors > 0 {
        parts.push((format!("{errors} error{}", plural(errors)), Ink::Red));
    }
    let main = parts.last().map_or(Ink::Yellow, |(_, ink)| *ink);
    (parts, main)
}

/// A duration as pytest's closing line has it: `0.12s`, from a minute on `61.20s (0:01:01)`.
fn seconds(duration: Duration) -> String {
    let all = duration.as_secs();
    let short = format!("{:.2}s", duration.as_secs_f64());
    if all < 60 {
        return short;
    }
    let days = match all / 86_400 {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    let (hours, minutes, rest) = (all / 3600 % 24, all / 60 % 60, all % 60);
    format!("{short} ({days}{hours}:{minutes:02}:{rest:02})")
}
