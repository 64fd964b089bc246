//! The messages of `docs/harness-protocol.md`, and what they mean in our words.
//!
//! A test compares this file and the Python side with the hash that the page carries.

use std::time::Duration;

use fastest_model::run::{Outcome, Phase, PhaseReport, RunEvent, SessionInfo};
use fastest_schedule::Command;
use serde::{Deserialize, Serialize};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;

/// What a worker says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    Ready { protocol: u32 },
    NoPytest { executable: String },
    Hello(WireHello),
    Listed { units: Vec<String>, deselected: Vec<String>, reports: Vec<WireCollectReport> },
    Collected(WireCollected),
    Started { node_id: String },
    Report(WireReport),
    Ended { node_id: String },
    UnitDone { unit: String },
    Warning { text: String, node_id: Option<String>, location: Option<Location> },
    InternalError { text: String },
    Finished { exit: i32, reason: Option<String> },
}

/// What a worker is told.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    Configure {
        args: Vec<String>,
        worker: Option<String>,
        workers: usize,
        run_uid: String,
        cwd_on_path: bool,
        columns: usize,
    },
    Collect {
        unit: String,
    },
    Run {
        unit: String,
        skip: Vec<String>,
    },
    Finish,
    Stop,
}

/// A path as pytest shows it and a line number, which plugins may make up.
pub type Location = (String, i64);

#[derive(Debug, Deserialize)]
pub struct WireHello {
    platform: String,
    python: String,
    pytest: String,
    pluggy: String,
    executable: String,
    rootdir: String,
    header: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct WireCollected {
    pub unit: String,
    pub items: Vec<String>,
    pub deselected: Vec<String>,
    pub reports: Vec<WireCollectReport>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WireOutcome {
    Passed,
    Failed,
    Error,
    Skipped,
    XFailed,
    XPassed,
    Rerun,
}

#[derive(Debug, Deserialize)]
pub struct WireCollectReport {
    node_id: String,
    outcome: WireOutcome,
    text: String,
    summary: String,
    location: Option<Location>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WirePhase {
    Setup,
    Call,
    Teardown,
}

#[derive(Debug, Deserialize)]
pub struct WireReport {
    pub node_id: String,
    when: WirePhase,
    outcome: WireOutcome,
    duration: f64,
    text: String,
    summary: String,
    location: Option<Location>,
    headline: String,
    subtest: Option<String>,
    sections: Vec<(String, String)>,
}

impl From<Command> for ToWorker {
    fn from(command: Command) -> Self {
        match command {
            Command::Collect { unit } => Self::Collect { unit },
            Command::Run { unit, skip } => Self::Run { unit, skip },
            Command::Finish => Self::Finish,
            Command::Stop => Self::Stop,
        }
    }
}

impl WireHello {
    pub fn into_model(self) -> SessionInfo {
        let Self { platform, python, pytest, pluggy, executable, rootdir, header } = self;
        SessionInfo { platform, python, pytest, pluggy, executable, rootdir, header }
    }
}

impl WireCollectReport {
    /// Whether this is an error.
    pub fn is_failure(&self) -> bool {
        self.outcome != WireOutcome::Skipped
    }

    pub fn into_model(self) -> RunEvent {
        let Self { node_id, outcome, text, summary, location } = self;
        match outcome {
            WireOutcome::Skipped => RunEvent::CollectSkipped {
                node_id,
                reason: summary,
                location: location.map(to_location),
            },
            _ => RunEvent::CollectError { node_id, text, summary },
        }
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

    pub fn into_model(self) -> PhaseReport {
        PhaseReport {
            node_id: self.node_id,
            phase: to_phase(self.when),
            outcome: to_outcome(self.outcome),
            duration: Duration::try_from_secs_f64(self.duration).unwrap_or_default(),
            text: self.text,
            summary: self.summary,
            location: self.location.map(to_location),
            sections: self.sections,
            headline: self.headline,
            subtest: self.subtest,
        }
    }
}

/// A place in our words; a line that no file can have becomes 0.
pub fn to_location((path, line): Location) -> (String, u32) {
    (path, u32::try_from(line).unwrap_or(0))
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
