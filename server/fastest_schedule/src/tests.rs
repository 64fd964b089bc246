//! Whole runs against simulated workers, in every order of events that proptest finds.
//!
//! A failing case is printed with its seed (`proptest-regressions`), which replays it.

mod ahead;
mod moving;
mod simulation;

use std::collections::HashMap;

use proptest::prelude::*;

use crate::{Command, Dist, Effect, Ending, Event, Found, Plan, Schedule, WorkerId};
use simulation::{Project, Record, Simulation, Turn};

fn plan(workers: usize) -> Plan {
    Plan { workers, ..Plan::default() }
}

fn check(project: Project, plan: Plan, turns: &[Turn]) -> Record {
    Simulation::new(project, plan).run(turns)
}

/// Projects whose tests share scopes and groups at random, some under one id.
fn projects() -> impl Strategy<Value = Project> {
    let test = (0_u32..5, 0_u32..6, prop::bool::weighted(0.1));
    let units = prop::collection::vec(prop::collection::vec(test, 0..7), 0..7);
    units.prop_map(|units| {
        let unit = |(number, tests): (usize, Vec<(u32, u32, bool)>)| {
            let tests = tests.into_iter().enumerate().map(|(at, (scope, group, twin))| Found {
                node_id: format!("u{number}::t{}", if twin { 0 } else { at }),
                scope: (scope > 2).then_some(scope),
                group: (group == 0).then(|| "g".to_owned()),
            });
            (format!("u{number}"), tests.collect())
        };
        units.into_iter().enumerate().map(unit).collect()
    })
}

fn plans() -> impl Strategy<Value = Plan> {
    let dist = prop::sample::select(vec![Dist::Load, Dist::LoadScope, Dist::LoadFile]);
    let durations = prop::collection::hash_map("u[0-6](::t[0-6])?", 0_u64..200_000, 0..30);
    let workers = (1_usize..5).prop_flat_map(|workers| (Just(workers), 0..=workers));
    (workers, dist, durations, 1_usize..3, any::<bool>()).prop_map(
        |((workers, starters), dist, durations, repeat, runs_ahead)| Plan {
            workers,
            starters,
            dist,
            durations,
            repeat,
            runs_ahead,
            ..Plan::default()
        },
    )
}

fn turns(deaths: f64) -> impl Strategy<Value = Vec<Turn>> {
    let dies = prop::bool::weighted(deaths);
    let turn = (0_usize..8, dies, 0_u64..50_000);
    let turn = turn.prop_map(|(choice, dies, took)| Turn { choice, dies, took });
    prop::collection::vec(turn, 0..400)
}

proptest! {
    /// Whatever the order of events and the durations, each test gets exactly one outcome, and
    /// what stays together runs in one worker.
    #[test]
    fn each_test_once(project in projects(), plan in plans(), turns in turns(0.0)) {
        let (all, repeat) = (project.clone(), plan.repeat);
        let record = check(project, plan, &turns);
        prop_assert_eq!(record.ending, Some(Ending::Complete));
        prop_assert_eq!(&record.lost, &Vec::<String>::new());
        prop_assert_eq!(&record.outcomes, &simulation::expected(&all, repeat));
        prop_assert_eq!(record.torn_apart(&all), Vec::<String>::new());
    }

    /// With workers that die at any moment, each test gets exactly one outcome all the same; or
    /// the run did not complete, and no test has more than one.
    #[test]
    fn deaths_lose_nothing(project in projects(), plan in plans(), turns in turns(0.05)) {
        let expected = simulation::expected(&project, plan.repeat);
        let record = check(project, plan, &turns);
        for (node_id, times) in &record.outcomes {
            prop_assert!(times <= &expected[node_id], "{} has {} outcomes", node_id, times);
        }
        if record.ending == Some(Ending::Complete) {
            prop_assert_eq!(&record.lost, &Vec::<String>::new());
            prop_assert_eq!(&record.outcomes, &expected);
        } else {
            let early = matches!(
                record.ending,
                Some(Ending::CollectionFailed(_) | Ending::NeverStarted)
            );
            prop_assert!(early, "{:?}", record.ending);
        }
    }

    /// A cancelled run ends, and tells nothing to the dead on the way.
    #[test]
    fn cancel_ends(
        project in projects(),
        plan in plans(),
        before in turns(0.02),
        event in prop::sample::select(vec![Event::Cancel, Event::TimeIsUp]),
        times in 1_usize..4,
    ) {
        let mut simulation = Simulation::new(project, plan);
        for turn in before {
            simulation.turn(turn);
        }
        let over = simulation.record.ending.is_some();
        for _ in 0..times {
            simulation.happen(event.clone());
        }
        let record = simulation.finish_all();
        let early = matches!(
            record.ending,
            Some(Ending::Cancelled | Ending::TimedOut)
                | Some(Ending::CollectionFailed(_) | Ending::NeverStarted)
        );
        prop_assert!(over || early, "{:?}", record.ending);
    }

    /// Where it is known how long tests take, all workers end at about the same time: no later than
    /// even hands would, by more than the longest test, what is not worth splitting, and the test
    /// that a worker holds while it runs another.
    #[test]
    fn known_durations_are_evened_out(
        units in prop::collection::vec(prop::collection::vec(1_000_u64..2_000_000, 1..30), 1..8),
        workers in 1_usize..5,
    ) {
        let names = |unit: usize, count| (0..count).map(move |test| format!("u{unit}::t{test}"));
        let ids: Vec<Vec<String>> =
            units.iter().enumerate().map(|(at, tests)| names(at, tests.len()).collect()).collect();
        let project = ids.iter().enumerate().map(|(at, ids)| {
            let found = ids.iter().map(|id| Found { node_id: id.clone(), ..Found::default() });
            (format!("u{at}"), found.collect())
        });
        let takes: HashMap<String, u64> =
            ids.iter().flatten().cloned().zip(units.iter().flatten().copied()).collect();
        let weights = units.iter().enumerate().map(|(at, tests)| (format!("u{at}"), tests.iter().sum()));
        let plan = Plan { durations: takes.clone(), weights: weights.collect(), ..plan(workers) };
        let (record, took) = Simulation::new(project.collect(), plan).run_by_the_clock(&|id| takes[id], 1_000);
        prop_assert_eq!(record.ending, Some(Ending::Complete));
        let even = takes.values().sum::<u64>() / workers as u64;
        let longest = takes.values().max().copied().unwrap_or(0);
        prop_assert!(took <= even + longest * 2 + 400_000, "{} where {} is even, {} the longest", took, even, longest);
    }

    /// Another order of collection in each process loses nothing either.
    #[test]
    fn lists_may_differ(project in projects(), plan in plans(), turns in turns(0.02)) {
        let expected = simulation::expected(&project, plan.repeat);
        let mut simulation = Simulation::new(project, plan);
        simulation.reorders = true;
        let record = simulation.run(&turns);
        if record.ending == Some(Ending::Complete) {
            prop_assert_eq!(&record.outcomes, &expected);
        }
    }
}

fn found(ids: &[&str]) -> Vec<Found> {
    let one = |id: &&str| Found { node_id: (*id).to_owned(), ..Found::default() };
    ids.iter().map(one).collect()
}

fn collected(worker: WorkerId, unit: &str, ids: &[&str]) -> Event {
    Event::Collected {
        worker,
        unit: unit.to_owned(),
        items: found(ids),
        deselected: vec![],
        failures: 0,
        took: 0,
    }
}

fn listed(worker: WorkerId, units: &[&str]) -> Event {
    let units = units.iter().map(|&unit| unit.to_owned()).collect();
    Event::Listed { worker, units, failures: 0 }
}

fn run(worker: WorkerId, unit: &str, items: &[usize]) -> Effect {
    let command = Command::Run { unit: unit.to_owned(), items: items.to_vec() };
    Effect::Send { worker, command }
}

fn collect(worker: WorkerId, unit: &str) -> Effect {
    Effect::Send { worker, command: Command::Collect { unit: unit.to_owned() } }
}

fn finish(worker: WorkerId) -> Effect {
    Effect::Send { worker, command: Command::Finish }
}

#[test]
fn hands_are_even_and_in_pytests_order() {
    let weights = [("u0", 1), ("u1", 9), ("u2", 5), ("u3", 5)];
    let weights = weights.map(|(id, weight)| (id.to_owned(), weight)).into();
    let (mut schedule, _) = Schedule::new(Plan { workers: 2, weights, ..Plan::default() });
    let units = ["u0", "u1", "u2", "u3"];
    assert_eq!(schedule.on(listed(0, &units)), [collect(0, "u0"), collect(0, "u1")]);
    assert_eq!(schedule.on(listed(1, &units)), [collect(1, "u2"), collect(1, "u3")]);
}

#[test]
fn nobody_takes_what_another_is_about_to_run() {
    let (mut schedule, _) = Schedule::new(plan(2));
    for worker in 0..2 {
        schedule.on(listed(worker, &["u0", "u1"]));
    }
    schedule.on(collected(0, "u0", &["u0::t"]));
    assert_eq!(
        schedule.on(collected(1, "u1", &["u1::t"])),
        [
            Effect::CollectionEnded { failed: false },
            run(0, "u0", &[0]),
            run(1, "u1", &[0]),
            finish(0),
            finish(1)
        ]
    );
}

/// A file of long tests is shared; one whose tests share a fixture is not.
#[test]
fn a_long_unit_is_split_where_nothing_is_shared() {
    let ids = ["u::a", "u::b", "u::c", "u::d", "u::e", "u::f"];
    let whole = |scope| {
        let durations = ids.iter().map(|id| ((*id).to_owned(), 1_000_000)).collect();
        let (mut schedule, _) = Schedule::new(Plan { durations, ..plan(2) });
        schedule.on(listed(0, &["u"]));
        schedule.on(listed(1, &["u"]));
        let items: Vec<Found> =
            found(&ids).into_iter().map(|item| Found { scope, ..item }).collect();
        let (unit, took) = ("u".to_owned(), 500_000);
        schedule.on(Event::Collected {
            worker: 0,
            unit,
            items,
            deselected: vec![],
            failures: 0,
            took,
        })
    };
    assert_eq!(
        whole(None),
        [Effect::CollectionEnded { failed: false }, run(0, "u", &[0, 1]), collect(1, "u")]
    );
    assert_eq!(whole(Some(1)), [Effect::CollectionEnded { failed: false }, run(0, "u", &[0, 1])]);
}

/// Nothing is known of how long a file's tests take, and they turn out long: few of them are given
/// out at once, and as soon as three have shown it another worker takes some, in the place of the
/// one that had nothing left.
#[test]
fn a_unit_that_turns_out_long_is_split() {
    let ids = |unit: &str, count| -> Vec<String> {
        (0..count).map(|number| format!("{unit}::{number}")).collect()
    };
    let (long, short) = (ids("u", 10), ids("s", 60));
    let [long, short] =
        [&long, &short].map(|ids| ids.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut schedule, _) = Schedule::new(plan(2));
    schedule.on(listed(0, &["u", "s"]));
    schedule.on(listed(1, &["u", "s"]));
    schedule.on(collected(0, "u", &long));
    schedule.on(collected(1, "s", &short));
    for _ in &short {
        schedule.on(Event::TestStarted { worker: 1 });
        schedule.on(Event::TestEnded { worker: 1, took: 1_000 });
    }
    let mut split_after = None;
    for ended in 1..=long.len() {
        schedule.on(Event::TestStarted { worker: 0 });
        let effects = schedule.on(Event::TestEnded { worker: 0, took: 1_500_000 });
        if effects.contains(&Effect::Start { worker: 2 }) {
            split_after = Some(ended);
            break;
        }
    }
    assert_eq!(split_after, Some(3));
}

/// Half of a suite's time is one file, and half of that a few tests that wait: they are dealt before
/// anything runs, since nobody can take one that a worker was told to run.
#[test]
fn long_tests_of_one_file_are_dealt_before_anything_runs() {
    let waits = |test: usize| if test % 16 == 15 { 1_200_000 } else { 3_000 };
    let cache: Vec<(String, u64)> =
        (0..64).map(|test| (format!("cache::{test}"), waits(test))).collect();
    let others = (0..60).map(|test| (format!("other{}::{test}", test / 10), 25_000));
    let takes: HashMap<String, u64> = cache.into_iter().chain(others).collect();
    let mut project = Project::new();
    let mut weights: HashMap<String, u64> = HashMap::new();
    for (id, took) in &takes {
        let unit = id.split("::").next().expect("all have a unit").to_owned();
        *weights.entry(unit.clone()).or_default() += took;
        project.entry(unit).or_default().push(found(&[id]).remove(0));
    }
    project.values_mut().for_each(|tests| tests.sort_by_key(|test| test.node_id.len()));
    let total: u64 = takes.values().sum();
    let plan = Plan { durations: takes.clone(), weights, ..plan(2) };
    let (_, took) = Simulation::new(project, plan).run_by_the_clock(&|id| takes[id], 10_000);
    assert!(took * 10 < total / 2 * 11, "{took} of {total}");
}

/// What seemed to be too little for a second worker turns out long.
#[test]
fn the_others_start_when_there_is_work_for_them() {
    let (mut schedule, effects) = Schedule::new(Plan { starters: 1, ..plan(2) });
    assert_eq!(effects, [Effect::Start { worker: 0 }]);
    schedule.on(listed(0, &["u"]));
    schedule.on(collected(0, "u", &["a", "b", "c", "d", "e", "f", "g", "h"]));
    let mut long_test = || {
        schedule.on(Event::TestStarted { worker: 0 });
        schedule.on(Event::TestEnded { worker: 0, took: 1_500_000 })
    };
    let effects: Vec<Effect> = (0..3).flat_map(|_| long_test()).collect();
    assert!(effects.contains(&Effect::Start { worker: 1 }), "{effects:?}");
}

#[test]
fn a_crash_blames_the_running_test_and_a_new_worker_takes_the_rest() {
    let (mut schedule, _) = Schedule::new(plan(1));
    schedule.on(listed(0, &["u"]));
    schedule.on(collected(0, "u", &["a", "b", "c"]));
    schedule.on(Event::TestStarted { worker: 0 });
    schedule.on(Event::TestEnded { worker: 0, took: 5 });
    schedule.on(Event::TestStarted { worker: 0 });
    let reason = "killed by signal 11 (SIGSEGV)".to_owned();
    assert_eq!(
        schedule.on(Event::Gone { worker: 0, reason: reason.clone() }),
        [
            Effect::Crashed { worker: 0, node_id: "b".to_owned(), reason },
            Effect::Start { worker: 1 },
        ]
    );
    assert_eq!(schedule.on(listed(1, &["u"])), [collect(1, "u")]);
    assert_eq!(schedule.on(collected(1, "u", &["a", "b", "c"])), [run(1, "u", &[2]), finish(1)]);
}

#[test]
fn a_test_that_has_its_outcome_is_not_blamed_for_a_crash() {
    let (mut schedule, _) = Schedule::new(plan(1));
    schedule.on(listed(0, &["u"]));
    schedule.on(collected(0, "u", &["a"]));
    schedule.on(Event::TestStarted { worker: 0 });
    schedule.on(Event::Reported { worker: 0 });
    let gone = Event::Gone { worker: 0, reason: "exited with code 0".to_owned() };
    assert_eq!(schedule.on(gone), [Effect::Ended(Ending::Complete)]);
}

#[test]
fn lost_workers_are_replaced_as_often_as_is_allowed() {
    let (mut schedule, _) = Schedule::new(Plan { max_restarts: Some(0), ..plan(1) });
    schedule.on(listed(0, &["u"]));
    schedule.on(collected(0, "u", &["a", "b"]));
    schedule.on(Event::TestStarted { worker: 0 });
    let reason = "killed".to_owned();
    assert_eq!(
        schedule.on(Event::Gone { worker: 0, reason: reason.clone() }),
        [
            Effect::Crashed { worker: 0, node_id: "a".to_owned(), reason },
            Effect::Ended(Ending::MaxRestarts(0)),
        ]
    );
}

#[test]
fn a_collection_error_keeps_everything_from_running() {
    let (mut schedule, _) = Schedule::new(plan(1));
    schedule.on(listed(0, &["u"]));
    let (unit, items) = ("u".to_owned(), vec![]);
    assert_eq!(
        schedule.on(Event::Collected {
            worker: 0,
            unit,
            items,
            deselected: vec![],
            failures: 1,
            took: 0
        }),
        [
            Effect::CollectionEnded { failed: true },
            Effect::Send { worker: 0, command: Command::Stop }
        ]
    );
    assert_eq!(
        schedule.on(Event::Finished { worker: 0 }),
        [Effect::Ended(Ending::CollectionFailed(1))]
    );
}

#[test]
fn a_test_without_an_outcome_is_named() {
    let (mut schedule, _) = Schedule::new(plan(2));
    schedule.on(listed(0, &["u"]));
    schedule.on(collected(0, "u", &["a"]));
    schedule.on(Event::TestStarted { worker: 0 });
    schedule.on(Event::Gone { worker: 0, reason: "killed".to_owned() });
    schedule.on(listed(1, &["u"]));
    assert_eq!(
        schedule.on(Event::Finished { worker: 1 }),
        [Effect::Ended(Ending::Complete)],
        "a crash is an outcome"
    );

    let (mut schedule, _) = Schedule::new(plan(1));
    schedule.on(listed(0, &["u"]));
    schedule.on(collected(0, "u", &["a", "b"]));
    schedule.on(Event::TestStarted { worker: 0 });
    schedule.on(Event::Gone { worker: 0, reason: "killed".to_owned() });
    schedule.on(listed(1, &["u"]));
    // Collected again, the file does not have the other test any more.
    assert_eq!(schedule.on(collected(1, "u", &["a"])), [finish(1)]);
    assert_eq!(
        schedule.on(Event::Finished { worker: 1 }),
        [Effect::Lost { node_ids: vec!["b".to_owned()] }, Effect::Ended(Ending::Complete)]
    );
}

#[test]
fn max_failures_stop_the_run() {
    let (mut schedule, _) = Schedule::new(Plan { max_failures: Some(1), ..plan(1) });
    schedule.on(listed(0, &["u"]));
    schedule.on(collected(0, "u", &["a"]));
    assert_eq!(
        schedule.on(Event::Failed { worker: 0 }),
        [Effect::Send { worker: 0, command: Command::Stop }]
    );
    assert_eq!(schedule.on(Event::Finished { worker: 0 }), [Effect::Ended(Ending::MaxFailures(1))]);
}
