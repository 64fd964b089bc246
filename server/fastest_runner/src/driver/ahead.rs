//! What is told of tests that run while other workers still collect: nobody hears of it before
//! collection has ended, and never where it failed, so that a run is told as pytest's is.

use std::collections::HashSet;

use fastest_model::RunEvent;
use fastest_schedule::WorkerId;

/// What becomes of what is told of such tests.
#[derive(Debug, Default, PartialEq, Eq)]
enum Fate {
    /// It is kept back: collection goes on.
    #[default]
    Held,
    /// It is told: collection has ended.
    Told,
    /// It is forgotten: collection has failed.
    Forgotten,
}

/// What is kept back.
#[derive(Debug, Default)]
pub struct Ahead {
    fate: Fate,
    /// Workers that have begun to run tests while others collected.
    workers: HashSet<WorkerId>,
    /// Whether what is told now is of one of them.
    is_of_one: bool,
    held: Vec<RunEvent>,
}

impl Ahead {
    /// What is told from now on is of this worker.
    pub fn listen_to(&mut self, worker: WorkerId) {
        self.is_of_one = self.workers.contains(&worker);
    }

    /// What is told from now on is of the run.
    pub fn listen_to_all(&mut self) {
        self.is_of_one = false;
    }

    /// A worker begins to run a test.
    pub fn begins(&mut self, worker: WorkerId) {
        if self.fate == Fate::Held {
            self.workers.insert(worker);
        }
        self.listen_to(worker);
    }

    /// The event, if it is to be told now.
    pub fn pass(&mut self, event: RunEvent) -> Option<RunEvent> {
        match self.fate {
            _ if !self.is_of_one => return Some(event),
            Fate::Told => return Some(event),
            Fate::Held => self.held.push(event),
            Fate::Forgotten => {}
        }
        None
    }

    /// Collection has ended, or failed: what is to be told after that.
    pub fn end(&mut self, failed: bool) -> Vec<RunEvent> {
        self.fate = if failed { Fate::Forgotten } else { Fate::Told };
        let held = std::mem::take(&mut self.held);
        if failed { Vec::new() } else { held }
    }
}
