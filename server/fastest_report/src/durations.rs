//! `--durations`: the slowest phases.

use fastest_model::run::Phase;

use crate::{
    paint,
    style::Style,
    tally::{Tally, Timed},
};

/// What pytest does not list at verbosities below 2, in seconds.
const USUAL_LEAST: f64 = 0.005;

/// The section; empty where it is not asked for.
pub fn section(style: &Style, tally: &Tally) -> String {
    let Some(wanted) = style.durations.filter(|_| !tally.durations.is_empty()) else {
        return String::new();
    };
    let mut timed: Vec<&Timed> = tally.durations.iter().collect();
    timed.sort_by_key(|timed| std::cmp::Reverse(timed.duration));
    let title = match wanted.count {
        0 => "slowest durations".to_owned(),
        count => format!("slowest {count} durations"),
    };
    if wanted.count > 0 {
        timed.truncate(wanted.count);
    }
    let usual = if style.verbosity < 2 { USUAL_LEAST } else { 0.0 };
    let least = wanted.min.unwrap_or(usual);
    let shown = timed.iter().take_while(|timed| timed.duration.as_secs_f64() >= least);
    let mut text = paint::sep(style.width, '=', &title) + "\n";
    let mut count = 0;
    for Timed { duration, phase, node_id } in shown {
        let seconds = duration.as_secs_f64();
        text.push_str(&format!("{seconds:.2}s {:<8} {node_id}\n", word(*phase)));
        count += 1;
    }
    let hidden = timed.len() - count;
    if hidden > 0 {
        let hint = if wanted.min.is_none() { "  Use -vv to show these durations." } else { "" };
        text.push_str(&format!("\n({hidden} durations < {least}s hidden.{hint})\n"));
    }
    text
}

const fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Collect => "collect",
        Phase::Setup => "setup",
        Phase::Call => "call",
        Phase::Teardown => "teardown",
    }
}
