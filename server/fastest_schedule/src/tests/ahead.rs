//! Tests that run while other workers still collect.

use super::*;

/// Two workers with two files each, of which the first has collected its own.
fn half_collected(plan: Plan) -> (Schedule, Vec<Effect>) {
    let (mut schedule, _) = Schedule::new(plan);
    for worker in 0..2 {
        schedule.on(listed(worker, &["u0", "u1", "u2", "u3"]));
    }
    schedule.on(collected(0, "u0", &["u0::a", "u0::b"]));
    let effects = schedule.on(collected(0, "u2", &["u2::a"]));
    (schedule, effects)
}

/// Of these units it is known how long collecting them took.
fn plan_with(known: &[(&str, u64)]) -> Plan {
    let durations = known.iter().map(|&(id, took)| (id.to_owned(), took)).collect();
    Plan { runs_ahead: true, durations, ..plan(2) }
}

fn fails(worker: WorkerId, unit: &str) -> Event {
    let unit = unit.to_owned();
    Event::Collected { worker, unit, items: vec![], deselected: vec![], failures: 1, took: 0 }
}

const ALL: [(&str, u64); 2] = [("u1", 7), ("u3", 7)];

#[test]
fn who_has_collected_runs_what_it_has() {
    let (mut schedule, effects) = half_collected(plan_with(&ALL));
    assert_eq!(effects, [run(0, "u0", &[0, 1])]);
    schedule.on(Event::TestStarted { worker: 0 });
    let effects = schedule.on(Event::TestEnded { worker: 0, took: 10 });
    assert_eq!(effects, [run(0, "u2", &[0])], "and goes on with it");
    assert_eq!(schedule.on(collected(1, "u1", &["u1::a"])), []);
    let effects = schedule.on(collected(1, "u3", &["u3::a"]));
    assert_eq!(effects[0], Effect::CollectionEnded { failed: false });
}

#[test]
fn nothing_runs_where_a_file_may_not_be_collected() {
    let check = |plan| assert_eq!(half_collected(plan).1, []);
    check(plan_with(&[]));
    check(plan_with(&ALL[..1]));
    check(plan_with(&[("u1", 7), ("u3", 0)]));
    check(Plan { runs_ahead: false, ..plan_with(&ALL) });
    check(Plan { max_failures: Some(3), ..plan_with(&ALL) });
    check(Plan { collect_only: true, ..plan_with(&ALL) });
    let selection = crate::Selection { failed_first: true, ..crate::Selection::default() };
    check(Plan { selection, ..plan_with(&ALL) });
}

#[test]
fn tests_of_a_group_wait_for_all_files() {
    let (mut schedule, _) = Schedule::new(plan_with(&ALL));
    for worker in 0..2 {
        schedule.on(listed(worker, &["u0", "u1"]));
    }
    let mut items = found(&["u0::a", "u0::b"]);
    items[1].group = Some("g".to_owned());
    let (unit, deselected) = ("u0".to_owned(), vec![]);
    let event = Event::Collected { worker: 0, unit, items, deselected, failures: 0, took: 1 };
    assert_eq!(schedule.on(event), []);
}

#[test]
fn a_file_that_fails_after_all_ends_the_run() {
    let (mut schedule, _) = half_collected(plan_with(&ALL));
    schedule.on(Event::TestStarted { worker: 0 });
    assert_eq!(schedule.on(fails(1, "u1")), []);
    let effects = schedule.on(Event::TestEnded { worker: 0, took: 10 });
    assert_eq!(effects, [], "nothing more runs");
    let stop = |worker| Effect::Send { worker, command: Command::Stop };
    assert_eq!(
        schedule.on(collected(1, "u3", &["u3::a"])),
        [Effect::CollectionEnded { failed: true }, stop(0), stop(1)]
    );
    schedule.on(Event::Finished { worker: 0 });
    let effects = schedule.on(Event::Finished { worker: 1 });
    assert_eq!(effects, [Effect::Ended(Ending::CollectionFailed(1))]);
}

/// `pytest.exit` in a test that ran ahead: the others collect to the end, and none runs.
#[test]
fn who_ends_of_its_own_accord_lets_the_others_collect() {
    let (mut schedule, _) = half_collected(plan_with(&ALL));
    schedule.on(Event::TestStarted { worker: 0 });
    assert_eq!(schedule.on(Event::Finished { worker: 0 }), []);
    schedule.on(collected(1, "u1", &["u1::a"]));
    assert_eq!(
        schedule.on(collected(1, "u3", &["u3::a"])),
        [
            Effect::CollectionEnded { failed: false },
            Effect::Send { worker: 1, command: Command::Stop }
        ]
    );
    let effects = schedule.on(Event::Finished { worker: 1 });
    assert_eq!(effects, [Effect::Ended(Ending::StoppedByWorker)]);
}

/// One that dies of a test is replaced, and the run goes on.
#[test]
fn who_dies_ahead_is_replaced() {
    let (mut schedule, _) = half_collected(plan_with(&ALL));
    schedule.on(Event::TestStarted { worker: 0 });
    let effects = schedule.on(Event::Gone { worker: 0, reason: "killed".to_owned() });
    let (node_id, reason) = ("u0::a".to_owned(), "killed".to_owned());
    assert_eq!(
        effects,
        [Effect::Crashed { worker: 0, node_id, reason }, Effect::Start { worker: 2 }]
    );
    assert_eq!(schedule.on(listed(2, &["u0", "u1", "u2", "u3"])), [collect(2, "u0")]);
    assert_eq!(
        schedule.on(collected(2, "u0", &["u0::a", "u0::b"])),
        [run(2, "u0", &[1]), collect(2, "u2")]
    );
}
