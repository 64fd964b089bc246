//! What is kept of a run for its end, and counted.

use std::{collections::HashMap, time::Duration};

use fastest_model::run::{Phase, PhaseReport, SessionInfo};

use crate::{paint::Ink, style::Style, verdict::Verdict};

/// The categories that pytest itself has, in the order of its closing line.
const KNOWN: [&str; 11] = [
    "failed",
    "passed",
    "skipped",
    "deselected",
    "xfailed",
    "xpassed",
    "warnings",
    "error",
    "subtests passed",
    "subtests failed",
    "subtests skipped",
];

/// A warning as it came.
#[derive(Debug)]
pub struct Warning {
    pub text: String,
    pub node_id: Option<String>,
    pub location: Option<(String, u32)>,
}

/// A report that is shown again at the end, with its word.
#[derive(Debug)]
pub struct Kept {
    pub report: PhaseReport,
    pub verdict: Verdict,
}

/// Reports that count as the same.
#[derive(Debug)]
struct Category {
    name: String,
    count: usize,
    kept: Vec<Kept>,
}

/// How long a phase took.
#[derive(Debug)]
pub struct Timed {
    pub duration: Duration,
    pub phase: Phase,
    pub node_id: String,
}

/// Everything that the end of the output needs.
#[derive(Debug, Default)]
pub struct Tally {
    pub info: SessionInfo,
    /// In the order in which they appeared.
    categories: Vec<Category>,
    /// Output of teardown by node id.
    pub teardown: HashMap<String, Vec<(String, String)>>,
    pub warnings: Vec<Warning>,
    pub lost: Vec<String>,
    pub collected: usize,
    /// Kept only where `--durations` asks for them.
    pub durations: Vec<Timed>,
    /// What plugins add to the summary.
    pub summary: Vec<(bool, String)>,
}

impl Tally {
    /// Count a report and keep what the end shows of it.
    pub fn add(&mut self, report: PhaseReport, verdict: Verdict, style: &Style) {
        if style.durations.is_some() && report.phase != Phase::Collect {
            let PhaseReport { duration, phase, node_id, .. } = &report;
            let (duration, phase, node_id) = (*duration, *phase, node_id.clone());
            self.durations.push(Timed { duration, phase, node_id });
        }
        if verdict.category.is_empty() {
            self.keep_teardown(report);
            return;
        }
        let keep = match &*verdict.category {
            "passed" => style.report_chars.contains(['p', 'P']),
            "failed" | "error" | "skipped" | "xfailed" | "xpassed" => true,
            _ => false,
        };
        let category = self.category(&verdict.category);
        category.count += 1;
        if keep {
            category.kept.push(Kept { report, verdict });
        }
    }

    /// Count what has no report.
    pub fn count_more(&mut self, name: &str, count: usize) {
        self.category(name).count += count;
    }

    /// How many count as this.
    pub fn count(&self, name: &str) -> usize {
        self.find(name).map_or(0, |category| category.count)
    }

    /// The reports that count as this and are shown again.
    pub fn kept(&self, name: &str) -> &[Kept] {
        self.find(name).map_or(&[], |category| &category.kept)
    }

    /// The counts of the closing line, in its order, without those that are zero.
    pub fn counts(&self) -> Vec<(String, Ink)> {
        let unknown = self.categories.iter().map(|c| &*c.name).filter(|name| !KNOWN.contains(name));
        let mut counts: Vec<(String, Ink)> = KNOWN
            .into_iter()
            .chain(unknown)
            .map(|name| (name, self.count(name)))
            .filter(|&(_, count)| count > 0)
            .map(|(name, count)| (counted(count, name), ink(name)))
            .collect();
        if !self.lost.is_empty() {
            counts.push((counted(self.lost.len(), "lost"), Ink::Red));
        }
        counts
    }

    /// The colour of progress and of the closing line; yellow at the end of a run in which
    /// nothing passed.
    pub fn main_ink(&self, over: bool) -> Ink {
        let has = |name| self.find(name).is_some();
        let unknown = self.categories.iter().any(|c| !KNOWN.contains(&&*c.name));
        if has("failed") || has("error") || !self.lost.is_empty() {
            Ink::Red
        } else if has("warnings") || has("xpassed") || unknown {
            Ink::Yellow
        } else if has("passed") || !over {
            Ink::Green
        } else {
            Ink::Yellow
        }
    }

    fn find(&self, name: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.name == name)
    }

    fn category(&mut self, name: &str) -> &mut Category {
        let place = self.categories.iter().position(|category| category.name == name);
        let place = place.unwrap_or_else(|| {
            self.categories.push(Category { name: name.to_owned(), count: 0, kept: Vec::new() });
            self.categories.len() - 1
        });
        &mut self.categories[place]
    }

    fn keep_teardown(&mut self, report: PhaseReport) {
        if report.phase == Phase::Teardown && !report.sections.is_empty() {
            self.teardown.insert(report.node_id, report.sections);
        }
    }
}

/// A count with its noun: pytest's `pluralize`.
fn counted(count: usize, name: &str) -> String {
    match (name, count) {
        ("warnings", 1) => "1 warning".to_owned(),
        ("error", count) if count != 1 => format!("{count} errors"),
        _ => format!("{count} {name}"),
    }
}

fn ink(name: &str) -> Ink {
    match name {
        "failed" | "error" | "subtests failed" => Ink::Red,
        "passed" | "subtests passed" => Ink::Green,
        _ => Ink::Yellow,
    }
}
