//! The second stage: workers are told what to run, a little at a time.

use crate::{
    event::{Command, WorkerId},
    schedule::{Progress, Schedule},
    worker::{Share, Slot, Worker},
};

/// How many items a worker holds at least. It must know the next test to end the present one
/// (a module's fixtures live until a test of another module follows), so one runs while one waits.
const HELD: usize = 2;

/// How much work a worker holds, in microseconds: enough that it never waits for us (a round trip
/// takes well under a millisecond), little enough that the rest can still be given to others.
const AHEAD: u64 = 100_000;

/// How many items of unknown duration a worker holds at most: any of them may take a minute, and
/// what it holds nobody else can take.
const HELD_UNKNOWN: usize = 16;

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
        if self.progress == Progress::Running {
            self.feed_running(worker, state);
        }
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
        if state.running.len() >= HELD && state.ahead >= AHEAD / 2 {
            return;
        }
        while self.wants_more(state) {
            let Some(unit) = state.to_run.front().map(|share| share.unit) else { return };
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
        while self.wants_more(state)
            && let Some(item) = take_first(state)
        {
            let known = &self.units[unit].items[item];
            let weight = self.weigher.weigh(&self.units[unit], item);
            let place = state.places.get(&unit).map_or(Some(item), |places| places[item]);
            // What this worker's own collection does not have ends up among the lost.
            let Some(place) = place else { continue };
            state.hold(Slot { unit, item, weight, is_guess: known.known.is_none() });
            items.push(place);
        }
        let done = state.to_run.front().is_some_and(|share| share.items.is_empty());
        if done {
            state.to_run.pop_front();
        }
        if !items.is_empty() {
            let unit = self.units[unit].id.clone();
            self.send(worker, Command::Run { unit, items });
        }
    }

    fn wants_more(&self, state: &Worker) -> bool {
        let guesses = HELD_UNKNOWN.min(HELD + self.weigher.seen());
        state.running.len() < HELD || (state.ahead < AHEAD && state.guesses < guesses)
    }
}

fn take_first(state: &mut Worker) -> Option<usize> {
    let Share { items, .. } = state.to_run.front_mut()?;
    items.pop_front()
}
