//! The bar of a terminal: how far the run is, how fast, how long it will take, what came of the
//! tests so far, and which of them run longest.

use std::{
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::{
    lines::trimmed,
    paint::{self, Ink},
    tally::Tally,
};

/// How often the bar is drawn, in hertz: often enough to look smooth, at a cost that no run
/// notices.
const HERTZ: u8 = 15;

/// A test that runs so long is named.
const LONG: Duration = Duration::from_millis(700);

/// So many tests are named at most.
const MOST_NAMED: usize = 4;

/// The bar is no wider than this, however wide the terminal.
const WIDEST: usize = 40;

/// Below this a bar says nothing, and is left out.
const NARROWEST: usize = 8;

/// A bar at the bottom of the output.
#[derive(Debug)]
pub struct Live {
    bar: ProgressBar,
    state: Arc<Mutex<State>>,
}

/// What is drawn.
#[derive(Debug)]
struct State {
    begun: Instant,
    color: bool,
    done: usize,
    total: usize,
    ink: Ink,
    counts: Vec<(String, Ink)>,
    running: Vec<Running>,
}

/// A test that runs.
#[derive(Debug)]
struct Running {
    worker: usize,
    node_id: String,
    since: Instant,
}

impl Live {
    /// A bar for so many tests.
    pub fn new(total: usize, color: bool) -> Self {
        let state = Arc::new(Mutex::new(State {
            begun: Instant::now(),
            color,
            done: 0,
            total,
            ink: Ink::Green,
            counts: Vec::new(),
            running: Vec::new(),
        }));
        let drawn = Arc::clone(&state);
        let draw = move |_: &ProgressState, out: &mut dyn Write| {
            let width = console::Term::stdout().size().1;
            let state = drawn.lock().unwrap_or_else(PoisonError::into_inner);
            let _infallible = out.write_str(&state.drawn(usize::from(width), Instant::now()));
        };
        let target = ProgressDrawTarget::stdout_with_hz(HERTZ);
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{screen}") {
            bar.set_style(style.with_key("screen", draw));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, state }
    }

    /// A worker starts a test.
    pub fn started(&self, node_id: &str, worker: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running.retain(|running| running.worker != worker);
        let (node_id, since) = (node_id.to_owned(), Instant::now());
        state.running.push(Running { worker, node_id, since });
    }

    /// A test has ended.
    pub fn ended(&self, node_id: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running.retain(|running| running.node_id != node_id);
    }

    /// Where the run stands.
    pub fn update(&self, (done, total): (usize, usize), tally: &Tally) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.done, state.total) = (done, total);
        state.counts = tally.counts();
        state.ink = tally.main_ink(false);
    }

    /// Do something that writes, with the bar out of the way.
    pub fn around<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl State {
    /// All lines, on so many columns.
    fn drawn(&self, width: usize, now: Instant) -> String {
        let mut lines = vec![self.progress(width, now), self.outcomes(width)];
        lines.extend(self.longest(width, now));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    fn progress(&self, width: usize, now: Instant) -> String {
        let elapsed = now.duration_since(self.begun);
        let percent = (self.done * 100).checked_div(self.total).unwrap_or(100);
        let mut facts = vec![format!("{percent:3}%"), format!("{}/{}", self.done, self.total)];
        if self.done > 0 && elapsed >= Duration::from_secs(1) {
            let rate = count_f64(self.done) / elapsed.as_secs_f64();
            facts.push(format!("{}/s", rounded(rate)));
            let left = count_f64(self.total.saturating_sub(self.done)) / rate;
            facts.push(format!(
                "{} left",
                clock(Duration::try_from_secs_f64(left).unwrap_or_default())
            ));
        }
        // What does not fit is left out, the last first.
        let joined = |facts: &[String]| facts.join("  ");
        while facts.len() > 1 && paint::width(&joined(&facts)) + 2 > width {
            facts.pop();
        }
        let text = joined(&facts);
        let room = width.saturating_sub(paint::width(&text) + 3);
        if room < NARROWEST {
            return text;
        }
        format!("{} {text}", self.bar(room.min(WIDEST)))
    }

    fn bar(&self, room: usize) -> String {
        let halves = (self.done * room * 2).checked_div(self.total).unwrap_or(room * 2);
        let mut full = "━".repeat(halves / 2);
        if halves % 2 == 1 {
            full.push('╸');
        }
        let rest = "─".repeat(room - full.chars().count());
        format!(" {}{}", paint::paint(self.color, &[self.ink], &full), dim(self.color, &rest))
    }

    fn outcomes(&self, width: usize) -> String {
        let (mut text, mut used) = (String::new(), 1);
        for (count, ink) in &self.counts {
            let gap = if text.is_empty() { " " } else { ", " };
            used += gap.len() + paint::width(count);
            if used > width {
                break;
            }
            text.push_str(gap);
            text.push_str(&paint::paint(self.color, &[*ink], count));
        }
        text
    }

    /// The tests that run longest.
    fn longest(&self, width: usize, now: Instant) -> Vec<String> {
        let mut long: Vec<(Duration, &str)> = self
            .running
            .iter()
            .map(|running| (now.duration_since(running.since), &*running.node_id))
            .filter(|(duration, _)| *duration >= LONG)
            .collect();
        long.sort_by_key(|(duration, _)| std::cmp::Reverse(*duration));
        let named = |(duration, node_id): (Duration, &str)| {
            let time = format!(" {:>6}", short(duration));
            let name = trimmed(node_id, width.saturating_sub(paint::width(&time) + 2), 0)?;
            Some(format!("{} {name}", dim(self.color, &time)))
        };
        long.into_iter().take(MOST_NAMED).filter_map(named).collect()
    }
}

fn dim(color: bool, text: &str) -> String {
    if color { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
}

/// `3.2s`, from a minute on `1:05`.
fn short(duration: Duration) -> String {
    if duration < Duration::from_secs(60) {
        format!("{:.1}s", duration.as_secs_f64())
    } else {
        clock(duration)
    }
}

/// `0:07`, `12:30`, `1:02:03`.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_millis() >= 500);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

fn rounded(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of tests are far below 2^52")]
fn count_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(width: usize, expected: &str) {
        let begun = Instant::now();
        let running = |worker, node_id: &str, after| Running {
            worker,
            node_id: node_id.to_owned(),
            since: begun + Duration::from_millis(after),
        };
        let state = State {
            begun,
            color: false,
            done: 50,
            total: 100,
            ink: Ink::Green,
            counts: vec![("1 failed".to_owned(), Ink::Red), ("49 passed".to_owned(), Ink::Green)],
            running: vec![
                running(0, "tests/test_quick.py::test_quick", 9_900),
                running(1, "tests/test_slow.py::test_slow", 5_000),
                running(2, "tests/test_slower.py::test_slower", 1_000),
            ],
        };
        let now = begun + Duration::from_secs(10);
        assert_eq!(state.drawn(width, now), expected, "{width} columns");
    }

    #[test]
    fn what_fits_is_shown() {
        check(
            80,
            " ━━━━━━━━━━━━━━━━━━━━────────────────────  50%  50/100  5.0/s  0:10 left\n \
             1 failed, 49 passed\n   \
             9.0s tests/test_slower.py::test_slower\n   \
             5.0s tests/test_slow.py::test_slow",
        );
        check(
            40,
            "\u{20}50%  50/100  5.0/s  0:10 left\n \
             1 failed, 49 passed\n   \
             9.0s tests/test_slower.py::test_s...\n   \
             5.0s tests/test_slow.py::test_slow",
        );
    }
}
