//! Workers as the harness has them, in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::{Command, Effect, Ending, Event, Found, Plan, Schedule, WorkerId};

/// The project that the simulated workers see: unit id to tests.
pub type Project = BTreeMap<String, Vec<Found>>;

/// What happens next: one of the live workers does something that takes so long, or dies.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    pub choice: usize,
    pub dies: bool,
    pub took: u64,
}

/// How many outcomes each id should have.
pub fn expected(project: &Project, repeat: usize) -> HashMap<String, usize> {
    let mut expected = HashMap::new();
    for item in project.values().flatten() {
        *expected.entry(item.node_id.clone()).or_default() += repeat;
    }
    expected
}

/// A worker obeys commands in order and holds one test back.
#[derive(Default)]
struct SimWorker {
    listed: bool,
    inbox: VecDeque<Command>,
    lists: HashMap<String, Vec<Found>>,
    pending: VecDeque<String>,
    running: bool,
    closing: bool,
}

/// What came of a simulated run.
#[derive(Debug, Default)]
pub struct Record {
    pub outcomes: HashMap<String, usize>,
    pub lost: Vec<String>,
    pub ending: Option<Ending>,
    ran_in: HashMap<String, BTreeSet<WorkerId>>,
}

impl Record {
    /// What should have run in one worker and did not.
    pub fn torn_apart(&self, project: &Project) -> Vec<String> {
        let mut bonds: BTreeMap<String, BTreeSet<WorkerId>> = BTreeMap::new();
        for (unit, items) in project {
            for item in items {
                // A test that has a namesake may have run where that did.
                if items.iter().filter(|other| other.node_id == item.node_id).count() > 1 {
                    continue;
                }
                let scope = item.scope.map(|scope| format!("{unit} {scope}"));
                for bond in scope.into_iter().chain(item.group.clone()) {
                    bonds.entry(bond).or_default().extend(&self.ran_in[&item.node_id]);
                }
            }
        }
        bonds.into_iter().filter(|(_, workers)| workers.len() > 1).map(|(bond, _)| bond).collect()
    }
}

impl SimWorker {
    /// How long its next step takes; `None` while it waits.
    fn next_takes(&self, takes: &dyn Fn(&str) -> u64, collect: u64) -> Option<u64> {
        if self.running {
            return Some(takes(&self.pending[0]));
        }
        match self.inbox.front() {
            _ if !self.listed => Some(0),
            Some(Command::Collect { .. }) => Some(collect),
            Some(_) => Some(0),
            None => (self.pending.len() >= 2 || self.closing).then_some(0),
        }
    }
}

pub struct Simulation {
    project: Project,
    schedule: Schedule,
    alive: BTreeMap<WorkerId, SimWorker>,
    pub record: Record,
    /// Whether each worker collects in an order of its own.
    pub reorders: bool,
}

impl Simulation {
    pub fn new(project: Project, plan: Plan) -> Self {
        let (schedule, effects) = Schedule::new(plan);
        let alive = BTreeMap::new();
        let record = Record::default();
        let mut this = Self { project, schedule, alive, record, reorders: false };
        this.apply(effects);
        this
    }

    fn apply(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            assert_eq!(self.record.ending, None, "{effect:?} follows the end");
            match effect {
                Effect::Start { worker } => {
                    assert!(self.alive.insert(worker, SimWorker::default()).is_none());
                }
                Effect::Send { worker, command } => {
                    let worker = self.alive.get_mut(&worker).expect("a command to a dead worker");
                    worker.inbox.push_back(command);
                }
                Effect::Interrupt { worker } | Effect::Kill { worker } => {
                    assert!(self.alive.contains_key(&worker), "a signal to a dead worker");
                }
                Effect::Crashed { node_id, .. } => self.outcome(node_id),
                Effect::Lost { node_ids } => self.record.lost.extend(node_ids),
                Effect::Ended(ending) => self.record.ending = Some(ending),
                Effect::Chosen { .. }
                | Effect::Noted { .. }
                | Effect::CollectionEnded { .. }
                | Effect::CrashedCollecting { .. } => {}
            }
        }
    }

    fn outcome(&mut self, node_id: String) {
        *self.record.outcomes.entry(node_id).or_default() += 1;
    }

    pub fn happen(&mut self, event: Event) {
        if let Event::Finished { worker } | Event::Gone { worker, .. } = &event {
            self.alive.remove(worker);
        }
        let effects = self.schedule.on(event);
        self.apply(effects);
    }

    /// Let one of the live workers do its next thing, or die.
    pub fn turn(&mut self, turn: Turn) {
        let count = self.alive.len().max(1);
        let Some(&worker) = self.alive.keys().nth(turn.choice % count) else { return };
        if turn.dies {
            return self.happen(Event::Gone { worker, reason: "killed".to_owned() });
        }
        if let Some(event) = self.step(worker, turn.took) {
            self.happen(event);
        }
    }

    /// The next thing that happens in a worker; `None` while it waits.
    fn step(&mut self, worker: WorkerId, took: u64) -> Option<Event> {
        let state = self.alive.get_mut(&worker).expect("chosen among the living");
        if !state.listed {
            state.listed = true;
            let units = self.project.keys().cloned().collect();
            return Some(Event::Listed { worker, units, failures: 0 });
        }
        if state.running {
            state.running = false;
            let node_id = state.pending.pop_front().expect("it runs");
            self.record.ran_in.entry(node_id.clone()).or_default().insert(worker);
            self.outcome(node_id);
            return Some(Event::TestEnded { worker, took });
        }
        if let Some(command) = state.inbox.pop_front() {
            return self.obey(worker, command, took);
        }
        if state.pending.len() >= 2 || (state.closing && !state.pending.is_empty()) {
            state.running = true;
            return Some(Event::TestStarted { worker });
        }
        state.closing.then_some(Event::Finished { worker })
    }

    fn obey(&mut self, worker: WorkerId, command: Command, took: u64) -> Option<Event> {
        let state = self.alive.get_mut(&worker).expect("chosen among the living");
        match command {
            Command::Collect { unit } => {
                let mut items = self.project[&unit].clone();
                if self.reorders && !items.is_empty() {
                    let by = worker % items.len();
                    items.rotate_left(by);
                }
                state.lists.insert(unit.clone(), items.clone());
                return Some(Event::Collected {
                    worker,
                    unit,
                    items,
                    deselected: vec![],
                    failures: 0,
                    took,
                });
            }
            Command::Run { unit, items } => {
                let list = state.lists.get(&unit).expect("it runs before it is collected");
                state.pending.extend(items.into_iter().map(|item| list[item].node_id.clone()));
            }
            Command::Finish => state.closing = true,
            Command::Stop => {
                state.closing = true;
                state.pending.clear();
            }
        }
        None
    }

    pub fn run(mut self, turns: &[Turn]) -> Record {
        for &turn in turns {
            self.turn(turn);
        }
        for choice in 0..20_000 {
            if self.record.ending.is_some() {
                break;
            }
            self.turn(Turn { choice, dies: false, took: 1_000 });
        }
        self.record
    }

    /// Run it by the clock: tests take as long as `takes` says, collecting a unit `collect`
    /// microseconds. Returns what came of it and how long it took.
    pub fn run_by_the_clock(mut self, takes: &dyn Fn(&str) -> u64, collect: u64) -> (Record, u64) {
        let mut now = 0;
        let mut free: HashMap<WorkerId, u64> = HashMap::new();
        while self.record.ending.is_none() {
            let next = |(&worker, state): (&WorkerId, &SimWorker)| {
                let took = state.next_takes(takes, collect)?;
                let since = free.get(&worker).copied().unwrap_or(now);
                Some((since + took, worker, took))
            };
            let Some((at, worker, took)) = self.alive.iter().filter_map(next).min() else {
                panic!("all wait for each other");
            };
            now = at;
            if let Some(event) = self.step(worker, took) {
                self.happen(event);
            }
            free.insert(worker, now);
            let waits = |state: &SimWorker| state.next_takes(takes, collect).is_none();
            let waiting = self.alive.iter().filter(|(_, state)| waits(state));
            free.extend(waiting.map(|(&worker, _)| (worker, now)));
        }
        (self.record, now)
    }

    /// Every worker ends its session.
    pub fn finish_all(mut self) -> Record {
        while let Some(&worker) = self.alive.keys().next() {
            self.happen(Event::Finished { worker });
        }
        self.record
    }
}
