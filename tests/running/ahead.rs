//! Tests run while another worker still collects, and a run is told as pytest's all the same.

use crate::project::{Project, Run};

/// What earlier runs left: each file is worth a worker, and each could be collected.
const KNOWN: &str = r#"{"version": 1, "seconds": {
    "test_a.py": 0.1, "test_a.py::test_first": 5.0, "test_a.py::test_last": 5.0,
    "test_b.py": 0.1, "test_b.py::test_b": 10.0
}}"#;

/// How files wait for each other.
const MEET: &str = "import pathlib, time
here = pathlib.Path(__file__).parent
def meet(name):
    end = time.monotonic() + 60
    while not (here / name).exists() and time.monotonic() < end: time.sleep(0.01)
    assert (here / name).exists(), f'{name} does not come'
";

/// A file whose collection ends when that of the other has begun, in another worker.
fn first_file(body: &str) -> String {
    format!(
        "import os, pytest, warnings\nfrom meet import here, meet\nmeet('collects')\n\
         def test_first():\n    (here / 'runs').touch()\n    {body}\n\
         def test_last(): pass\n"
    )
}

/// A file whose collection goes on until a test of the first has begun to run.
fn second_file(after: &str) -> String {
    format!(
        "from meet import here, meet\n(here / 'collects').touch()\nmeet('runs')\n{after}\n\
         def test_b(): pass\n"
    )
}

/// Run both with two workers.
fn run(first: &str, after: &str) -> Option<(Project, Run)> {
    let (a, b) = (first_file(first), second_file(after));
    let files = [("meet.py", MEET), ("test_a.py", &*a), ("test_b.py", &*b), ("known.json", KNOWN)];
    let project = Project::new(&files)?;
    let run = project.run(&["-v", "-n", "2", "--durations-file", "known.json"]);
    Some((project, run))
}

/// The same and what pytest makes of it, where nothing need wait any more.
#[track_caller]
fn run_both(first: &str, after: &str) -> Option<(Run, Run)> {
    let (project, run) = run(first, after)?;
    let expected = Run::of(&project.pytest(&["-v"]).output().expect("pytest starts"));
    assert_eq!(run.exit, expected.exit, "{}\n{}", run.text, expected.text);
    Some((run, expected))
}

#[track_caller]
fn check(first: &str, after: &str) {
    let Some((run, expected)) = run_both(first, after) else { return };
    let context = format!("{}\n{}", run.text, expected.text);
    assert_eq!(run.outcomes(), expected.outcomes(), "{context}");
    assert_eq!(run.counts(), expected.counts(), "{context}");
}

#[test]
fn tests_run_while_another_file_is_collected() {
    check("", "");
    check("warnings.warn('old', DeprecationWarning)", "");
    check("assert 0", "");
}

#[test]
fn where_that_file_cannot_be_collected_nothing_has_run() {
    check("", "raise RuntimeError('no')");
    check("assert 0", "import no_such_module");
    let Some((run, _)) = run_both("print('spoken'); assert 0", "1 / 0") else { return };
    assert!(!run.text.contains("test_first") && !run.text.contains("spoken"), "{}", run.text);
    assert!(run.text.contains("Interrupted: 1 error during collection"), "{}", run.text);
}

/// A test that ends the run does so when all is collected, as under pytest.
#[test]
fn a_test_that_ran_ahead_may_end_the_run() {
    let Some((run, expected)) = run_both("pytest.exit('enough', returncode=7)", "") else { return };
    assert_eq!(run.exit, Some(7));
    for run in [run, expected] {
        assert!(run.text.contains("collected 3 items"), "{}", run.text);
        assert!(run.text.contains("Exit: enough"), "{}", run.text);
    }
}

#[test]
#[cfg(unix)]
fn a_test_that_ran_ahead_may_end_its_worker() {
    let Some((_, run)) = run("os._exit(3)", "") else { return };
    assert_eq!((run.exit, &*run.counts()), (Some(1), "1 failed, 2 passed"), "{}", run.text);
    assert!(run.text.contains("worker crashed: exited with code 3"), "{}", run.text);
}

/// Where it is not known that a file could be collected, nothing runs before it is.
#[test]
fn a_file_of_which_nothing_is_known_is_waited_for() {
    // What another worker has collected may move to this one and be collected again.
    let after = "import time\ntime.sleep(0.3)\nonce = here / 'once'\n\
                 assert once.exists() or not (here / 'begun').exists()\nonce.touch()";
    let (a, b) = (first_file("(here / 'begun').touch()"), second_file(after));
    let known = KNOWN.replace("\"test_b.py\": 0.1", "\"test_b.py\": 0");
    let files = [
        ("meet.py", MEET),
        ("test_a.py", &*a),
        ("test_b.py", &*b),
        ("known.json", &*known),
        ("runs", ""),
    ];
    let Some(project) = Project::new(&files) else { return };
    let run = project.run(&["-v", "-n", "2", "--durations-file", "known.json"]);
    assert_eq!((run.exit, &*run.counts()), (Some(0), "3 passed"), "{}", run.text);
}
