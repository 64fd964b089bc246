//! The messages about tests that run.

use std::{borrow::Cow, time::Duration};

use fastest_model::run::{Comparison, Failure, Frame, Outcome, Phase, PhaseReport, Place, Status};
use serde::Deserialize;

use super::{Location, WireOutcome, to_location};

/// A test starts. What its node id says already is left out.
#[derive(Debug, Deserialize)]
pub struct WireStarted {
    pub node_id: String,
    start: f64,
    line: Option<u32>,
    path: Option<String>,
    domain: Option<String>,
}

/// A test passed, and nothing more is to be said of it.
#[derive(Debug, Deserialize)]
pub struct WirePassed {
    pub node_id: String,
    durations: [f64; 3],
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WirePhase {
    Setup,
    Call,
    Teardown,
}

/// One phase of a test.
#[derive(Debug, Deserialize)]
pub struct WireReport {
    pub node_id: String,
    when: WirePhase,
    duration: f64,
    #[serde(default)]
    outcome: WireOutcome,
    #[serde(default)]
    text: String,
    #[serde(default)]
    summary: String,
    location: Option<Location>,
    headline: Option<String>,
    subtest: Option<String>,
    #[serde(default)]
    by_mark: bool,
    #[serde(default)]
    sections: Vec<(String, String)>,
    #[serde(default)]
    properties: Vec<(String, String)>,
    failure: Option<WireFailure>,
    status: Option<(String, String, String, Option<String>)>,
}

#[derive(Debug, Deserialize)]
struct WireFailure {
    exception: String,
    message: Option<String>,
    frames: Vec<(String, u32, String)>,
    op: Option<String>,
    #[serde(default)]
    actual: String,
    #[serde(default)]
    expected: String,
}

impl WireStarted {
    /// Where the test is defined, and when it started.
    pub fn into_model(self) -> (String, Place, Duration) {
        let file = self.node_id.split("::").next().unwrap_or_default();
        let place = Place {
            path: self.path.unwrap_or_else(|| file.to_owned()),
            line: self.line,
            domain: self.domain.unwrap_or_else(|| domain(&self.node_id)),
        };
        (self.node_id, place, seconds(self.start))
    }
}

impl WirePassed {
    /// The reports of all three phases.
    pub fn into_model(self) -> [PhaseReport; 3] {
        let Self { node_id, durations: [setup, call, teardown] } = self;
        let report = |phase, duration| PhaseReport {
            duration: seconds(duration),
            ..PhaseReport::new(node_id.clone(), phase, Outcome::Passed)
        };
        [report(Phase::Setup, setup), report(Phase::Call, call), report(Phase::Teardown, teardown)]
    }
}

impl WireReport {
    /// Whether pytest counts this towards `--maxfail`.
    pub fn is_failure(&self) -> bool {
        matches!(self.outcome, WireOutcome::Failed | WireOutcome::Error)
    }

    /// Whether nothing more is to be expected of the test.
    pub const fn is_last(&self) -> bool {
        matches!(self.when, WirePhase::Teardown)
    }

    /// The report; `markup` says whether the worker was asked for colour.
    pub fn into_model(self, markup: bool) -> PhaseReport {
        let (text, painted) = plain_and_painted(self.text, markup);
        let (summary, _) = plain_and_painted(self.summary, markup);
        PhaseReport {
            duration: seconds(self.duration),
            text,
            painted,
            location: self.location.map(to_location),
            sections: self.sections,
            headline: self.headline.unwrap_or_else(|| domain(&self.node_id)),
            subtest: self.subtest,
            by_mark: self.by_mark,
            properties: self.properties,
            failure: self.failure.map(|failure| Box::new(failure.into_model(&summary, markup))),
            summary,
            status: self.status.map(|(category, letter, word, color)| {
                Box::new(Status { category, letter, word, color })
            }),
            ..PhaseReport::new(self.node_id, to_phase(self.when), to_outcome(self.outcome))
        }
    }
}

impl WireFailure {
    fn into_model(self, summary: &str, markup: bool) -> Failure {
        let message = self.message.map(|message| plain_and_painted(message, markup).0);
        let frame = |(path, line, function)| Frame { path, line, function };
        let comparison = |op| Comparison { op, actual: self.actual, expected: self.expected };
        Failure {
            // The summary is the class and the message, or for assertions the message alone.
            message: message.unwrap_or_else(|| {
                let class = format!("{}: ", self.exception);
                summary.strip_prefix(&class).unwrap_or(summary).to_owned()
            }),
            exception: self.exception,
            frames: self.frames.into_iter().map(frame).collect(),
            comparison: self.op.map(comparison),
        }
    }
}

/// A text without and, where the worker was asked for colour, with its colours.
pub fn plain_and_painted(text: String, markup: bool) -> (String, Option<String>) {
    if !markup || text.is_empty() {
        return (text, None);
    }
    (plain(&text).into_owned(), Some(text))
}

/// The text without the sequences that set colours (`ESC [ … m`).
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\x1b') {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split("\x1b[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let codes = piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(piece.len());
        match piece[codes..].strip_prefix('m') {
            Some(rest) => plain.push_str(rest),
            None => plain.extend(["\x1b[", piece]),
        }
    }
    Cow::Owned(plain)
}

/// What names a test within its file, as its node id suggests.
fn domain(node_id: &str) -> String {
    node_id.split_once("::").map_or_else(String::new, |(_, rest)| rest.replace("::", "."))
}

/// A length of time; one that no clock can have measured becomes zero.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

const fn to_phase(phase: WirePhase) -> Phase {
    match phase {
        WirePhase::Setup => Phase::Setup,
        WirePhase::Call => Phase::Call,
        WirePhase::Teardown => Phase::Teardown,
    }
}

const fn to_outcome(outcome: WireOutcome) -> Outcome {
    match outcome {
        WireOutcome::Passed => Outcome::Passed,
        WireOutcome::Failed => Outcome::Failed,
        WireOutcome::Error => Outcome::Error,
        WireOutcome::Skipped => Outcome::Skipped,
        WireOutcome::XFailed => Outcome::XFailed,
        WireOutcome::XPassed => Outcome::XPassed,
        WireOutcome::Rerun => Outcome::Rerun,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_the_summary_holds_is_taken_from_it() {
        let wire = r#"{"node_id": "a.py::x", "when": "call", "duration": 0.5, "outcome": "failed",
            "summary": "ValueError: no \u001b[31mluck\u001b[0m", "text": "E \u001b[1mno\u001b[0m",
            "failure": {"exception": "ValueError", "frames": [["/a.py", 3, "x"]]}}"#;
        let report: WireReport = serde_json::from_str(wire).unwrap();
        let report = report.into_model(true);
        let frame = Frame { path: "/a.py".to_owned(), line: 3, function: "x".to_owned() };
        let failure = Failure {
            exception: "ValueError".to_owned(),
            message: "no luck".to_owned(),
            frames: vec![frame],
            comparison: None,
        };
        let expected = PhaseReport {
            duration: Duration::from_millis(500),
            text: "E no".to_owned(),
            painted: Some("E \x1b[1mno\x1b[0m".to_owned()),
            summary: "ValueError: no luck".to_owned(),
            headline: "x".to_owned(),
            failure: Some(Box::new(failure)),
            ..PhaseReport::new("a.py::x", Phase::Call, Outcome::Failed)
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn only_colours_are_taken_out() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected);
        check("plain", "plain");
        check("\x1b[1m\x1b[31mE x\x1b[0m", "E x");
        check("a\x1b[2Kb\x1b[", "a\x1b[2Kb\x1b[");
    }

    #[test]
    fn a_place_that_is_not_told_follows_from_the_node_id() {
        let wire = r#"{"node_id": "a/b.py::T::x[1]", "start": 1.5, "line": 7}"#;
        let started: WireStarted = serde_json::from_str(wire).unwrap();
        let (_, place, start) = started.into_model();
        let (path, domain) = ("a/b.py".to_owned(), "T.x[1]".to_owned());
        assert_eq!(place, Place { path, line: Some(7), domain });
        assert_eq!(start, Duration::from_millis(1500));
    }
}
