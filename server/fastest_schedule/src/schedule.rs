//! The machine itself: its state, and what follows from it after any event.

use std::collections::{BTreeMap, HashMap};

use crate::{
    event::{Command, Effect, Ending, Event, Plan, WorkerId},
    select::Files,
    unit::Unit,
    weigh::Weigher,
    worker::Worker,
};

/// Where the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Listing,
    Collecting,
    Running,
    Stopping(Ending),
    Over,
}

/// The state of one run.
#[derive(Debug)]
pub struct Schedule {
    pub(crate) plan: Plan,
    pub(crate) progress: Progress,
    pub(crate) units: Vec<Unit>,
    pub(crate) index: HashMap<String, usize>,
    /// How many of the units that are to be collected are not known yet.
    pub(crate) unknown: usize,
    /// How many of these it is not known of that they could be collected last time.
    pub(crate) unproven: usize,
    /// Which units are collected when.
    pub(crate) files: Files,
    /// How many units are not collected at all.
    pub(crate) skipped: usize,
    pub(crate) weigher: Weigher,
    pub(crate) workers: BTreeMap<WorkerId, Worker>,
    next_worker: WorkerId,
    pub(crate) restarts: usize,
    /// How many workers were started in the place of some that ended too early.
    pub(crate) hired: usize,
    pub(crate) collection_failures: usize,
    pub(crate) failures: usize,
    /// Whether the run was told to end, which the next time means at once.
    ending_told: bool,
    /// Whether a worker ended of its own accord while others collected.
    pub(crate) stopped_ahead: bool,
    pub(crate) effects: Vec<Effect>,
}

impl Schedule {
    /// A run that has not begun, and the effects that begin it.
    #[must_use]
    pub fn new(mut plan: Plan) -> (Self, Vec<Effect>) {
        let starters = if plan.starters == 0 { plan.workers } else { plan.starters };
        let weigher = Weigher::new(std::mem::take(&mut plan.durations));
        let mut schedule = Self {
            plan,
            progress: Progress::Listing,
            units: Vec::new(),
            index: HashMap::new(),
            unknown: 0,
            unproven: 0,
            files: Files::default(),
            skipped: 0,
            weigher,
            workers: BTreeMap::new(),
            next_worker: 0,
            restarts: 0,
            hired: 0,
            collection_failures: 0,
            failures: 0,
            ending_told: false,
            stopped_ahead: false,
            effects: Vec::new(),
        };
        for _ in 0..starters.max(1) {
            schedule.start_worker(Worker::default());
        }
        let effects = std::mem::take(&mut schedule.effects);
        (schedule, effects)
    }

    /// Take in what happened. Events of workers that are gone are ignored, and after
    /// [`Effect::Ended`] every event is.
    pub fn on(&mut self, event: Event) -> Vec<Effect> {
        if self.progress == Progress::Over {
            return Vec::new();
        }
        match event {
            Event::Listed { worker, units, failures } => self.listed(worker, units, failures),
            Event::Collected { worker, unit, items, deselected, failures, took } => {
                self.collected(worker, &unit, (items, deselected), failures, took);
            }
            Event::TestStarted { worker } => self.test_started(worker),
            Event::Failed { worker } => {
                self.failures += usize::from(self.workers.contains_key(&worker));
            }
            Event::Reported { worker } => self.test_reported(worker),
            Event::TestEnded { worker, took } => self.test_ended(worker, took),
            Event::Finished { worker } => self.finished(worker),
            Event::Gone { worker, reason } => self.gone(worker, &reason),
            Event::Cancel => self.end_early(Ending::Cancelled),
            Event::TimeIsUp => self.end_early(Ending::TimedOut),
        }
        self.settle();
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn start_worker(&mut self, state: Worker) {
        let worker = self.next_worker;
        self.next_worker += 1;
        self.workers.insert(worker, state);
        self.effects.push(Effect::Start { worker });
    }

    /// End the run early: no more work for anybody.
    pub(crate) fn stop(&mut self, ending: Ending) {
        if !self.is_stopping() {
            self.progress = Progress::Stopping(ending);
            let stop = |&worker| Effect::Send { worker, command: Command::Stop };
            self.effects.extend(self.workers.keys().map(stop));
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        matches!(self.progress, Progress::Stopping(_) | Progress::Over)
    }

    pub(crate) fn send(&mut self, worker: WorkerId, command: Command) {
        self.effects.push(Effect::Send { worker, command });
    }

    /// Orderly the first time it is wanted, at once from the second time on. Only the user
    /// interrupts a running test.
    fn end_early(&mut self, ending: Ending) {
        let again = std::mem::replace(&mut self.ending_told, true);
        if !self.is_stopping() {
            self.progress = Progress::Stopping(ending);
        }
        for &worker in self.workers.keys() {
            if again {
                self.effects.push(Effect::Kill { worker });
                continue;
            }
            // A worker that cannot be interrupted ends after its running test.
            self.effects.push(Effect::Send { worker, command: Command::Stop });
            if ending == Ending::Cancelled {
                self.effects.push(Effect::Interrupt { worker });
            }
        }
    }

    /// Draw the conclusions that any event may have made due.
    fn settle(&mut self) {
        self.stop_at_max_failures();
        if self.progress == Progress::Collecting && self.unknown == 0 && !self.collect_later() {
            self.end_collection();
        }
        if !self.is_stopping() {
            self.feed_all();
        }
        if self.workers.is_empty() {
            self.end();
        }
    }

    fn stop_at_max_failures(&mut self) {
        let errors_decide = self.progress == Progress::Collecting && self.unknown == 0;
        if self.plan.max_failures.is_some_and(|max| self.failures >= max.max(1)) && !errors_decide {
            self.stop(Ending::MaxFailures(self.failures));
        }
    }

    fn end(&mut self) {
        let ending = match self.progress {
            Progress::Stopping(ending) => ending,
            Progress::Listing | Progress::Collecting => Ending::NeverStarted,
            Progress::Running | Progress::Over => Ending::Complete,
        };
        let ran = matches!(ending, Ending::Complete | Ending::NeverStarted);
        if ran && !self.plan.collect_only {
            self.name_lost();
        }
        self.progress = Progress::Over;
        self.effects.push(Effect::Ended(ending));
    }

    fn name_lost(&mut self) {
        let items = self.units.iter().flat_map(|unit| &unit.items);
        let open = items.filter(|item| item.open > 0);
        let node_ids: Vec<String> = open.map(|item| item.node_id.clone()).collect();
        if !node_ids.is_empty() {
            self.effects.push(Effect::Lost { node_ids });
        }
    }
}
