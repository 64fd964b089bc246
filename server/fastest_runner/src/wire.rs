//! The messages of `docs/harness-protocol.md`, and what they mean in our words.
//!
//! A test compares this file and the Python side with the hash that the page carries.

mod report;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use fastest_model::run::{RunEvent, SessionInfo};
use fastest_schedule::Command;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::coverage::Coverage;
use crate::request::{Debugging, Reruns};

pub use report::{WirePassed, WireReport, WireStarted};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;

/// What a worker says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    Ready {
        protocol: u32,
    },
    NoPytest {
        executable: String,
    },
    NoDebugger {
        executable: String,
    },
    /// A process to fork workers from has begun its session, or collected its file too.
    Prepared {
        items: Vec<String>,
        /// The paths of all files that it has read, or looked for.
        read: Vec<String>,
        /// Why it cannot be kept; empty if it can.
        unfit: Vec<String>,
        /// Whether that may be otherwise in a moment.
        passes: bool,
    },
    Debugger {
        port: u16,
    },
    Hello(WireHello),
    Listed {
        units: Vec<String>,
        complete: bool,
        deselected: Vec<String>,
        reports: Vec<WireCollectReport>,
        lines: Vec<String>,
        #[serde(default)]
        whole: Vec<String>,
    },
    Collected(WireCollected),
    Started(WireStarted),
    Passed(WirePassed),
    Report(Box<WireReport>),
    Ended {
        node_id: String,
        duration: f64,
    },
    Limit {
        seconds: f64,
    },
    Warning {
        text: String,
        node_id: Option<String>,
        location: Option<Location>,
    },
    InternalError {
        text: String,
    },
    XmlAttribute {
        node_id: String,
        name: String,
        value: String,
    },
    SuiteProperty {
        name: String,
        value: String,
    },
    Logged {
        line: String,
    },
    Said {
        text: String,
        #[serde(default)]
        fresh: bool,
    },
    Finished {
        exit: i32,
        reason: Option<String>,
        interruption: String,
        last_words: Vec<(bool, String)>,
    },
}

/// What a worker is told first.
#[derive(Debug, Serialize)]
pub struct Configure {
    pub args: Vec<String>,
    pub worker: Option<String>,
    pub workers: usize,
    pub run_uid: String,
    pub cwd_on_path: bool,
    pub columns: usize,
    pub foreground: bool,
    pub markup: bool,
    pub passed_output: bool,
    pub junit_family: Option<String>,
    pub report_log: bool,
    pub overlay: BTreeMap<String, String>,
    pub standard_modules: Vec<String>,
    pub debug: Option<WireDebug>,
    pub by_file: bool,
    pub timeout: Option<f64>,
    pub reruns: Option<WireReruns>,
    pub coverage: Option<Coverage>,
}

/// What a worker is told.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    Configure(Box<Configure>),
    /// `Configure` for a process that is to be forked once its session has begun.
    Begin(serde_json::Value),
    /// `Configure` for a process that is to be forked once it has collected a file.
    Prepare(serde_json::Value),
    Collect {
        unit: String,
    },
    Run {
        unit: String,
        items: Vec<usize>,
    },
    Finish,
    Stop,
}

/// How a worker is debugged.
#[derive(Debug, Serialize)]
pub struct WireDebug {
    pub path: Option<String>,
}

/// Unsaved documents by path. A path that is no text has none.
pub fn overlay(buffers: &[(PathBuf, String)]) -> BTreeMap<String, String> {
    let text = |path: &PathBuf| path.to_str().map(str::to_owned);
    buffers.iter().filter_map(|(path, buffer)| Some((text(path)?, buffer.clone()))).collect()
}

/// How a worker is debugged.
pub fn debugging(debugging: &Debugging) -> WireDebug {
    let path = debugging.debugpy.as_ref();
    WireDebug { path: path.map(|path| path.to_string_lossy().into_owned()) }
}

/// How failed tests run again.
#[derive(Debug, Serialize)]
pub struct WireReruns {
    pub count: usize,
    pub delay: f64,
    pub only: Vec<String>,
    pub except: Vec<String>,
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
    /// A number for each item that shares something; empty where none does.
    pub scopes: Vec<Option<u32>>,
    /// `xdist_group` by the item's place.
    #[serde(deserialize_with = "by_place")]
    pub groups: HashMap<usize, String>,
    pub duration: f64,
    pub deselected: Vec<String>,
    pub reports: Vec<WireCollectReport>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WireOutcome {
    #[default]
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
    #[serde(default)]
    text: String,
    #[serde(default)]
    summary: String,
    location: Option<Location>,
}

impl From<Reruns> for WireReruns {
    fn from(Reruns { count, delay, only, except }: Reruns) -> Self {
        Self { count, delay, only, except }
    }
}

impl From<Command> for ToWorker {
    fn from(command: Command) -> Self {
        match command {
            Command::Collect { unit } => Self::Collect { unit },
            Command::Run { unit, items } => Self::Run { unit, items },
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

    pub fn into_model(self, markup: bool) -> RunEvent {
        let Self { node_id, outcome, text, summary, location } = self;
        let (text, painted) = report::plain_and_painted(text, markup);
        let (summary, _) = report::plain_and_painted(summary, markup);
        match outcome {
            WireOutcome::Skipped => RunEvent::CollectSkipped {
                node_id,
                reason: summary,
                location: location.map(to_location),
            },
            _ => RunEvent::CollectError {
                node_id,
                text,
                painted,
                summary,
                location: location.map(to_location),
            },
        }
    }
}

/// A place in our words; a line that no file can have becomes 0.
pub fn to_location((path, line): Location) -> (String, u32) {
    (path, u32::try_from(line).unwrap_or(0))
}

/// Keys that are numbers, which serde does not read within a tagged message.
fn by_place<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<HashMap<usize, String>, D::Error> {
    let texts = HashMap::<String, String>::deserialize(deserializer)?;
    let parsed = texts.into_iter().map(|(place, group)| Ok((place.parse()?, group)));
    parsed.collect::<Result<_, std::num::ParseIntError>>().map_err(D::Error::custom)
}
