//! Whole runs of small projects on a real interpreter.
//!
//! `FASTEST_TEST_PYTHON` names a Python that has pytest; without it these tests say so and pass.

#![expect(clippy::unwrap_used, reason = "the helpers of a test are a test's code too")]

mod common;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use fastest_model::run::{Outcome, Phase, RunEvent};
use fastest_runner::{
    Bundle, PlanDifferences, PlannedUnit, RunError, RunRequest, RunSummary, Transport, Workers,
    Zygote, ZygoteLaunch, cancellation, run,
};
use tokio::sync::mpsc::unbounded_channel;

use crate::common::{project, python};

fn run_blocking(request: RunRequest) -> (Result<RunSummary, RunError>, Vec<RunEvent>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (sender, mut receiver) = unbounded_channel();
    let (_canceller, cancels) = cancellation();
    let summary = runtime.block_on(run(request, sender, cancels));
    let events = std::iter::from_fn(|| receiver.try_recv().ok()).collect();
    (summary, events)
}

/// What decided each test, by node id.
fn outcomes(events: &[RunEvent]) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    for event in events {
        if let RunEvent::PhaseEnded { report, .. } = event
            && (report.phase == Phase::Call || report.outcome != Outcome::Passed)
        {
            let again = outcomes.insert(report.node_id.clone(), report.outcome);
            assert_eq!(again, None, "{} has two outcomes", report.node_id);
        }
    }
    outcomes
}

/// Run a project, once with spawned and once with forked workers, and compare exit code and outcomes, written `node id: Outcome`.
fn check(
    files: &[(&str, &str)],
    change: impl Fn(RunRequest) -> RunRequest,
    exit: i32,
    expected: &[&str],
) -> Vec<RunEvent> {
    let Some(python) = python() else { return Vec::new() };
    let mut all = Vec::new();
    for forks in [false, true] {
        let dir = project(files);
        let request = RunRequest {
            workers: Workers::Count(2),
            pytest_args: ["-p", "no:cacheprovider"].map(str::to_owned).to_vec(),
            zygote: forks.then(|| zygote(&python, dir.path())),
            ..RunRequest::new(&python, dir.path())
        };
        all = check_run(change(request), exit, expected);
    }
    all
}

fn zygote(python: &Path, dir: &Path) -> Zygote {
    Zygote::start(ZygoteLaunch {
        python: python.to_owned(),
        dir: dir.to_owned(),
        env: Vec::new(),
        bundle: Arc::new(Bundle::unpack().unwrap()),
        for_one_run: true,
    })
    .unwrap()
}

fn check_run(request: RunRequest, exit: i32, expected: &[&str]) -> Vec<RunEvent> {
    let (summary, events) = run_blocking(request);
    let found: Vec<String> =
        outcomes(&events).iter().map(|(id, outcome)| format!("{id}: {outcome:?}")).collect();
    assert_eq!(found, expected, "{summary:?}");
    assert_eq!(summary.unwrap().exit, exit);
    events
}

const MIXED: &[(&str, &str)] = &[
    ("test_a.py", "def test_one(): pass\ndef test_two(): assert 0\n"),
    (
        "test_b.py",
        "import pytest\n\
         @pytest.mark.parametrize('n', [1, 2])\n\
         def test_p(n, worker_id): assert worker_id.startswith('gw')\n\
         @pytest.mark.skip(reason='no')\n\
         def test_s(): pass\n",
    ),
];

const MIXED_OUTCOMES: &[&str] = &[
    "test_a.py::test_one: Passed",
    "test_a.py::test_two: Failed",
    "test_b.py::test_p[1]: Passed",
    "test_b.py::test_p[2]: Passed",
    "test_b.py::test_s: Skipped",
];

#[test]
fn two_workers_share_the_files() {
    check(MIXED, |request| request, 1, MIXED_OUTCOMES);
}

#[test]
fn workers_can_be_reached_over_loopback() {
    let loopback = |request| RunRequest { transport: Transport::Loopback, ..request };
    check(MIXED, loopback, 1, MIXED_OUTCOMES);
}

#[test]
fn a_hook_that_sees_all_items_sees_them_all() {
    let conftest = "def pytest_collection_modifyitems(config, items):\n\
                    \x20   dropped = items[:-1]\n\
                    \x20   items[:] = items[-1:]\n\
                    \x20   config.hook.pytest_deselected(items=dropped)\n";
    let files = [MIXED[0], ("test_z.py", "def test_last(): pass\n"), ("conftest.py", conftest)];
    check(&files, |request| request, 0, &["test_z.py::test_last: Passed"]);
}

#[test]
fn a_crash_is_the_outcome_of_its_test_only() {
    let crash = "import os, signal\n\
                 def test_before(): pass\n\
                 def test_dies(): os.kill(os.getpid(), signal.SIGSEGV)\n\
                 def test_after(): pass\n";
    let files = [("test_a.py", "def test_one(): pass\n"), ("test_c.py", crash)];
    let events = check(
        &files,
        |request| request,
        1,
        &[
            "test_a.py::test_one: Passed",
            "test_c.py::test_after: Passed",
            "test_c.py::test_before: Passed",
            "test_c.py::test_dies: Failed",
        ],
    );
    let summaries: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            RunEvent::PhaseEnded { report, .. } if report.outcome == Outcome::Failed => {
                Some(&*report.summary)
            }
            _ => None,
        })
        .collect();
    if python().is_some() {
        assert_eq!(summaries, ["worker crashed: killed by signal 11 (SIGSEGV)"]);
    }
}

#[test]
fn a_collection_error_keeps_everything_from_running() {
    let files = [MIXED[0], ("test_broken.py", "import no_such_module\n")];
    let events = check(&files, |request| request, 2, &[]);
    let errors: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            RunEvent::CollectError { node_id, .. } => Some(&**node_id),
            _ => None,
        })
        .collect();
    if python().is_some() {
        assert_eq!(errors, ["test_broken.py"]);
    }
}

#[test]
fn exit_codes_are_pytests() {
    let args = |args: &'static [&str]| {
        move |mut request: RunRequest| {
            request.pytest_args.extend(args.iter().map(|&arg| arg.to_owned()));
            request
        }
    };
    check(&[], |request| request, 5, &[]);
    check(MIXED, args(&["-k", "nothing"]), 5, &[]);
    check(MIXED, args(&["--no-such-option"]), 4, &[]);
    check(MIXED, args(&["missing.py"]), 4, &[]);
    check(MIXED, args(&["test_a.py::test_one"]), 0, &["test_a.py::test_one: Passed"]);
    let exits = ("test_e.py", "import pytest\ndef test_e(): pytest.exit('enough', 7)\n");
    check(&[exits], |request| request, 7, &[]);
}

#[test]
fn a_python_without_pytest_is_told_apart() {
    let Some(python) = python() else { return };
    let dir = project(MIXED);
    // Isolated from its site-packages, any interpreter lacks pytest.
    let hidden = dir.path().join("pytest.py");
    fs::write(hidden, "raise ModuleNotFoundError('no pytest here', name='pytest')\n").unwrap();
    let request = RunRequest { cwd_on_path: true, ..RunRequest::new(python, dir.path()) };
    let error = run_blocking(request).0.unwrap_err();
    assert!(matches!(error, RunError::NoPytest { .. }), "{error:?}");
    assert!(error.to_string().contains("-m pip install pytest"), "{error}");
    assert_eq!(error.exit_code().code(), 4);
}

#[test]
fn the_plan_is_reconciled() {
    let Some(python) = python() else { return };
    let dir = project(MIXED);
    let node_ids = ["test_a.py::test_one", "test_a.py::test_gone"].map(str::to_owned).to_vec();
    let plan = PlannedUnit { path: "test_a.py".to_owned(), node_ids, certain: true };
    let request = RunRequest {
        plan: vec![plan],
        pytest_args: vec!["test_a.py".to_owned()],
        ..RunRequest::new(python, dir.path())
    };
    let summary = run_blocking(request).0.unwrap();
    let ids = |id: &str| vec![id.to_owned()];
    let (missing, unplanned) = (ids("test_a.py::test_gone"), ids("test_a.py::test_two"));
    assert_eq!(summary.plan_differences, PlanDifferences { missing, unplanned });
}

#[test]
fn failures_are_told_in_parts() {
    let text = "def helper(x):\n    raise KeyError(x)\n\n\
                def test_error(): helper('k')\n\n\
                def test_compare():\n    ours, theirs = [1, 2], [1, 3]\n    assert ours == theirs\n\n\
                def test_stale():\n    try:\n        assert 1 == 2\n    except AssertionError: pass\n    assert not 1\n\n\
                def test_missing(nothing): pass\n";
    let outcomes = [
        "test_a.py::test_compare: Failed",
        "test_a.py::test_error: Failed",
        "test_a.py::test_missing: Error",
        "test_a.py::test_stale: Failed",
    ];
    let events = check(&[("test_a.py", text)], |request| request, 1, &outcomes);
    let mut found = Vec::new();
    for event in &events {
        let RunEvent::PhaseEnded { report, .. } = event else { continue };
        let Some(failure) = &report.failure else { continue };
        let frames: Vec<String> = failure
            .frames
            .iter()
            .map(|frame| format!("{}:{}", frame.function, frame.line))
            .collect();
        let compared = failure.comparison.as_ref().map_or_else(String::new, |comparison| {
            format!("{} {} {}", comparison.actual, comparison.op, comparison.expected)
        });
        let line = report.location.as_ref().map_or(0, |(_, line)| *line);
        let first = failure.message.lines().next().unwrap_or_default();
        let exception = failure.exception.rsplit('.').next().unwrap_or_default();
        found.push(format!("{line} {exception} {first} @ {} | {compared}", frames.join(" ")));
    }
    if events.is_empty() {
        return;
    }
    found.retain(|line| !line.contains("FixtureLookupError"));
    // The workers share the file, and tell in no certain order.
    found.sort();
    let expected = [
        "14 AssertionError assert not 1 @ test_stale:14 | ",
        "2 KeyError 'k' @ test_error:4 helper:2 | ",
        "8 AssertionError assert [1, 2] == [1, 3] @ test_compare:8 | [1, 2] == [1, 3]",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_test_that_is_only_passed_is_a_short_message() {
    let text = "import pytest\n\
                def test_plain(): print('nobody reads this')\n\
                def test_told(record_property): record_property('key', 1)\n";
    let outcomes = ["test_a.py::test_plain: Passed", "test_a.py::test_told: Passed"];
    let events = check(&[("test_a.py", text)], |request| request, 0, &outcomes);
    let reports = events.iter().filter_map(|event| match event {
        RunEvent::PhaseEnded { report, .. } => Some(report),
        _ => None,
    });
    let told: Vec<_> = reports.map(|r| (r.phase, r.sections.len(), r.properties.clone())).collect();
    if told.is_empty() {
        return;
    }
    let property = vec![("key".to_owned(), "1".to_owned())];
    let expected = [
        (Phase::Setup, 0, vec![]),
        (Phase::Call, 0, vec![]),
        (Phase::Teardown, 0, vec![]),
        (Phase::Setup, 0, vec![]),
        (Phase::Call, 0, property.clone()),
        (Phase::Teardown, 0, property),
    ];
    assert_eq!(told, expected);
}

#[test]
fn suites_written_for_xdist_find_its_contract() {
    let tests = "import os\n\
        def test_names(worker_id, testrun_uid, pytestconfig):\n\
        \x20   assert worker_id in ('gw0', 'gw1')\n\
        \x20   assert os.environ['PYTEST_XDIST_WORKER'] == worker_id\n\
        \x20   assert os.environ['PYTEST_XDIST_WORKER_COUNT'] == '2'\n\
        \x20   assert os.environ['PYTEST_XDIST_TESTRUNUID'] == testrun_uid\n\
        \x20   given = pytestconfig.workerinput\n\
        \x20   assert given['workerid'] == worker_id and given['workercount'] == 2\n\
        \x20   assert given['testrunuid'] == testrun_uid and given['mainargv']\n\
        \x20   assert pytestconfig.workeroutput == {}\n\
        def test_folder(tmp_path, worker_id): assert f'popen-{worker_id}' in str(tmp_path)\n";
    let files = [("test_a.py", tests), ("test_b.py", tests)];
    let passed = [
        "test_a.py::test_folder: Passed",
        "test_a.py::test_names: Passed",
        "test_b.py::test_folder: Passed",
        "test_b.py::test_names: Passed",
    ];
    check(&files, |request| request, 0, &passed);
}

#[test]
fn tests_of_one_group_run_in_one_worker() {
    let tests = "import pytest\n\
        @pytest.mark.xdist_group('g')\n\
        def test_g(): pass\n\
        def test_other(): pass\n";
    let files = [("test_a.py", tests), ("test_b.py", tests), ("test_c.py", tests)];
    let expected: Vec<String> = ["a", "b", "c"]
        .iter()
        .flat_map(|f| ["g", "other"].map(|t| format!("test_{f}.py::test_{t}: Passed")))
        .collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let events = check(&files, |request| request, 0, &expected);
    let workers: std::collections::BTreeSet<usize> = events
        .iter()
        .filter_map(|event| match event {
            RunEvent::TestStarted { node_id, worker, .. } if node_id.ends_with("test_g") => {
                Some(*worker)
            }
            _ => None,
        })
        .collect();
    if python().is_some() {
        assert_eq!(workers.len(), 1, "{events:?}");
    }
}
