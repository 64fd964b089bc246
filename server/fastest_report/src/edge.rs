//! What stands at the right edge of progress (`console_output_style`).

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use fastest_model::run::Phase;

use crate::{lines::View, paths, sequence::Told, style::ProgressKind};

/// What the style `times` needs to know.
#[derive(Debug, Default)]
pub struct Edge {
    /// How many tests each file has.
    tests: HashMap<String, usize>,
    /// What has been measured and not yet shown, by node id.
    pending: Vec<(String, Duration)>,
    /// How many tests of the present file have been set up and not yet shown.
    set_up: HashMap<String, usize>,
    shown: HashSet<String>,
    /// The last phase that ended.
    last: Option<(String, Option<Duration>)>,
}

impl Edge {
    /// A file has one test more.
    pub fn expect(&mut self, file: &str) {
        *self.tests.entry(file.to_owned()).or_default() += 1;
    }

    /// A phase ended.
    pub fn timed(&mut self, told: &Told) {
        let file = paths::file(&told.node_id).to_owned();
        self.last = Some((file.clone(), told.subtest.then_some(told.duration)));
        if told.subtest || self.shown.contains(&told.node_id) {
            return;
        }
        if told.phase == Phase::Setup {
            *self.set_up.entry(file).or_default() += 1;
        }
        self.pending.push((told.node_id.clone(), told.duration));
    }

    /// Whether anything is to stand there.
    pub fn is_shown(&self, view: View<'_>) -> bool {
        view.style.progress != ProgressKind::Classic
    }

    /// The most columns that it takes.
    pub fn room(&self, total: usize, view: View<'_>) -> usize {
        match view.style.progress {
            ProgressKind::Count => format!(" [{total}/{total}]").len(),
            ProgressKind::Times => " 99h 59m".len(),
            ProgressKind::Percent | ProgressKind::Classic => " [100%]".len(),
        }
    }

    /// What is to stand there now.
    pub fn message(&mut self, (done, total): (usize, usize), view: View<'_>) -> String {
        match view.style.progress {
            ProgressKind::Count => {
                let width = total.to_string().len();
                format!(" [{done:>width$}/{total}]")
            }
            ProgressKind::Times if total == 0 => String::new(),
            ProgressKind::Times => self.times(view),
            ProgressKind::Percent | ProgressKind::Classic => {
                format!(" [{:3}%]", (done * 100).checked_div(total).unwrap_or(100))
            }
        }
    }

    fn times(&mut self, view: View<'_>) -> String {
        let each = view.style.case_verbosity() > 0;
        let Some((file, subtest)) = self.last.clone() else { return String::new() };
        if let Some(duration) = subtest {
            return if each { node_duration(duration) } else { String::new() };
        }
        let set_up = self.set_up.get(&file).copied().unwrap_or(0);
        if !each && Some(&set_up) != self.tests.get(&file) {
            return String::new();
        }
        self.set_up.remove(&file);
        let pending = std::mem::take(&mut self.pending);
        let sum = pending.iter().map(|(_, duration)| *duration).sum();
        self.shown.extend(pending.into_iter().map(|(node_id, _)| node_id));
        node_duration(sum)
    }
}

/// A duration in at most seven characters: pytest's `format_node_duration`.
fn node_duration(duration: Duration) -> String {
    const UNITS: [(f64, &str, usize, f64); 7] = [
        (1e6, "us", 3, 10.0),
        (1e6, "us", 2, 100.0),
        (1e6, "us", 1, 1000.0),
        (1e3, "ms", 3, 10.0),
        (1e3, "ms", 2, 100.0),
        (1e3, "ms", 1, 1000.0),
        (1.0, "s", 3, 60.0),
    ];
    let seconds = duration.as_secs_f64();
    for (scale, unit, precision, limit) in UNITS {
        let text = format!("{:.precision$}", seconds * scale);
        if text.parse::<f64>().is_ok_and(|rounded| rounded < limit) {
            return format!(" {text}{unit}");
        }
    }
    let whole = duration.as_secs() + u64::from(duration.subsec_millis() >= 500);
    if whole < 3600 {
        return format!(" {}m {}s", whole / 60, whole % 60);
    }
    format!(" {}h {}m", whole / 3600, whole % 3600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let check = |micros, expected: &str| {
            assert_eq!(node_duration(Duration::from_micros(micros)), expected);
        };
        check(7, " 7.000us");
        check(70, " 70.00us");
        check(1500, " 1.500ms");
        check(59_000_000, " 59.000s");
        check(61_000_000, " 1m 1s");
        check(7_260_000_000, " 2h 1m");
    }
}
