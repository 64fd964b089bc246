//! What a run tells: one stream of [`RunEvent`]s feeds every face.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A phase of pytest's run protocol (`TestReport.when`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Importing and collecting the file.
    Collect,
    /// Fixtures are set up.
    Setup,
    /// The test function runs.
    Call,
    /// Fixtures are torn down.
    Teardown,
}

/// How a test ended, in pytest's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// The test passed.
    Passed,
    /// The call failed.
    Failed,
    /// Set-up or teardown failed.
    Error,
    /// The test was skipped.
    Skipped,
    /// The test failed as its `xfail` mark says.
    XFailed,
    /// The test passed although its `xfail` mark says otherwise (not strict).
    XPassed,
    /// The attempt failed and the test runs again (pytest-rerunfailures); decides nothing.
    Rerun,
}

/// One phase of one test, as the harness reports it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseReport {
    /// The test.
    pub node_id: String,
    /// The phase.
    pub phase: Phase,
    /// What came of it. A passed set-up or teardown is `Passed` and decides nothing.
    pub outcome: Outcome,
    /// How long it took.
    pub duration: Duration,
    /// The failure as pytest words it, complete (`longreprtext`); empty when there is none.
    pub text: String,
    /// The same in colour, if the run was asked for colour.
    pub painted: Option<String>,
    /// The one line of the short summary (`reprcrash.message`, or the skip reason); more lines
    /// where the exception's message has more.
    pub summary: String,
    /// File (as pytest shows it) and 1-based line of the failure or skip.
    pub location: Option<(String, u32)>,
    /// Captured output by section title (`Captured stdout call`), in pytest's order.
    pub sections: Vec<(String, String)>,
    /// The title of the failure's section (`TestX.test_y[1]`): pytest's `head_line`.
    pub headline: String,
    /// What names the subtest within the test, if this is a subtest's report.
    pub subtest: Option<String>,
    /// Whether a `skip` mark of the test itself skipped it: pytest's short summary then leaves
    /// out the line.
    pub by_mark: bool,
    /// What `record_property` recorded so far.
    pub properties: Vec<(String, String)>,
    /// The exception in parts, where there was one that is no skip.
    pub failure: Option<Box<Failure>>,
    /// What a plugin calls it, where that is not what everybody expects of the outcome.
    pub status: Option<Box<Status>>,
}

impl PhaseReport {
    /// A report of which nothing more is to be said.
    #[must_use]
    pub fn new(node_id: impl Into<String>, phase: Phase, outcome: Outcome) -> Self {
        Self {
            node_id: node_id.into(),
            phase,
            outcome,
            duration: Duration::ZERO,
            text: String::new(),
            painted: None,
            summary: String::new(),
            location: None,
            sections: Vec::new(),
            headline: String::new(),
            subtest: None,
            by_mark: false,
            properties: Vec::new(),
            failure: None,
            status: None,
        }
    }
}

/// What `pytest_report_teststatus` made of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What it is counted as; empty for what is not counted.
    pub category: String,
    /// The letter of progress; may be several characters, or none.
    pub letter: String,
    /// The word of `-v` and of the summary.
    pub word: String,
    /// The colour by its name, where the plugin chose one; empty for none.
    pub color: Option<String>,
}

/// An exception that ended a phase, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The exception's class; with its module, unless that is `builtins`.
    pub exception: String,
    /// The exception's own text.
    pub message: String,
    /// Where it went, from the test (or fixture) on, the innermost last; at most 100.
    pub frames: Vec<Frame>,
    /// The two sides, if the exception is an assertion that compares.
    pub comparison: Option<Comparison>,
}

/// One frame of a traceback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The file, absolute where there is one.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The function.
    pub function: String,
}

/// What an assertion compared. pytest's convention is `assert actual == expected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The operator as it is written: `==`, `in`, `not in`, `is`, …
    pub op: String,
    /// The left side: two strings as they are, anything else as Python prints it.
    pub actual: String,
    /// The right side.
    pub expected: String,
}

/// Where a test is defined (`item.location`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, from the rootdir, with `/`.
    pub path: String,
    /// The line, from 1, where pytest knows it.
    pub line: Option<u32>,
    /// The test within the file (`TestX.test_y[1]`).
    pub domain: String,
}

/// What the head of the output says of the interpreter and the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// `sys.platform`.
    pub platform: String,
    /// Python's version.
    pub python: String,
    /// pytest's version.
    pub pytest: String,
    /// pluggy's version.
    pub pluggy: String,
    /// The interpreter's path.
    pub executable: String,
    /// The directory that node ids are relative to.
    pub rootdir: String,
    /// The lines of `pytest_report_header`: rootdir, configuration file, plugins.
    pub header: Vec<String>,
}

/// One thing that happened in a run, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RunEvent {
    /// The first worker has read the configuration.
    SessionStarted {
        /// What it found.
        info: SessionInfo,
    },
    /// A file was collected, once for each file, whatever came of it.
    Collected {
        /// The tests' node ids, in pytest's order.
        node_ids: Vec<String>,
    },
    /// The worker waits for a debugger on this loopback port.
    DebuggerListens {
        /// The port.
        port: u16,
    },
    /// All files are collected and tests begin to run, or nothing will run.
    CollectionEnded,
    /// A worker is up; its index from 0 and its process id.
    WorkerStarted {
        /// The worker's index, from 0.
        worker: usize,
        /// Its process id.
        pid: u32,
    },
    /// Every worker had to collect all files, because something sees all tests at once.
    WholeSession {
        /// What does, each with why.
        reasons: Vec<String>,
    },
    /// A test starts.
    TestStarted {
        /// The test.
        node_id: String,
        /// Where it is defined.
        place: Place,
        /// When, since the epoch.
        start: Duration,
        /// The worker that runs it.
        worker: usize,
    },
    /// A phase of a test ended.
    PhaseEnded {
        /// What came of it.
        report: PhaseReport,
        /// The worker that ran it.
        worker: usize,
    },
    /// A file could not be collected.
    CollectError {
        /// The collector's node id.
        node_id: String,
        /// The error as pytest words it.
        text: String,
        /// The same in colour, if the run was asked for colour.
        painted: Option<String>,
        /// The one line of the short summary; may be empty.
        summary: String,
        /// File (as pytest shows it) and 1-based line of the error, where pytest knows them.
        location: Option<(String, u32)>,
    },
    /// A file was skipped as a whole (`pytest.skip(allow_module_level=True)`).
    CollectSkipped {
        /// The collector's node id.
        node_id: String,
        /// Why.
        reason: String,
        /// File (as pytest shows it) and 1-based line of the skip.
        location: Option<(String, u32)>,
    },
    /// Tests were deselected (`-k`, `-m`, `--deselect`, a plugin).
    Deselected {
        /// How many.
        count: usize,
    },
    /// A warning, as pytest words it in its summary.
    Warning {
        /// Where and what.
        text: String,
        /// The test it came from.
        node_id: Option<String>,
        /// File (absolute) and 1-based line that pytest attributes it to.
        location: Option<(String, u32)>,
    },
    /// pytest itself broke (`INTERNALERROR>`).
    InternalError {
        /// The traceback.
        text: String,
    },
    /// Plugins' lines below the count of collected tests (`pytest_report_collectionfinish`).
    CollectionLines {
        /// The lines.
        lines: Vec<String>,
    },
    /// `record_xml_attribute`.
    XmlAttribute {
        /// The test.
        node_id: String,
        /// The attribute's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// `record_testsuite_property`.
    SuiteProperty {
        /// The property's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A line of `--report-log`, if one is written: a report or warning as pytest makes JSON of it.
    Logged {
        /// The line.
        line: String,
    },
    /// A plugin, or pytest for a live log, writes this to the terminal, colours and all.
    Said {
        /// The worker's index.
        worker: usize,
        /// The text.
        text: String,
        /// Whether it begins on a line of its own.
        fresh: bool,
    },
    /// Plugins' part of the summary (`pytest_terminal_summary`), colours and all.
    SummaryText {
        /// Texts, and whether each begins on a line of its own.
        pieces: Vec<(bool, String)>,
    },
    /// A worker wrote this outside any test's capture (`-s`, a crash's last words).
    Output {
        /// The worker's index.
        worker: usize,
        /// Whether it came from stderr.
        stderr: bool,
        /// The text, in pieces as they came.
        text: String,
    },
    /// These tests were collected, should have run, and have no outcome: the run fails.
    Lost {
        /// The tests.
        node_ids: Vec<String>,
    },
    /// A worker died; the test that it was running, if any, got an outcome of its own.
    WorkerLost {
        /// The worker's index.
        worker: usize,
        /// What happened (`killed by signal 11 (SIGSEGV)`).
        reason: String,
    },
}
