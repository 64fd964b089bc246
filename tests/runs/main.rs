//! Small projects, one for each rule of running tests, with real pytest as the oracle.
//!
//! Each `cases/SUBJECT/NAME.txt` is one project, run by real pytest, by the binary with one worker
//! and by the binary with two. A plugin (`recorder/`) that is loaded into pytest and into every
//! worker records what the run lets be seen, and whole records are compared: node ids and their
//! order, phases, outcomes, failures' text, skip and xfail reasons, captured output, properties,
//! warnings, the order of fixtures' set-up and teardown, reports of collection, what was
//! deselected, the exit code, and the closing line.
//!
//! A case's text is as in `tests/conformance` (`run:`, `env:`, `cwd:`, `needs:`, files), with
//!
//! - `plugins: NAME…`: runs in the environment that has plugins, with only these (by the names of
//!   their entry points; `all` loads them as pytest does)
//! - `matrix`: also run (its first `run` only) on every pytest and Python that `cargo xtask test` makes environments for
//! - `spread: REASON`: with several workers the order within a test file or what a session holds
//!   differs by nature; fixtures' order and closing line are then compared with one worker only
//! - `workers: N`: only with so many (`1` or `2`), where the other is another case's subject
//! - `differs: REASON`: ours is known to differ; a case that does not differ any more fails
//!
//! `FASTEST_TEST_CASE=TEXT` runs only the cases whose name holds TEXT, `FASTEST_TEST_ENVIRONMENT`
//! only in environments whose name starts so; `FASTEST_TEST_SHOW=1`
//! prints pytest's own records instead of comparing, for reviewing a new case.

mod differences;
mod environments;
mod launch;
mod record;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use environments::Environment;
use fastest_tests::case::{self, Case, Project};
use launch::Runner;

/// A case in an environment.
struct Job<'a> {
    case: &'a Case,
    environment: &'a Environment,
    runners: Vec<Runner>,
}

#[test]
fn every_project_runs_as_under_pytest() {
    let Some(environments) = environments::all() else { return };
    let cases = case::chosen(&Path::new(env!("CARGO_MANIFEST_DIR")).join("runs/cases"));
    let jobs: Vec<Job<'_>> = cases.iter().flat_map(|case| jobs(case, &environments)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut failures = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = check(job);
            for (name, text) in &found {
                println!("== {name} {text}");
            }
            failures.extend(found);
        }
        failures
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failures: Vec<(String, String)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no check panics")).collect()
    });
    let failed: BTreeSet<&str> = failures.iter().map(|(name, _)| name.as_str()).collect();
    println!("conformance: {} passed, {} failed", jobs.len() - failed.len(), failed.len());
    assert!(failed.is_empty(), "they do not run as under pytest: {failed:?}");
}

/// In which environments a case runs, and how.
fn jobs<'a>(case: &'a Case, environments: &'a [Environment]) -> Vec<Job<'a>> {
    let wanted: Option<u32> = case.other("workers").and_then(|count| count.parse().ok());
    let with_plugins = case.other("plugins").is_some();
    let fits = |environment: &&Environment| {
        environment.plugins == with_plugins
            && (environment.main || case.other("matrix").is_some())
            && case.needs.iter().all(|need| environment.satisfies(need))
    };
    let job = |environment: &'a Environment| {
        let counts: &[u32] = if environment.main { &[1, 2] } else { &[2] };
        let fitting = counts.iter().filter(|count| wanted.is_none_or(|n| n == **count));
        Job { case, environment, runners: fitting.copied().map(Runner::Ours).collect() }
    };
    environments.iter().filter(fits).map(job).collect()
}

/// What differs: the case's name, and where and how.
fn check(job: &Job<'_>) -> Vec<(String, String)> {
    let Job { case, environment, runners } = job;
    let name = format!("{} ({})", case.name, environment.name);
    let show = std::env::var_os("FASTEST_TEST_SHOW").is_some();
    let mut failures = Vec::new();
    // Old and new versions are tried with one command line: what differs there is the project.
    let count = if environment.main { case.runs.len() } else { 1 };
    for arguments in &case.runs[..count] {
        let expected = launch::run(Runner::Pytest, case, arguments, environment);
        if show {
            println!("== {name} {arguments:?}\n{expected:#?}");
            continue;
        }
        for &runner in runners {
            let ours = launch::run(runner, case, arguments, environment);
            let found = differences::between(case, runner, &expected, &ours);
            let said = |text: String| (name.clone(), format!("{arguments:?} {runner:?}: {text}"));
            failures.extend(found.into_iter().map(said));
        }
    }
    match (case.differs && !show, failures.is_empty()) {
        (true, true) => vec![(name, "differs no longer: take the line out".to_owned())],
        (true, false) => Vec::new(),
        (false, _) => failures,
    }
}

/// Writes a case's project for an environment.
fn write(case: &Case, environment: &Environment) -> Project {
    Project::write(case, &environment.python_version)
}
