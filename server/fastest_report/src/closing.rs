//! The last lines: why a run stopped early, and the counts.

use std::time::Duration;

use crate::{
    paint::{self, Color},
    style::Style,
    tally::Tally,
};

/// The line between exclamation marks.
pub fn stopped(style: &Style, reason: &str) -> String {
    let sep = paint::sep(style.width, '!', reason, paint::width(reason));
    paint::color(style, Color::Red, &sep) + "\n"
}

/// The closing line: between signs, bare with `-q`, absent with `-qq`.
pub fn counts(style: &Style, tally: &Tally, duration: Duration) -> String {
    if style.verbosity < -1 {
        return String::new();
    }
    let main = if style.collect_only && tally.errors.is_empty() && tally.collected > 0 {
        Color::Green
    } else {
        tally.main_color(true)
    };
    let parts = if style.collect_only { collected(tally) } else { outcomes(tally) };
    let time = format!(" in {}", seconds(duration));
    let plain = join(parts.iter().map(|(text, _)| text.clone())) + &time;
    let painted = join(parts.iter().map(|(text, color)| {
        if *color == main {
            paint::strong(style, *color, text)
        } else {
            paint::color(style, *color, text)
        }
    })) + &paint::color(style, main, &time);
    if style.verbosity < 0 {
        return painted + "\n";
    }
    let sep = paint::sep(style.width, '=', "\0", paint::width(&plain));
    let (left, right) = sep.split_once('\0').unwrap_or((&sep, ""));
    let side = |text| paint::color(style, main, text);
    format!("{}{painted}{}\n", side(left), side(right))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn outcomes(tally: &Tally) -> Vec<(String, Color)> {
    let parts: Vec<(String, Color)> = tally
        .counts()
        .into_iter()
        .map(|(count, word, color)| (format!("{count} {word}"), color))
        .collect();
    if parts.is_empty() { vec![("no tests ran".to_owned(), Color::Yellow)] } else { parts }
}

fn collected(tally: &Tally) -> Vec<(String, Color)> {
    let (selected, dropped) = (tally.collected, tally.deselected);
    let all = selected + dropped;
    let plural = |count| if count == 1 { "" } else { "s" };
    let mut parts = vec![match (selected, dropped) {
        (0, 0) => ("no tests collected".to_owned(), Color::Yellow),
        (_, 0) => (format!("{all} test{} collected", plural(all)), Color::Green),
        (0, _) => (format!("no tests collected ({dropped} deselected)"), Color::Yellow),
        _ => (format!("{selected}/{all} tests collected ({dropped} deselected)"), Color::Green),
    }];
    let errors = tally.errors.len();
    if errors > 0 {
        parts.push((format!("{errors} error{}", plural(errors)), Color::Red));
    }
    parts
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
