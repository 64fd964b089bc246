//! Small projects, one for each rule of collection, with real pytest as the oracle.
//!
//! Each `cases/SUBJECT/NAME.txt` is one project. To add a case, write such a file:
//!
//! ```text
//! # What the rule is, in a sentence or two.
//! run: -k "a or b" tests
//! runtime: tests/test_a.py::test_b
//! --- pytest.ini
//! [pytest]
//! --- tests/test_a.py
//! def test_a(): pass
//! ```
//!
//! Lines before the first `---`, in any order:
//!
//! - `run: ARGS`: arguments after `--collect-only -q`, quoted as in a shell, `{project}` being
//!   the project's absolute path; one line for each comparison, none is one without arguments
//! - `cwd: DIR`: where to run, relative to the project
//! - `env: NAME=VALUE`: `{project}` as above
//! - `runtime: NODEID`: an item that ours must print unexpanded because only running Python can
//!   tell (for every run in which pytest lists something that it stands for); all else is static
//! - `phantom: NODEID`: an item that ours lists as one of those although pytest does not list it
//! - `differs: REASON`: ours is known to differ; a case that does not differ any more fails
//! - `inexact: REASON`: `--exact`, which must print pytest's list wherever one of the three lines
//!   above stands, does not
//! - `error: TEXT`: what pytest prints and what ours must print on stderr, in every run
//! - `link: PATH -> TARGET`: a symbolic link
//! - `needs: pytest>=9.0`: a case for newer pytests only (`python` likewise)
//!
//! `--- PATH` starts a file, empty lines at its end left out. `{site}/…` puts it into the
//! environment's site-packages. `--- PATH (latin-1)` writes it in that encoding (also `utf-16`,
//! `utf-8-sig`), `(crlf)` with Windows line ends, `(escaped)` with `\xNN` resolved to bytes.
//!
//! Compared are the lines of node ids, byte for byte, and the exit code. `FASTEST_TEST_CASE=TEXT`
//! runs only the cases whose name holds TEXT; `FASTEST_TEST_SHOW=1` prints pytest's lists and
//! does not run ours, for reviewing a new case.

mod circles;
mod oracle;
mod ours;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastest_tests::case::{self, Case, Project};
use oracle::Oracle;

#[test]
fn every_project_is_collected_as_pytest_collects_it() {
    let Some(python) = fastest_tests::oracle_python() else { return };
    let cases = chosen_cases();
    let show = std::env::var_os("FASTEST_TEST_SHOW").is_some();
    let binary = (!show).then(fastest_tests::binary);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut oracle = Oracle::start(&python);
        let mut failures = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            failures.extend(check(case, &mut oracle, binary.as_deref()));
        }
        failures
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut failures: Vec<(String, String)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| worker.join().expect("no check panics"));
        joined.flatten().collect()
    });
    failures.sort();
    let failed: BTreeSet<&str> = failures.iter().map(|(name, _)| name.as_str()).collect();
    for (name, text) in &failures {
        println!("== {name} {text}");
    }
    let passed = cases.len() - failed.len();
    println!("conformance: {passed} passed, {} failed", failed.len());
    assert!(failed.is_empty(), "not collected as pytest collects them: {failed:?}");
}

/// What differs between pytest and ours: the case's name, and its arguments and the difference.
fn check(case: &Case, oracle: &mut Oracle, binary: Option<&Path>) -> Vec<(String, String)> {
    if !case.needs.iter().all(|need| oracle.satisfies(need)) {
        return Vec::new();
    }
    let project = Project::write(case, oracle.python_version());
    let mut failures = Vec::new();
    let mut inexact = Vec::new();
    for run in &case.runs {
        let expected = oracle.collect(&project, run);
        let Some(binary) = binary else {
            println!(
                "== {} [{}] exit {}\n{}",
                case.name,
                run.join(" "),
                expected.exit,
                expected.all()
            );
            continue;
        };
        for text in ours::differences(case, &project, run, &expected, binary, oracle) {
            failures.push((case.name.clone(), format!("[{}]\n{text}", run.join(" "))));
        }
        let asks = case.differs || !case.runtime.is_empty() || !case.phantoms.is_empty();
        if asks && case.others.is_empty() {
            let text = ours::inexact(&project, run, &expected, binary, oracle);
            let told = |text| (case.name.clone(), format!("[{}]\n{text}", run.join(" ")));
            inexact.extend(text.map(told));
        }
    }
    if case.differs && binary.is_some() {
        let no_longer =
            failures.is_empty().then(|| "differs no longer: take the line out".to_owned());
        failures = no_longer.into_iter().map(|text| (case.name.clone(), text)).collect();
    }
    failures.extend(inexact);
    failures
}

fn chosen_cases() -> Vec<Case> {
    let cases = case::chosen(&Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases"));
    for case in &cases {
        let known = case.others.iter().all(|(key, _)| key == "inexact");
        assert!(known, "{}: what is {:?}?", case.name, case.others);
    }
    cases
}
