//! What a run is asked to do and what it answers.

use std::{ffi::OsString, io, num::NonZero, path::PathBuf, time::Duration};

use fastest_model::{ExitCode, Learned, Memory};
use fastest_schedule::{Dist, Ending, Selection};

use crate::coverage::Coverage;
use crate::expect;

use crate::{template::Templates, zygote::Zygote};

/// How many workers run the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// One for each core that this process may use (`-n auto`); as with xdist, the variable
    /// `PYTEST_XDIST_AUTO_NUM_WORKERS` says otherwise.
    Auto,
    /// So many (`-n N`); 0 and 1 both mean one worker, which runs as plain pytest would.
    Count(usize),
}

impl Workers {
    /// The number that is wanted, at least 1.
    #[must_use]
    pub fn resolve(self) -> usize {
        let wanted = match self {
            Self::Count(count) => count,
            Self::Auto => from_environment().unwrap_or_else(cores),
        };
        wanted.max(1)
    }
}

/// How a worker is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A socket that the worker inherits; Unix only.
    Inherited,
    /// A loopback connection that the worker opens with a secret.
    Loopback,
}

impl Default for Transport {
    fn default() -> Self {
        if cfg!(unix) { Self::Inherited } else { Self::Loopback }
    }
}

/// `--reruns` and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reruns {
    /// How often a failed test runs again; 0 where only its mark says so.
    pub count: usize,
    /// How many seconds later.
    pub delay: f64,
    /// Only where the failure matches one of these regular expressions, if there are any.
    pub only: Vec<String>,
    /// Not where it matches one of these.
    pub except: Vec<String>,
}

/// A file and the tests that static discovery expects in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedUnit {
    /// The file's node id: its path from the rootdir, with `/`.
    pub path: String,
    /// The expected node ids.
    pub node_ids: Vec<String>,
    /// Whether these are proven to be all; otherwise they only say how much work to expect.
    pub certain: bool,
}

/// How a worker is debugged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debugging {
    /// A folder that holds debugpy, for interpreters that have none.
    pub debugpy: Option<PathBuf>,
}

/// One run.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// The project's interpreter.
    pub python: PathBuf,
    /// Where pytest is invoked.
    pub invocation_dir: PathBuf,
    /// pytest's arguments as the user gave them: options, paths, node ids. What is ours
    /// (`-n`, reporters' options) must not be among them.
    pub pytest_args: Vec<String>,
    /// Variables set for the workers besides this process's own.
    pub env: Vec<(OsString, OsString)>,
    /// What static discovery expects; a plan for the order, never the authority.
    pub plan: Vec<PlannedUnit>,
    /// How many workers.
    pub workers: Workers,
    /// `--maxfail`, `-x`; pytest's arguments hold it as well.
    pub max_failures: Option<usize>,
    /// How tests are spread over workers.
    pub dist: Dist,
    /// `--max-worker-restart`: how many lost workers are replaced; all, where it is not given.
    pub max_restarts: Option<usize>,
    /// How often each test runs; 0 means once too.
    pub repeat: usize,
    /// `(k, n)`: the k-th of n parts, from 1, of files dealt by expected duration.
    pub shard: Option<(usize, usize)>,
    /// What earlier runs left.
    pub memory: Memory,
    /// `--lf`, `--ff` and `--nf`.
    pub selection: Selection,
    /// How long a test may take, in seconds, unless its mark says otherwise; for environments
    /// without pytest-timeout.
    pub timeout: Option<f64>,
    /// How long the run may take.
    pub run_timeout: Option<Duration>,
    /// Failed tests run again; for environments without pytest-rerunfailures.
    pub reruns: Option<Reruns>,
    /// `--continue-on-collection-errors`; pytest's arguments hold it as well.
    pub continue_on_collection_errors: bool,
    /// Collect and run nothing; pytest's arguments hold `--collect-only` as well.
    pub collect_only: bool,
    /// Whether `sys.path` begins with the invocation directory, as under `python -m pytest`;
    /// under `pytest` it does not.
    pub cwd_on_path: bool,
    /// The width on which pytest lays out failures; it takes 80 where there is no terminal.
    pub columns: usize,
    /// Whether failures are rendered in colour too (`--color`).
    pub markup: bool,
    /// Whether the output of tests that passed is wanted (`-rP`, a JUnit report).
    pub passed_output: bool,
    /// `junit_family`, if a JUnit report is written.
    pub junit_family: Option<String>,
    /// Whether reports are wanted as pytest makes JSON of them (`--report-log`).
    pub report_log: bool,
    /// Texts that workers import instead of files, by absolute path: unsaved documents.
    pub overlay: Vec<(PathBuf, String)>,
    /// Modules of the standard library that the tests' files import, as dotted names. Under pytest
    /// all files are imported before the first test runs, and some code looks at what is
    /// (`logging` at `multiprocessing`); each of several workers imports only some files.
    pub standard_modules: Vec<String>,
    /// Whether, and how, the one worker is debugged.
    pub debug: Option<Debugging>,
    /// What coverage measures, if it does; [`crate::coverage::report`] reports it.
    pub coverage: Option<Coverage>,
    /// How workers are reached.
    pub transport: Transport,
    /// Whether the only worker has the terminal to itself (`-s`, `--pdb`): it is spawned with this
    /// process's standard streams, in its process group, and pytest writes the report.
    pub foreground: bool,
    /// What workers are forked from; without it each is spawned. It must be of this interpreter.
    /// A run with `cwd_on_path` or over loopback does without.
    pub zygote: Option<Zygote>,
    /// Processes that are kept between runs, each with a file collected; a run of one file's tests
    /// uses one, or leaves one.
    pub templates: Option<Templates>,
}

impl RunRequest {
    /// How many workers will run it.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        expect::workers(self)
    }

    /// How many of them are worth their start, before it turns out that tests take longer than
    /// it is known.
    #[must_use]
    pub fn starters(&self) -> usize {
        expect::starters(self)
    }

    /// A run of everything that pytest's own defaults name.
    #[must_use]
    pub fn new(python: impl Into<PathBuf>, invocation_dir: impl Into<PathBuf>) -> Self {
        Self {
            python: python.into(),
            invocation_dir: invocation_dir.into(),
            pytest_args: Vec::new(),
            env: Vec::new(),
            plan: Vec::new(),
            workers: Workers::Auto,
            max_failures: None,
            dist: Dist::Load,
            max_restarts: None,
            repeat: 1,
            shard: None,
            memory: Memory::default(),
            selection: Selection::default(),
            timeout: None,
            run_timeout: None,
            reruns: None,
            continue_on_collection_errors: false,
            collect_only: false,
            cwd_on_path: false,
            columns: 80,
            markup: false,
            passed_output: false,
            junit_family: None,
            report_log: false,
            overlay: Vec::new(),
            standard_modules: Vec::new(),
            debug: None,
            coverage: None,
            transport: Transport::default(),
            foreground: false,
            zygote: None,
            templates: None,
        }
    }
}

/// Where the plan and pytest's own collection differ. pytest is right: this is for `--explain`
/// and for finding defects of static discovery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDifferences {
    /// Planned, and neither collected nor deselected.
    pub missing: Vec<String>,
    /// Collected or deselected, and not planned.
    pub unplanned: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// What the process should exit with: an [`ExitCode`], or what `pytest.exit` asked for.
    pub exit: i32,
    /// Why it ended.
    pub ending: Ending,
    /// What pytest prints between exclamation marks when a run stops early; may be two lines.
    pub stop_reason: Option<String>,
    /// Where tests were when the user interrupted the run, as pytest prints it.
    pub interruptions: Vec<String>,
    /// How many tests were collected and not deselected.
    pub collected: usize,
    /// Tests that should have an outcome and have none.
    pub lost: Vec<String>,
    /// How many workers died.
    pub workers_lost: usize,
    /// How many workers were started at first.
    pub workers: usize,
    /// From the start of the first worker to the end of the last.
    pub duration: Duration,
    /// Where static discovery was wrong.
    pub plan_differences: PlanDifferences,
    /// What the next run can know from this one.
    pub learned: Learned,
}

impl RunSummary {
    /// What a report of coverage has to say of workers that died: each tells what it has measured
    /// when it ends. `None` if none died.
    #[must_use]
    pub fn lost_coverage(&self) -> Option<String> {
        let died = match self.workers_lost {
            0 => return None,
            1 => "a worker died, and what its tests".to_owned(),
            count => format!("{count} workers died, and what their tests"),
        };
        Some(format!("{died} had covered is lost: lines that no other test ran count as missed"))
    }
}

/// Why a run could not be.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The interpreter has no pytest.
    #[error("`{python}` has no pytest; install it with `{python} -m pip install pytest`")]
    NoPytest {
        /// The interpreter, as it names itself.
        python: String,
    },
    /// A debugger is asked for and there is none.
    #[error("`{python}` has no debugpy; install it with `{python} -m pip install debugpy`")]
    NoDebugger {
        /// The interpreter, as it names itself.
        python: String,
    },
    /// The interpreter cannot be started.
    #[error("failed to start the Python interpreter `{}`: {source}", python.display())]
    NoPython {
        /// The interpreter.
        python: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The harness cannot be written to disk.
    #[error("failed to unpack the Python harness: {0}")]
    Unpack(#[source] io::Error),
    /// A worker speaks another protocol, or not at all.
    #[error("failed to speak with a worker: {0}")]
    Protocol(String),
}

impl RunError {
    /// The exit code that says so.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoPytest { .. } | Self::NoDebugger { .. } | Self::NoPython { .. } => {
                ExitCode::UsageError
            }
            Self::Unpack(_) | Self::Protocol(_) => ExitCode::Crash,
        }
    }
}

fn from_environment() -> Option<usize> {
    std::env::var("PYTEST_XDIST_AUTO_NUM_WORKERS").ok()?.parse().ok()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
