//! How long a run is expected to take, from the plan and what earlier runs left.

use std::collections::HashMap;

use crate::request::{PlannedUnit, RunRequest, Workers};

/// What a test of which nothing is known counts for beside tests that are known, in microseconds.
const UNKNOWN: u64 = 2_000;

/// The same where it is asked how many workers are worth their start: better one too many than
/// a suite of slow tests in one.
const UNKNOWN_AT_MOST: u64 = 50_000;

/// So much work is worth a worker, in microseconds: what it takes to start one, and what the
/// others lose to it where cores are not whole ones.
const WORTH: u64 = 300_000;

/// How long each planned unit is expected to take, in microseconds.
pub fn weights(request: &RunRequest) -> HashMap<String, u64> {
    let weigh = |unit: &PlannedUnit| (unit.path.clone(), weight(request, unit, UNKNOWN));
    request.plan.iter().map(weigh).collect()
}

/// How many workers run the tests: as many as are wanted, but none that would have nothing to
/// do, nor (unless their number was given) one that would not be worth its start.
pub fn workers(request: &RunRequest) -> usize {
    let wanted = request.workers.resolve();
    if request.plan.is_empty() {
        return wanted;
    }
    let wanted = wanted.min(tests(request));
    if request.workers == Workers::Auto { worth_starting(request, wanted) } else { wanted }
}

/// How many workers are started at once.
pub fn starters(request: &RunRequest) -> usize {
    let wanted = workers(request);
    // A selection is made when everything is collected, by all of them.
    if request.plan.is_empty() || request.selection.is_active() {
        return wanted;
    }
    worth_starting(request, wanted)
}

fn tests(request: &RunRequest) -> usize {
    let tests: usize = request.plan.iter().map(|unit| unit.node_ids.len().max(1)).sum();
    tests.saturating_mul(request.repeat.max(1))
}

fn worth_starting(request: &RunRequest, wanted: usize) -> usize {
    let all = request.plan.iter().map(|unit| weight(request, unit, UNKNOWN_AT_MOST));
    let all = all.fold(0, u64::saturating_add);
    // The second one is worth it a little sooner than it has that much to do.
    wanted.min(usize::try_from((all + WORTH / 2) / WORTH).unwrap_or(usize::MAX)).max(1)
}

fn weight(request: &RunRequest, unit: &PlannedUnit, unknown: u64) -> u64 {
    let known = &request.memory.durations;
    let tests = unit.node_ids.iter().map(|id| known.get(id).copied().unwrap_or(unknown));
    let collecting = known.get(&unit.path).copied().unwrap_or(unknown);
    tests.fold(collecting, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(workers: Workers, tests: usize, took: Option<u64>, expected: usize) {
        let request = request(workers, tests, took);
        assert_eq!(super::workers(&request), expected, "{workers:?} {tests} {took:?}");
    }

    fn request(workers: Workers, tests: usize, took: Option<u64>) -> RunRequest {
        let node_ids: Vec<String> = (0..tests).map(|test| format!("a.py::t{test}")).collect();
        let mut request = RunRequest { workers, ..RunRequest::new("python", ".") };
        if let Some(took) = took {
            request.memory.durations = node_ids.iter().map(|id| (id.clone(), took)).collect();
        }
        request.plan = vec![PlannedUnit { path: "a.py".to_owned(), node_ids, certain: true }];
        request
    }

    #[test]
    fn a_number_of_workers_is_kept_and_no_more_started_than_are_worth_it() {
        let little = request(Workers::Count(2), 100, Some(1_000));
        assert_eq!((super::workers(&little), starters(&little)), (2, 1));
        let much = request(Workers::Count(2), 100, Some(10_000));
        assert_eq!(starters(&much), 2);
        let unknown = request(Workers::Count(2), 100, None);
        assert_eq!(starters(&unknown), 2);
    }

    #[test]
    fn workers_are_started_where_they_are_worth_it() {
        check(Workers::Count(4), 1, None, 1);
        check(Workers::Count(4), 100, Some(1), 4);
        let cores = Workers::Auto.resolve();
        check(Workers::Auto, 1_000, None, cores);
        check(Workers::Auto, 1_000, Some(10), 1);
        check(Workers::Auto, 2, Some(60_000_000), cores.min(2));
    }
}
