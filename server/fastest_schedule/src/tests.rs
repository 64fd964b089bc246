//! Whole runs against simulated workers, in every order of events that proptest finds.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use proptest::prelude::*;

use crate::{Command, Effect, Ending, Event, Plan, Schedule, WorkerId};

/// The project that the simulated workers see: unit id to tests.
type Project = BTreeMap<String, Vec<String>>;

fn project(sizes: &[usize]) -> Project {
    let tests = |unit: usize, size| (0..size).map(|test| format!("u{unit}::t{test}")).collect();
    sizes.iter().enumerate().map(|(unit, &size)| (format!("u{unit}"), tests(unit, size))).collect()
}

fn plan(workers: usize) -> Plan {
    Plan { workers, ..Plan::default() }
}

/// A worker as the harness is: it obeys commands in order and holds one test back.
#[derive(Default)]
struct SimWorker {
    listed: bool,
    inbox: VecDeque<Command>,
    collected: HashSet<String>,
    pending: VecDeque<(String, String, bool)>,
    current: Option<(String, String, bool)>,
    closing: bool,
}

impl SimWorker {
    /// The next thing that happens in this worker; `None` while it waits.
    fn step(&mut self, worker: WorkerId, project: &Project) -> Option<Event> {
        if !self.listed {
            self.listed = true;
            return Some(Event::Listed {
                worker,
                units: project.keys().cloned().collect(),
                failures: 0,
            });
        }
        if let Some((unit, node_id, last)) = self.current.take() {
            if last {
                self.inbox.push_front(Command::Run { unit: format!("done {unit}"), skip: vec![] });
            }
            return Some(Event::TestEnded { worker, node_id });
        }
        if let Some(command) = self.inbox.pop_front() {
            return self.obey(worker, command, project);
        }
        if self.pending.len() >= 2 || self.closing {
            self.current = self.pending.pop_front();
            return Some(match &self.current {
                Some((_, node_id, _)) => Event::TestStarted { worker, node_id: node_id.clone() },
                None => Event::Finished { worker },
            });
        }
        None
    }

    fn obey(&mut self, worker: WorkerId, command: Command, project: &Project) -> Option<Event> {
        match command {
            Command::Collect { unit } => {
                self.collected.insert(unit.clone());
                let items = project[&unit].clone();
                Some(Event::Collected { worker, unit, items, failures: 0 })
            }
            Command::Run { unit, .. } if unit.starts_with("done ") => {
                Some(Event::UnitDone { worker, unit: unit["done ".len()..].to_owned() })
            }
            Command::Run { unit, skip } => {
                assert!(self.collected.contains(&unit), "{unit} runs before it is collected");
                let items: Vec<_> =
                    project[&unit].iter().filter(|id| !skip.contains(id)).cloned().collect();
                let last = items.last().cloned();
                for id in items.iter().cloned() {
                    let is_last = Some(&id) == last.as_ref();
                    self.pending.push_back((unit.clone(), id, is_last));
                }
                items.is_empty().then_some(Event::UnitDone { worker, unit })
            }
            Command::Finish => {
                self.closing = true;
                self.step(worker, project)
            }
            Command::Stop => {
                self.closing = true;
                self.pending.clear();
                self.step(worker, project)
            }
        }
    }
}

/// What came of a simulated run.
#[derive(Debug, Default)]
struct Record {
    outcomes: HashMap<String, usize>,
    lost: Vec<String>,
    ending: Option<Ending>,
    started: usize,
}

struct Simulation {
    project: Project,
    schedule: Schedule,
    alive: BTreeMap<WorkerId, SimWorker>,
    record: Record,
}

impl Simulation {
    fn new(project: Project, plan: Plan) -> Self {
        let (schedule, effects) = Schedule::new(plan);
        let mut this =
            Self { project, schedule, alive: BTreeMap::new(), record: Record::default() };
        this.apply(effects);
        this
    }

    fn apply(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            assert_eq!(self.record.ending, None, "{effect:?} follows the end");
            match effect {
                Effect::Start { worker } => {
                    self.record.started += 1;
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
                Effect::CollectionEnded | Effect::CrashedCollecting { .. } => {}
            }
        }
    }

    fn outcome(&mut self, node_id: String) {
        *self.record.outcomes.entry(node_id).or_default() += 1;
    }

    fn happen(&mut self, event: Event) {
        match &event {
            Event::TestEnded { node_id, .. } => self.outcome(node_id.clone()),
            Event::Finished { worker } | Event::Gone { worker, .. } => {
                self.alive.remove(worker);
            }
            _ => {}
        }
        let effects = self.schedule.on(event);
        self.apply(effects);
    }

    /// Let the `choice`-th live worker do its next thing, or die.
    fn turn(&mut self, choice: usize, dies: bool) {
        let Some(&worker) = self.alive.keys().nth(choice % self.alive.len().max(1)) else { return };
        if dies {
            return self.happen(Event::Gone { worker, reason: "killed".to_owned() });
        }
        let state = self.alive.get_mut(&worker).expect("chosen among the living");
        if let Some(event) = state.step(worker, &self.project) {
            self.happen(event);
        }
    }

    fn run(mut self, turns: &[(usize, bool)]) -> Record {
        for &(choice, dies) in turns {
            self.turn(choice, dies);
        }
        for round in 0..20_000 {
            self.turn(round, false);
        }
        self.record
    }
}

fn check(sizes: &[usize], plan: Plan, turns: &[(usize, bool)]) -> Record {
    Simulation::new(project(sizes), plan).run(turns)
}

proptest! {
    /// Whatever the order of events, each test gets exactly one outcome.
    #[test]
    fn each_test_once(
        sizes in prop::collection::vec(0_usize..6, 0..8),
        workers in 1_usize..5,
        order in prop::collection::vec(0_usize..8, 0..300),
    ) {
        let turns: Vec<_> = order.into_iter().map(|choice| (choice, false)).collect();
        let record = check(&sizes, plan(workers), &turns);
        prop_assert_eq!(record.ending, Some(Ending::Complete));
        prop_assert_eq!(record.outcomes.len(), sizes.iter().sum::<usize>());
        prop_assert!(record.outcomes.values().all(|&times| times == 1));
        prop_assert_eq!(record.lost, Vec::<String>::new());
    }

    /// With workers that die at any moment, no test gets two outcomes, the run ends, and what
    /// has no outcome is not passed over: it is lost by name or its run did not complete.
    #[test]
    fn deaths_lose_nothing(
        sizes in prop::collection::vec(0_usize..6, 0..8),
        workers in 1_usize..4,
        turns in prop::collection::vec((0_usize..8, prop::bool::weighted(0.05)), 0..300),
    ) {
        let record = check(&sizes, plan(workers), &turns);
        prop_assert!(record.outcomes.values().all(|&times| times == 1));
        let all = sizes.iter().sum::<usize>();
        if record.ending == Some(Ending::Complete) {
            prop_assert_eq!(record.lost.len(), 0);
            prop_assert_eq!(record.outcomes.len(), all);
        } else {
            let expected = matches!(
                record.ending,
                Some(Ending::CollectionFailed(_) | Ending::NeverStarted)
            );
            prop_assert!(expected, "{:?}", record.ending);
        }
    }

    /// A cancelled run ends, and tells nothing to the dead on the way.
    #[test]
    fn cancel_ends(
        before in prop::collection::vec((0_usize..8, prop::bool::weighted(0.02)), 0..100),
        cancels in 1_usize..3,
    ) {
        let mut simulation = Simulation::new(project(&[3, 2, 4]), plan(2));
        for (choice, dies) in before {
            simulation.turn(choice, dies);
        }
        let over = simulation.record.ending.is_some();
        for _ in 0..cancels {
            simulation.happen(Event::Cancel);
        }
        while let Some(&worker) = simulation.alive.keys().next() {
            simulation.happen(Event::Finished { worker });
        }
        prop_assert!(over || simulation.record.ending == Some(Ending::Cancelled)
            || matches!(simulation.record.ending, Some(Ending::CollectionFailed(_) | Ending::NeverStarted)));
    }
}

#[test]
fn the_longest_units_are_dealt_first() {
    let weights = [("u0", 1), ("u1", 9), ("u2", 5), ("u3", 5)];
    let weights = weights.map(|(id, weight)| (id.to_owned(), weight)).into();
    let (mut schedule, _) = Schedule::new(Plan { workers: 2, weights, ..Plan::default() });
    let units: Vec<String> = ["u0", "u1", "u2", "u3"].map(str::to_owned).into();
    let list = |worker| Event::Listed { worker, units: units.clone(), failures: 0 };
    let collect = |worker, unit: &str| Effect::Send {
        worker,
        command: Command::Collect { unit: unit.to_owned() },
    };
    assert_eq!(schedule.on(list(0)), [collect(0, "u1"), collect(0, "u0")]);
    assert_eq!(schedule.on(list(1)), [collect(1, "u2"), collect(1, "u3")]);
}

#[test]
fn nobody_takes_what_another_is_about_to_run() {
    let (mut schedule, _) = Schedule::new(plan(2));
    let units: Vec<String> = ["u0", "u1"].map(str::to_owned).into();
    for worker in 0..2 {
        schedule.on(Event::Listed { worker, units: units.clone(), failures: 0 });
    }
    let collected = |worker: WorkerId| Event::Collected {
        worker,
        unit: format!("u{worker}"),
        items: vec![format!("u{worker}::t")],
        failures: 0,
    };
    schedule.on(collected(0));
    let run = |worker: WorkerId| Effect::Send {
        worker,
        command: Command::Run { unit: format!("u{worker}"), skip: vec![] },
    };
    let finish = |worker| Effect::Send { worker, command: Command::Finish };
    assert_eq!(
        schedule.on(collected(1)),
        [Effect::CollectionEnded, run(0), run(1), finish(0), finish(1)]
    );
}

#[test]
fn a_crash_blames_the_running_test_and_a_new_worker_takes_the_rest() {
    let (mut schedule, _) = Schedule::new(plan(1));
    schedule.on(Event::Listed { worker: 0, units: vec!["u".to_owned()], failures: 0 });
    let items = ["a", "b", "c"].map(str::to_owned).to_vec();
    schedule.on(Event::Collected { worker: 0, unit: "u".to_owned(), items, failures: 0 });
    schedule.on(Event::TestStarted { worker: 0, node_id: "a".to_owned() });
    schedule.on(Event::TestEnded { worker: 0, node_id: "a".to_owned() });
    schedule.on(Event::TestStarted { worker: 0, node_id: "b".to_owned() });
    let reason = "killed by signal 11 (SIGSEGV)".to_owned();
    assert_eq!(
        schedule.on(Event::Gone { worker: 0, reason: reason.clone() }),
        [
            Effect::Crashed { worker: 0, node_id: "b".to_owned(), reason },
            Effect::Start { worker: 1 },
        ]
    );
    let unit = "u".to_owned();
    let skip = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(
        schedule.on(Event::Listed { worker: 1, units: vec![unit.clone()], failures: 0 }),
        [Command::Collect { unit: unit.clone() }, Command::Run { unit, skip }, Command::Finish]
            .map(|command| Effect::Send { worker: 1, command })
    );
}

#[test]
fn a_collection_error_keeps_everything_from_running() {
    let (mut schedule, _) = Schedule::new(plan(1));
    schedule.on(Event::Listed { worker: 0, units: vec!["u".to_owned()], failures: 0 });
    let collected =
        Event::Collected { worker: 0, unit: "u".to_owned(), items: vec![], failures: 1 };
    assert_eq!(
        schedule.on(collected),
        [Effect::CollectionEnded, Effect::Send { worker: 0, command: Command::Stop }]
    );
    assert_eq!(
        schedule.on(Event::Finished { worker: 0 }),
        [Effect::Ended(Ending::CollectionFailed(1))]
    );
}

#[test]
fn a_test_without_an_outcome_is_named() {
    let (mut schedule, _) = Schedule::new(plan(1));
    schedule.on(Event::Listed { worker: 0, units: vec!["u".to_owned()], failures: 0 });
    let items = vec!["a".to_owned()];
    schedule.on(Event::Collected { worker: 0, unit: "u".to_owned(), items, failures: 0 });
    schedule.on(Event::UnitDone { worker: 0, unit: "u".to_owned() });
    assert_eq!(
        schedule.on(Event::Finished { worker: 0 }),
        [Effect::Lost { node_ids: vec!["a".to_owned()] }, Effect::Ended(Ending::Complete)]
    );
}

#[test]
fn max_failures_stop_the_run() {
    let plan = Plan { max_failures: Some(1), ..plan(1) };
    let (mut schedule, _) = Schedule::new(plan);
    schedule.on(Event::Listed { worker: 0, units: vec!["u".to_owned()], failures: 0 });
    let items = vec!["a".to_owned()];
    schedule.on(Event::Collected { worker: 0, unit: "u".to_owned(), items, failures: 0 });
    assert_eq!(
        schedule.on(Event::Failed { worker: 0 }),
        [Effect::Send { worker: 0, command: Command::Stop }]
    );
    assert_eq!(schedule.on(Event::Finished { worker: 0 }), [Effect::Ended(Ending::MaxFailures(1))]);
}
