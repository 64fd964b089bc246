//! Runs: what is asked, what is told.

use serde::{Deserialize, Serialize};

use super::coverage::FileCoverage;
use super::debug::DebugConfiguration;
use super::items::TestItem;
use super::{Location, Position, Range};

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Outcomes.
    #[default]
    Run,
    /// A debugger is waited for.
    Debug,
    /// Coverage is measured.
    Coverage,
}

/// Which text of a dirty document runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The editor's.
    #[default]
    Buffer,
    /// The file's.
    Disk,
}

/// `continuous` of `fastest/runTests`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContinuousOn {
    /// After a pause in typing.
    Edit,
    /// After a save.
    Save,
}

/// The same, with the short forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Continuous {
    /// `true`: as the setting says.
    Flag(bool),
    /// When.
    On(ContinuousOn),
}

/// `workers` of `fastest/runTests`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum WorkersParam {
    /// So many.
    Count(usize),
    /// `"auto"`.
    Auto(String),
}

/// `fastest/runTests`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunParams {
    /// Chosen by the client.
    pub run_id: String,
    /// Item ids; `None` is everything.
    pub include: Option<Vec<String>>,
    /// Taken away afterwards.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What for.
    #[serde(default)]
    pub mode: Mode,
    /// Which text.
    #[serde(default)]
    pub source: Source,
    /// Whether it goes on.
    pub continuous: Option<Continuous>,
    /// pytest's options.
    #[serde(default)]
    pub extra_args: Vec<String>,
    /// How many workers.
    pub workers: Option<WorkersParam>,
    /// Where debugpy is.
    pub debugpy_path: Option<String>,
}

/// The answer to `fastest/runTests`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunResult {
    /// Whether it runs.
    pub accepted: bool,
    /// Tests that the sources tell of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    /// Ids that name nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// What to attach with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug: Option<DebugConfiguration>,
    /// Why it does not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// `fastest/cancelRun`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelParams {
    /// The run.
    pub run_id: String,
    /// Kill at once.
    #[serde(default)]
    pub force: bool,
}

/// Where a run comes from that the client did not ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A round of a continuous run.
    Continuous,
    /// A command.
    Command,
    /// A terminal.
    Terminal,
}

/// `fastest/runStarted`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunStarted {
    /// Begins with `server:`.
    pub run_id: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The continuous run that it is a round of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continuous_id: Option<String>,
    /// Item ids.
    pub include: Vec<String>,
    /// What for.
    pub mode: Mode,
    /// Tests that the sources tell of.
    pub total: usize,
    /// For a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl RunStarted {
    /// Whether it may well be asked for again as it is: the next round of a continuous run is of
    /// other sources.
    pub fn repeats(&self) -> bool {
        self.origin != Origin::Continuous
    }
}

/// A phase of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The file is collected.
    Collect,
    /// Fixtures are set up.
    Setup,
    /// The test runs.
    Call,
    /// Fixtures are torn down.
    Teardown,
}

/// How a phase or a test ended. The order is from harmless to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Decides nothing.
    Rerun,
    /// It passed.
    Passed,
    /// It was skipped.
    Skipped,
    /// It failed as marked.
    XFailed,
    /// It passed although marked.
    XPassed,
    /// Set-up or teardown failed.
    Error,
    /// The call failed.
    Failed,
}

/// A frame of a traceback.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Frame {
    /// The function.
    pub label: String,
    /// The file, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The file as pytest shows it.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// The line's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// One thing that went wrong in a test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TestMessage {
    /// When.
    pub phase: Phase,
    /// In a line or a few.
    pub message: String,
    /// As pytest prints it.
    pub text: String,
    /// Of a comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Of a comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// The failing line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Outermost first.
    pub frames: Vec<Frame>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// These are to run.
    Enqueued {
        /// The items.
        item_ids: Vec<String>,
    },
    /// A test starts.
    Started {
        /// The item.
        item_id: String,
        /// Which worker.
        worker: usize,
    },
    /// A phase ended.
    Phase {
        /// The item.
        item_id: String,
        /// Which phase.
        phase: Phase,
        /// What came of it.
        outcome: Outcome,
        /// How long it took.
        duration_ms: f64,
    },
    /// A run has found an item.
    ItemAdded {
        /// It.
        item: Box<TestItem>,
    },
    /// Nothing more can come of a test.
    Finished {
        /// The item.
        item_id: String,
        /// The worst of its phases.
        outcome: Outcome,
        /// The phase that decided.
        phase: Phase,
        /// All phases.
        duration_ms: f64,
        /// What went wrong.
        messages: Vec<TestMessage>,
        /// Of a skip or xfail.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Text.
    Output {
        /// It.
        text: String,
        /// Where it came from.
        stream: &'static str,
        /// The test that wrote it.
        #[serde(skip_serializing_if = "Option::is_none")]
        item_id: Option<String>,
        /// When.
        #[serde(skip_serializing_if = "Option::is_none")]
        phase: Option<Phase>,
    },
    /// A warning.
    Warning {
        /// As pytest words it.
        text: String,
        /// The test that it came from.
        #[serde(skip_serializing_if = "Option::is_none")]
        item_id: Option<String>,
        /// What it is about.
        #[serde(skip_serializing_if = "Option::is_none")]
        location: Option<Location>,
    },
    /// What was covered.
    Coverage {
        /// By file.
        files: Vec<FileCoverage>,
    },
}

/// `fastest/runEvents`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEvents<'e> {
    /// The run.
    pub run_id: &'e str,
    /// From 0, without gaps.
    pub seq: u64,
    /// In order.
    pub events: Vec<Event>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EndOutcome {
    /// By itself.
    Completed,
    /// By request.
    Cancelled,
    /// For a newer round.
    Superseded,
    /// It could not be.
    Error,
}

/// Tests by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Set-up, teardown or collection failed.
    pub error: usize,
    /// Skipped.
    pub skipped: usize,
    /// Failed as marked.
    pub xfailed: usize,
    /// Passed although marked.
    pub xpassed: usize,
}

impl Counts {
    /// Adds those of another root.
    pub const fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.error += other.error;
        self.skipped += other.skipped;
        self.xfailed += other.xfailed;
        self.xpassed += other.xpassed;
    }
}

/// `fastest/runEnded`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEnded {
    /// The run.
    pub run_id: String,
    /// How.
    pub outcome: EndOutcome,
    /// pytest's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// For a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// From begin to end.
    pub duration_ms: f64,
    /// Tests by outcome.
    pub counts: Counts,
    /// Items without an outcome.
    pub lost: Vec<String>,
}

/// `fastest/resolveRun`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveRunParams {
    /// Item ids; `None` is everything.
    pub include: Option<Vec<String>>,
    /// Taken away afterwards.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What for.
    #[serde(default)]
    pub mode: Mode,
    /// pytest's options.
    #[serde(default)]
    pub extra_args: Vec<String>,
}

/// The answer to `fastest/resolveRun`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveRunResult {
    /// What to start.
    pub program: String,
    /// With what.
    pub args: Vec<String>,
    /// Where.
    pub cwd: String,
    /// Variables besides those of the process.
    pub env: std::collections::BTreeMap<String, String>,
    /// What runs.
    pub item_ids: Vec<String>,
    /// Why so.
    pub notes: Vec<String>,
}

/// The argument of the commands.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandArgument {
    /// Items.
    #[serde(default)]
    pub item_ids: Vec<String>,
    /// A file.
    pub uri: Option<String>,
    /// A place in it.
    pub position: Option<Position>,
    /// A run.
    pub run_id: Option<String>,
    /// Which text.
    #[serde(default)]
    pub source: Source,
}
