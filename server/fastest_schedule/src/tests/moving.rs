//! Files that move whole to a worker that has nothing to do.

use super::*;

/// Two workers: one has the files `u0` to `u3` of two tests, which take `each` where that is known,
/// the other a file of short tests. What this one is sent.
fn idle_is_sent(each: Option<u64>, cost: u64) -> Vec<Effect> {
    let names: Vec<String> = (0..4).map(|unit| format!("u{unit}")).collect();
    let tests = |unit: &String| [format!("{unit}::a"), format!("{unit}::b")];
    let known = names.iter().flat_map(tests).filter_map(|id| Some((id, each?)));
    let durations = known.chain([("v::a".to_owned(), 1), ("v::b".to_owned(), 1)]).collect();
    let weights = [("v".to_owned(), 1_000_000_000)].into();
    let (mut schedule, _) = Schedule::new(Plan { durations, weights, ..plan(2) });
    let all: Vec<&str> = names.iter().map(String::as_str).chain(["v"]).collect();
    for worker in 0..2 {
        schedule.on(listed(worker, &all));
    }
    for unit in &names {
        let items = found(&tests(unit).each_ref().map(String::as_str));
        let unit = unit.clone();
        schedule.on(Event::Collected {
            worker: 1,
            unit,
            items,
            deselected: vec![],
            failures: 0,
            took: cost,
        });
    }
    let mut effects = schedule.on(collected(0, "v", &["v::a", "v::b"]));
    for _ in 0..2 {
        schedule.on(Event::TestStarted { worker: 0 });
        effects.extend(schedule.on(Event::TestEnded { worker: 0, took: 1 }));
    }
    effects.retain(|effect| matches!(effect, Effect::Send { worker: 0, .. }));
    effects
}

#[test]
fn a_whole_file_moves_to_who_has_nothing_to_do() {
    assert_eq!(idle_is_sent(Some(30_000), 1_000)[1], collect(0, "u3"));
}

#[test]
fn what_costs_more_than_it_gains_stays() {
    assert_eq!(idle_is_sent(Some(30_000), 70_000)[1..], [finish(0)]);
    assert_eq!(idle_is_sent(Some(5_000), 1_000)[1..], [finish(0)], "as good as at the same time");
    assert_eq!(idle_is_sent(None, 1_000)[1..], [finish(0)], "it is not known for how long");
}
