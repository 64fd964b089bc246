//! The machine itself: what each event changes, and what follows from the state.

use std::collections::{BTreeMap, HashMap};

use crate::{
    deal,
    event::{Command, Effect, Ending, Event, Plan, WorkerId},
    unit::{Stage, Unit},
    worker::Worker,
};

/// How many units a worker holds at once. It must know the next test to end the present one
/// (a module's fixtures live until a test of another module follows), so one unit runs while
/// one waits.
const HELD: usize = 2;

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
    plan: Plan,
    pub(crate) progress: Progress,
    pub(crate) units: Vec<Unit>,
    index: HashMap<String, usize>,
    pub(crate) workers: BTreeMap<WorkerId, Worker>,
    next_worker: WorkerId,
    pub(crate) collection_failures: usize,
    pub(crate) failures: usize,
    cancelled: bool,
    pub(crate) effects: Vec<Effect>,
}

impl Schedule {
    /// A run that has not begun, and the effects that begin it.
    #[must_use]
    pub fn new(plan: Plan) -> (Self, Vec<Effect>) {
        let workers = plan.workers.max(1);
        let mut schedule = Self {
            plan,
            progress: Progress::Listing,
            units: Vec::new(),
            index: HashMap::new(),
            workers: BTreeMap::new(),
            next_worker: 0,
            collection_failures: 0,
            failures: 0,
            cancelled: false,
            effects: Vec::new(),
        };
        for _ in 0..workers {
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
            Event::Collected { worker, unit, items, failures } => {
                self.collected(worker, &unit, items, failures);
            }
            Event::TestStarted { worker, node_id } => {
                if let Some(worker) = self.workers.get_mut(&worker) {
                    worker.current = Some(node_id);
                }
            }
            Event::Failed { worker } => {
                self.failures += usize::from(self.workers.contains_key(&worker));
            }
            Event::TestEnded { worker, node_id } => self.test_ended(worker, node_id),
            Event::UnitDone { worker, unit } => self.unit_done(worker, &unit),
            Event::Finished { worker } => self.finished(worker),
            Event::Gone { worker, reason } => self.gone(worker, &reason),
            Event::Cancel => self.cancel(),
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

    fn listed(&mut self, worker: WorkerId, units: Vec<String>, failures: usize) {
        let Some(state) = self.workers.get_mut(&worker) else { return };
        state.listed = true;
        if self.progress == Progress::Listing {
            self.collection_failures += failures;
            self.failures += failures;
            self.know_units(units);
            self.progress = Progress::Collecting;
        }
    }

    fn know_units(&mut self, ids: Vec<String>) {
        for id in ids {
            let weight = self.plan.weights.get(&id).copied().unwrap_or(1);
            if self.index.insert(id.clone(), self.units.len()).is_none() {
                self.units.push(Unit::new(id, weight));
            }
        }
        let hands = deal::longest_first(&self.units, self.workers.len());
        for (worker, hand) in self.workers.values_mut().zip(hands) {
            worker.to_collect = hand;
        }
    }

    fn collected(&mut self, worker: WorkerId, id: &str, items: Vec<String>, failures: usize) {
        let Some(&at) = self.index.get(id) else { return };
        let Some(state) = self.workers.get_mut(&worker) else { return };
        let unit = &mut self.units[at];
        state.collecting.retain(|&unit| unit != at);
        state.collected.insert(at);
        state.progressed = true;
        unit.items = items;
        if unit.stage != Stage::New {
            return;
        }
        self.collection_failures += failures;
        self.failures += failures;
        if unit.items.is_empty() || self.plan.collect_only {
            unit.stage = Stage::Done;
        } else {
            unit.stage = Stage::Collected;
            state.to_run.push_back(at);
        }
    }

    fn test_ended(&mut self, worker: WorkerId, node_id: String) {
        let Some(state) = self.workers.get_mut(&worker) else { return };
        state.progressed = true;
        state.current = None;
        if let Some(&unit) = state.running.front() {
            self.units[unit].ended.insert(node_id);
        }
    }

    fn unit_done(&mut self, worker: WorkerId, id: &str) {
        let Some(&at) = self.index.get(id) else { return };
        let Some(state) = self.workers.get_mut(&worker) else { return };
        state.running.retain(|&unit| unit != at);
        self.units[at].stage = Stage::Done;
    }

    fn finished(&mut self, worker: WorkerId) {
        let Some(state) = self.workers.remove(&worker) else { return };
        if !state.closing || state.unfinished().next().is_some() {
            self.stop(Ending::StoppedByWorker);
        }
    }

    fn cancel(&mut self) {
        let again = std::mem::replace(&mut self.cancelled, true);
        if !self.is_stopping() {
            self.progress = Progress::Stopping(Ending::Cancelled);
        }
        for &worker in self.workers.keys() {
            if again {
                self.effects.push(Effect::Kill { worker });
            } else {
                // A worker that cannot be interrupted ends after its running test.
                self.effects.push(Effect::Send { worker, command: Command::Stop });
                self.effects.push(Effect::Interrupt { worker });
            }
        }
    }

    /// Draw the conclusions that any event may have made due.
    fn settle(&mut self) {
        self.stop_at_max_failures();
        if self.progress == Progress::Collecting && self.units.iter().all(|u| u.stage != Stage::New)
        {
            self.end_collection();
        }
        let workers: Vec<WorkerId> = self.workers.keys().copied().collect();
        // Everybody gets their own work before anybody gets somebody else's.
        for &worker in &workers {
            self.feed(worker, Self::feed_own);
        }
        for worker in workers {
            self.feed(worker, Self::feed_stolen);
        }
        if self.workers.is_empty() {
            self.end();
        }
    }

    fn stop_at_max_failures(&mut self) {
        let all_collected = self.units.iter().all(|unit| unit.stage != Stage::New);
        let errors_decide = self.progress == Progress::Collecting && all_collected;
        if self.plan.max_failures.is_some_and(|max| self.failures >= max.max(1)) && !errors_decide {
            self.stop(Ending::MaxFailures(self.failures));
        }
    }

    fn end_collection(&mut self) {
        self.effects.push(Effect::CollectionEnded);
        if self.collection_failures > 0 && !self.plan.continue_on_collection_errors {
            self.stop(Ending::CollectionFailed(self.collection_failures));
        } else {
            self.progress = Progress::Running;
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
        let node_ids: Vec<String> = self.units.iter().flat_map(Unit::open_items).cloned().collect();
        if !node_ids.is_empty() {
            self.effects.push(Effect::Lost { node_ids });
        }
    }

    /// Give a worker more, if it takes any.
    fn feed(&mut self, worker: WorkerId, give: fn(&mut Self, WorkerId, &mut Worker)) {
        let Some(mut state) = self.workers.remove(&worker) else { return };
        if state.listed && !state.closing && !self.is_stopping() {
            give(self, worker, &mut state);
        }
        self.workers.insert(worker, state);
    }

    fn feed_own(&mut self, worker: WorkerId, state: &mut Worker) {
        self.feed_collecting(worker, state);
        while self.progress == Progress::Running && state.running.len() < HELD {
            let Some(unit) = state.to_run.pop_front() else { return };
            self.ask_to_run(worker, state, unit);
        }
    }

    /// Fill up with others' work; where there is none, nothing more will come.
    fn feed_stolen(&mut self, worker: WorkerId, state: &mut Worker) {
        while self.progress == Progress::Running && state.running.len() < HELD {
            let Some(unit) = deal::steal(&mut self.workers, &self.units) else {
                state.closing = true;
                return self.send(worker, Command::Finish);
            };
            self.ask_to_run(worker, state, unit);
        }
    }

    fn feed_collecting(&mut self, worker: WorkerId, state: &mut Worker) {
        while state.collecting.len() < HELD {
            let Some(unit) = state.to_collect.pop_front() else { return };
            self.ask_to_collect(worker, state, unit);
        }
    }

    fn ask_to_run(&mut self, worker: WorkerId, state: &mut Worker, unit: usize) {
        if !state.collected.contains(&unit) {
            self.ask_to_collect(worker, state, unit);
        }
        let Unit { id, .. } = &self.units[unit];
        let command = Command::Run { unit: id.clone(), skip: self.units[unit].ended_items() };
        state.running.push_back(unit);
        self.send(worker, command);
    }

    fn ask_to_collect(&mut self, worker: WorkerId, state: &mut Worker, unit: usize) {
        state.collecting.push_back(unit);
        self.send(worker, Command::Collect { unit: self.units[unit].id.clone() });
    }

    fn send(&mut self, worker: WorkerId, command: Command) {
        self.effects.push(Effect::Send { worker, command });
    }
}
