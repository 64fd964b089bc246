//! The progress bar of a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::tally::Tally;

/// How often the bar is drawn, in hertz: often enough to look smooth, at a cost that no run
/// notices.
const HERTZ: u8 = 15;

/// A bar at the bottom of the output.
#[derive(Debug)]
pub struct Live {
    bar: ProgressBar,
}

impl Live {
    /// A bar for so many tests.
    pub fn new(total: usize) -> Self {
        let target = ProgressDrawTarget::stdout_with_hz(HERTZ);
        let bar = ProgressBar::with_draw_target(Some(as_u64(total)), target);
        let template = "{spinner} [{bar:30}] {pos}/{len} {per_sec} eta {eta} {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Show where the run stands.
    pub fn update(&self, (done, total): (usize, usize), tally: &Tally) {
        let counts: Vec<String> = tally.counts().into_iter().map(|(text, _)| text).collect();
        self.bar.set_length(as_u64(total));
        self.bar.set_position(as_u64(done));
        self.bar.set_message(counts.join(", "));
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

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
