//! What is kept of a run for its end, and counted.

use std::collections::HashMap;

use fastest_model::run::{Outcome, Phase, PhaseReport, SessionInfo};

use crate::paint::Color;

/// A warning as it came.
#[derive(Debug)]
pub struct Warning {
    pub text: String,
    pub node_id: Option<String>,
    pub location: Option<(String, u32)>,
}

/// A test or a file that was skipped.
#[derive(Debug)]
pub struct Skip {
    pub location: Option<(String, u32)>,
    pub reason: String,
}

/// Something that went wrong outside a test's call.
#[derive(Debug)]
pub enum Failure {
    /// In set-up or teardown.
    Phase(PhaseReport),
    /// In collection.
    Collect { node_id: String, text: String, summary: String },
}

/// Everything that the end of the output needs.
#[derive(Debug, Default)]
pub struct Tally {
    pub info: SessionInfo,
    pub failed: Vec<PhaseReport>,
    pub errors: Vec<Failure>,
    pub skipped: Vec<Skip>,
    pub xfailed: Vec<PhaseReport>,
    pub xpassed: Vec<PhaseReport>,
    /// Kept only where `-rp` or `-rP` asks for them.
    pub passed: Vec<PhaseReport>,
    /// Output of teardown, by the node id of a test that failed in its call.
    pub teardown: HashMap<String, Vec<(String, String)>>,
    pub warnings: Vec<Warning>,
    pub lost: Vec<String>,
    pub passed_count: usize,
    pub subtests_passed: usize,
    pub rerun_count: usize,
    pub deselected: usize,
    pub collected: usize,
}

impl Tally {
    /// Keep what matters of a phase. `subtests`: whether subtests count that did not fail.
    pub fn phase(&mut self, report: PhaseReport, keep_passed: bool, subtests: bool) {
        if report.subtest.is_some() && report.outcome != Outcome::Failed && !subtests {
            return;
        }
        match report.outcome {
            Outcome::Passed if report.phase == Phase::Call => self.pass(report, keep_passed),
            Outcome::Passed => self.quiet(report),
            Outcome::Failed => self.failed.push(report),
            Outcome::Error => self.errors.push(Failure::Phase(report)),
            Outcome::Skipped => {
                self.skipped.push(Skip { location: report.location, reason: report.summary })
            }
            Outcome::XFailed => self.xfailed.push(report),
            Outcome::XPassed => self.xpassed.push(report),
            Outcome::Rerun => self.rerun_count += 1,
        }
    }

    /// The counts of the closing line, in its order, without those that are zero.
    pub fn counts(&self) -> Vec<(usize, &'static str, Color)> {
        let warnings = if self.warnings.len() == 1 { "warning" } else { "warnings" };
        let errors = if self.errors.len() == 1 { "error" } else { "errors" };
        let all = [
            (self.failed.len(), "failed", Color::Red),
            (self.passed_count, "passed", Color::Green),
            (self.skipped.len(), "skipped", Color::Yellow),
            (self.deselected, "deselected", Color::Yellow),
            (self.xfailed.len(), "xfailed", Color::Yellow),
            (self.xpassed.len(), "xpassed", Color::Yellow),
            (self.warnings.len(), warnings, Color::Yellow),
            (self.errors.len(), errors, Color::Red),
            (self.subtests_passed, "subtests passed", Color::Green),
            (self.rerun_count, "rerun", Color::Yellow),
            (self.lost.len(), "lost", Color::Red),
        ];
        all.into_iter().filter(|(count, ..)| *count > 0).collect()
    }

    /// The colour of progress and of the closing line; yellow at the end of a run in which
    /// nothing passed.
    pub fn main_color(&self, over: bool) -> Color {
        if !self.failed.is_empty() || !self.errors.is_empty() || !self.lost.is_empty() {
            Color::Red
        } else if !self.warnings.is_empty() || !self.xpassed.is_empty() || self.rerun_count > 0 {
            Color::Yellow
        } else if self.passed_count > 0 || !over {
            Color::Green
        } else {
            Color::Yellow
        }
    }

    fn pass(&mut self, report: PhaseReport, keep: bool) {
        if report.subtest.is_some() {
            self.subtests_passed += 1;
            return;
        }
        self.passed_count += 1;
        if keep {
            self.passed.push(report);
        }
    }

    fn quiet(&mut self, report: PhaseReport) {
        if report.phase == Phase::Teardown && !report.sections.is_empty() {
            self.teardown.insert(report.node_id, report.sections);
        }
    }
}
