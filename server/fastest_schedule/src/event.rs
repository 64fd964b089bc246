//! What the machine is told and what it asks for.

use std::collections::HashMap;

/// A worker's index, from 0. A worker that replaces a lost one has an index of its own.
pub type WorkerId = usize;

/// What is known before the run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How many workers may run at once; at least 1.
    pub workers: usize,
    /// How long each unit is expected to take, in any unit of measure; 1 where it is not known.
    pub weights: HashMap<String, u64>,
    /// `--maxfail`: stop after this many failures.
    pub max_failures: Option<usize>,
    /// `--continue-on-collection-errors`.
    pub continue_on_collection_errors: bool,
    /// Collect, run nothing.
    pub collect_only: bool,
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
        /// The node ids of its tests, in order.
        items: Vec<String>,
        /// How many collectors failed.
        failures: usize,
    },
    /// A test starts.
    TestStarted {
        /// The worker.
        worker: WorkerId,
        /// The test.
        node_id: String,
    },
    /// A phase of a test failed.
    Failed {
        /// The worker.
        worker: WorkerId,
    },
    /// A test has its outcome.
    TestEnded {
        /// The worker.
        worker: WorkerId,
        /// The test.
        node_id: String,
    },
    /// A worker ran all it should of a unit.
    UnitDone {
        /// The worker.
        worker: WorkerId,
        /// The unit.
        unit: String,
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
}

/// What a worker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Collect a unit.
    Collect {
        /// The unit.
        unit: String,
    },
    /// Run a collected unit.
    Run {
        /// The unit.
        unit: String,
        /// Tests of it that have their outcome already.
        skip: Vec<String>,
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
    /// Every unit is collected, or nothing will run.
    CollectionEnded,
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
    /// A worker ended of its own accord: its own exit code says why.
    StoppedByWorker,
    /// The user cancelled.
    Cancelled,
    /// No worker got as far as listing the units.
    NeverStarted,
}
