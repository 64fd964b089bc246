//! What a report counts as, and its letter and word: pytest's `pytest_report_teststatus`.

use fastest_model::run::{Outcome, Phase, PhaseReport, Status};

use crate::{paint::Ink, style::Style};

/// What is made of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it is counted as; empty for what is not counted.
    pub category: String,
    /// What progress shows.
    pub letter: String,
    /// What `-v` and the short summary show.
    pub word: String,
    /// How they are painted while tests run.
    pub inks: Vec<Ink>,
    /// Whether a plugin chose the inks: they then hold in the summary too.
    pub chosen: bool,
}

impl Verdict {
    /// Of a report, by the plugin that has a say, or else by pytest's own rules.
    pub fn of(report: &PhaseReport, style: &Style) -> Self {
        let (category, letter, word) = match &report.status {
            Some(status) => return Self::chosen(status, report),
            None if report.subtest.is_some() => of_subtest(report, style),
            None => of_test(report),
        };
        Self { category, letter, word, inks: inks(report.outcome), chosen: false }
    }

    fn chosen(status: &Status, report: &PhaseReport) -> Self {
        let inks = match &status.color {
            Some(name) => Ink::named(name).into_iter().collect(),
            None => inks(report.outcome),
        };
        Self {
            category: status.category.clone(),
            letter: status.letter.clone(),
            word: status.word.clone(),
            inks,
            chosen: status.color.is_some(),
        }
    }
}

fn of_test(report: &PhaseReport) -> (String, String, String) {
    let (category, letter, word) = match report.outcome {
        Outcome::Passed if report.phase != Phase::Call => ("", "", ""),
        Outcome::Passed => ("passed", ".", "PASSED"),
        Outcome::Failed => ("failed", "F", "FAILED"),
        Outcome::Error => ("error", "E", "ERROR"),
        Outcome::Skipped => ("skipped", "s", "SKIPPED"),
        Outcome::XFailed => ("xfailed", "x", "XFAIL"),
        Outcome::XPassed => ("xpassed", "X", "XPASS"),
        Outcome::Rerun => ("rerun", "R", "RERUN"),
    };
    (category.to_owned(), letter.to_owned(), word.to_owned())
}

/// Subtests that did not fail are told of at any verbosity but 0.
fn of_subtest(report: &PhaseReport, style: &Style) -> (String, String, String) {
    let quiet = style.subtest_verbosity() == 0;
    let (category, letter, word) = match report.outcome {
        Outcome::Failed | Outcome::Error => ("failed", "u", "SUBFAILED"),
        _ if quiet => return (String::new(), String::new(), String::new()),
        Outcome::Skipped => ("skipped", "-", "SUBSKIPPED"),
        Outcome::XFailed => ("xfailed", "y", "SUBXFAIL"),
        _ => ("subtests passed", "u", "SUBPASSED"),
    };
    let description = report.subtest.as_deref().unwrap_or_default();
    (category.to_owned(), letter.to_owned(), format!("{word}{description}"))
}

fn inks(outcome: Outcome) -> Vec<Ink> {
    vec![match outcome {
        Outcome::Passed => Ink::Green,
        Outcome::Failed | Outcome::Error => Ink::Red,
        _ => Ink::Yellow,
    }]
}
