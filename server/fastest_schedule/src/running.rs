//! The second stage: workers are told what to run, a little at a time.

use crate::{
    event::{Command, WorkerId},
    schedule::{Progress, Schedule},
    worker::{Slot, Worker},
};

/// How many items a worker holds at least. It must know the next test to end the present one
/// (a module's fixtures live until a test of another module follows), so one runs while one waits.
const HELD: usize = 2;

/// How much work a worker holds, in microseconds: enough that it never waits for us (a round trip
/// takes well under a millisecond), little enough that the rest can still be given to others.
const AHEAD: u64 = 40_000;

/// What it costs, in microseconds, to start another worker while tests run.
const START_COST: u64 = 500_000;

/// How many items of unknown duration a worker holds at most: any of them may take a minute, and
/// what it holds nobody else can take.
const HELD_UNKNOWN: usize = 16;

/// How many of them may be of a unit of which no test has ended: all of it may be long.
const HELD_UNSEEN: usize = 4;

impl Schedule {
    /// The first of the items that a worker was told to run starts.
    pub(crate) fn test_started(&mut self, worker: WorkerId) {
        if let Some(state) = self.workers.get_mut(&worker) {
            state.started = true;
        }
    }

    /// The running item has its outcome.
    pub(crate) fn test_reported(&mut self, worker: WorkerId) {
        let Some(state) = self.workers.get_mut(&worker) else { return };
        if let Some(slot) = state.running.front()
            && !std::mem::replace(&mut state.reported, true)
        {
            let item = &mut self.units[slot.unit].items[slot.item];
            item.open = item.open.saturating_sub(1);
        }
    }

    /// The running item has ended.
    pub(crate) fn test_ended(&mut self, worker: WorkerId, took: u64) {
        self.test_reported(worker);
        let Some(state) = self.workers.get_mut(&worker) else { return };
        (state.started, state.reported, state.progressed) = (false, false, true);
        if let Some(slot) = state.release() {
            self.weigher.learn(&mut self.units[slot.unit], slot.item, took);
        }
    }

    /// Give everybody their own work, before anybody gets somebody else's.
    pub(crate) fn feed_all(&mut self) {
        let workers: Vec<WorkerId> = self.workers.keys().copied().collect();
        for &worker in &workers {
            self.feed(worker, Self::feed_own);
        }
        if self.progress == Progress::Running {
            for worker in workers {
                self.feed(worker, Self::feed_stolen);
            }
            self.hire();
        }
    }

    /// Start a worker in the place of one that ended when there seemed to be nothing left for it,
    /// where what another has now turns out to take long.
    fn hire(&mut self) {
        let staying = self.workers.values().filter(|worker| !worker.closing).count();
        if staying == 0 || staying >= self.plan.workers || self.hired >= self.plan.workers {
            return;
        }
        let newcomer = Worker { ahead: START_COST, ..Worker::default() };
        if let Some(share) = self.steal(&newcomer) {
            self.hired += 1;
            self.start_worker(Worker { to_run: [share].into(), ..Worker::default() });
        }
    }

    fn feed(&mut self, worker: WorkerId, give: fn(&mut Self, WorkerId, &mut Worker)) {
        let Some(mut state) = self.workers.remove(&worker) else { return };
        if state.listed && !state.closing {
            give(self, worker, &mut state);
        }
        self.workers.insert(worker, state);
    }

    fn feed_own(&mut self, worker: WorkerId, state: &mut Worker) {
        self.feed_collecting(worker, state);
        self.feed_running(worker, state);
    }

    /// Fill up with others' work; where there is none to take, nothing more will come.
    fn feed_stolen(&mut self, worker: WorkerId, state: &mut Worker) {
        if !state.to_run.is_empty() || state.running.len() >= HELD {
            return;
        }
        if let Some(share) = self.steal(state) {
            state.to_run.push_back(share);
            return self.feed_running(worker, state);
        }
        // One that holds nothing can wait until taking something pays; one that holds an item
        // waits for the next, and would wait with that item for nothing.
        if !state.running.is_empty() || !self.workers.values().any(|w| !w.to_run.is_empty()) {
            state.closing = true;
            self.send(worker, Command::Finish);
        }
    }

    fn feed_running(&mut self, worker: WorkerId, state: &mut Worker) {
        // To be told each test by itself costs the worker time.
        let plenty = state.ahead >= AHEAD / 2 || state.guesses * 2 > self.most_guesses();
        if state.running.len() >= HELD && plenty {
            return;
        }
        while (self.progress == Progress::Running || self.may_run_ahead(state))
            && let Some((unit, _)) = self.wanted(state)
        {
            if !state.collected.contains(&unit) {
                if !state.collecting.contains(&unit) {
                    self.ask_to_collect(worker, state, unit);
                }
                // Its own list tells where the items are.
                return;
            }
            self.ask_to_run(worker, state, unit);
        }
    }

    /// Tell a worker to run the first of its share's items.
    fn ask_to_run(&mut self, worker: WorkerId, state: &mut Worker, unit: usize) {
        let mut items = Vec::new();
        while let Some((of, weight)) = self.wanted(state)
            && of == unit
            && let Some(item) = take_first(state)
        {
            let known = &self.units[unit].items[item];
            let place = state.places.get(&unit).map_or(Some(item), |places| places[item]);
            // What this worker's own collection does not have ends up among the lost.
            let Some(place) = place else { continue };
            state.hold(Slot { unit, item, weight, is_guess: known.known.is_none() });
            items.push(place);
        }
        if !items.is_empty() {
            let unit = self.units[unit].id.clone();
            self.send(worker, Command::Run { unit, items });
        }
    }

    /// The unit of the next item that a worker is to be told, and how long that may take; `None`
    /// if it has enough.
    fn wanted(&self, state: &Worker) -> Option<(usize, u64)> {
        let share = state.to_run.front()?;
        let unit = &self.units[share.unit];
        let weight = self.weigher.weigh_pessimistically(unit, *share.items.front()?);
        let of_unit = || state.running.iter().filter(|slot| slot.unit == share.unit).count();
        let fits = state.ahead.saturating_add(weight) <= AHEAD
            && state.guesses < self.most_guesses()
            && (!unit.recent.is_empty() || of_unit() < HELD_UNSEEN);
        (state.running.len() < HELD || fits).then_some((share.unit, weight))
    }

    /// How many items of unknown duration a worker may hold now: the more were seen, the less any
    /// of them will surprise.
    fn most_guesses(&self) -> usize {
        HELD_UNKNOWN.min(HELD + self.weigher.seen())
    }
}

/// Take the first item of the first share, and with its last item the share.
fn take_first(state: &mut Worker) -> Option<usize> {
    let share = state.to_run.front_mut()?;
    let item = share.items.pop_front();
    if share.items.is_empty() {
        state.to_run.pop_front();
    }
    item
}
