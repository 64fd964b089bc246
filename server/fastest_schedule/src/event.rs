//! What the machine is told and what it asks for. All durations are microseconds.

use std::collections::HashMap;

use crate::select::Selection;

/// A worker's index, from 0. A worker that replaces a lost one has an index of its own.
pub type WorkerId = usize;

/// What may be torn apart: xdist's `--dist`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dist {
    /// Whatever shares no fixture (`load`, `worksteal`, `loadgroup` and no `--dist` at all).
    #[default]
    Load,
    /// No class, and of the functions of a module none (`loadscope`).
    LoadScope,
    /// No file (`loadfile`).
    LoadFile,
}

/// What is known before the run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How many workers may run at once; at least 1.
    pub workers: usize,
    /// How many of them to start with, the others when work for them turns up; 0 is all of them.
    pub starters: usize,
    /// How long each unit is expected to take.
    pub weights: HashMap<String, u64>,
    /// How long each test took last time, by node id, and how long collecting each unit took: 0
    /// where that failed.
    pub durations: HashMap<String, u64>,
    /// What may be torn apart.
    pub dist: Dist,
    /// Which of the collected tests run, and in which order.
    pub selection: Selection,
    /// How often each test runs; 0 means once too.
    pub repeat: usize,
    /// `(k, n)`: only the k-th of n parts, from 1, of the units dealt by their weights.
    pub shard: Option<(usize, usize)>,
    /// `--maxfail`: stop after this many failures.
    pub max_failures: Option<usize>,
    /// `--max-worker-restart`: how many lost workers are replaced.
    pub max_restarts: Option<usize>,
    /// `--continue-on-collection-errors`.
    pub continue_on_collection_errors: bool,
    /// Collect, run nothing.
    pub collect_only: bool,
    /// Whether a worker that has nothing left to collect may run what it has while others collect.
    pub runs_ahead: bool,
}

/// A collected test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Its node id; not always the only one of that name.
    pub node_id: String,
    /// Tests of a unit with the same number share something that is set up once for all of them.
    pub scope: Option<u32>,
    /// `xdist_group`: tests of one name run in one worker, whatever their files.
    pub group: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A worker knows which units there are. `failures` are those of folders.
    Listed {
        /// The worker.
        worker: WorkerId,
        /// The units' ids, in pytest's order.
        units: Vec<String>,
        /// How many folders could not be collected.
        failures: usize,
    },
    /// A worker collected a unit.
    Collected {
        /// The worker.
        worker: WorkerId,
        /// The unit.
        unit: String,
        /// Its tests, in order.
        items: Vec<Found>,
        /// The node ids of those that are not to run (`-k`).
        deselected: Vec<String>,
        /// How many collectors failed.
        failures: usize,
        /// How long it took.
        took: u64,
    },
    /// The next test of those that the worker was told to run starts.
    TestStarted {
        /// The worker.
        worker: WorkerId,
    },
    /// A phase of a test failed.
    Failed {
        /// The worker.
        worker: WorkerId,
    },
    /// The running test has its outcome; whatever becomes of the worker, it keeps it.
    Reported {
        /// The worker.
        worker: WorkerId,
    },
    /// The running test has ended.
    TestEnded {
        /// The worker.
        worker: WorkerId,
        /// How long it took.
        took: u64,
    },
    /// A worker ended its session in good order: because it was told to, or because of a
    /// test or plugin (`pytest.exit`, `--maxfail`, an internal error).
    Finished {
        /// The worker.
        worker: WorkerId,
    },
    /// A worker is gone without having ended its session.
    Gone {
        /// The worker.
        worker: WorkerId,
        /// What happened to it, as a fragment: `killed by signal 11 (SIGSEGV)`.
        reason: String,
    },
    /// The user wants the run to end: the first time orderly, from the second on at once.
    Cancel,
    /// The run has taken as long as it may: it ends orderly, or the second time at once.
    TimeIsUp,
}

/// What a worker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Collect a unit.
    Collect {
        /// The unit.
        unit: String,
    },
    /// Run tests of a unit that this worker has collected.
    Run {
        /// The unit.
        unit: String,
        /// Their places in its list, in the order in which they run.
        items: Vec<usize>,
    },
    /// Nothing more will come: run what there is, end the session.
    Finish,
    /// End the session after the running test.
    Stop,
}

/// What is to be done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Start a worker.
    Start {
        /// Its index.
        worker: WorkerId,
    },
    /// Tell a worker something.
    Send {
        /// The worker.
        worker: WorkerId,
        /// What.
        command: Command,
    },
    /// Interrupt a worker as Ctrl-C does.
    Interrupt {
        /// The worker.
        worker: WorkerId,
    },
    /// Kill a worker and what it started.
    Kill {
        /// The worker.
        worker: WorkerId,
    },
    /// Which of the collected tests run; only where there is something to choose.
    Chosen {
        /// The node ids of those that run, in order.
        kept: Vec<String>,
        /// The node ids of the others.
        deselected: Vec<String>,
        /// What pytest says of it (`run-last-failure: …`).
        note: Option<String>,
    },
    /// A line about what is collected.
    Noted {
        /// The line.
        text: String,
    },
    /// Every unit is collected, or nothing will run.
    CollectionEnded {
        /// Collection failed: what has run ahead of its end has not run.
        failed: bool,
    },
    /// A test died with its worker: this is its outcome.
    Crashed {
        /// The worker.
        worker: WorkerId,
        /// The test.
        node_id: String,
        /// The event's reason.
        reason: String,
    },
    /// A worker died while it collected a unit: this is the unit's collection error.
    CrashedCollecting {
        /// The worker.
        worker: WorkerId,
        /// The unit.
        unit: String,
        /// The event's reason.
        reason: String,
    },
    /// These tests were collected and should have run, but have no outcome.
    Lost {
        /// The tests.
        node_ids: Vec<String>,
    },
    /// The run is over; no effect follows.
    Ended(Ending),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every unit is done.
    Complete,
    /// Collection failed and nothing ran; the number of errors.
    CollectionFailed(usize),
    /// `--maxfail` was reached; the number of failures.
    MaxFailures(usize),
    /// As many workers were lost as are replaced (`--max-worker-restart`), and one more.
    MaxRestarts(usize),
    /// A worker ended of its own accord: its own exit code says why.
    StoppedByWorker,
    /// The user cancelled.
    Cancelled,
    /// The run took too long.
    TimedOut,
    /// No worker got as far as listing the units.
    NeverStarted,
}
