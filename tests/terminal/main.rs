//! What is printed where output is no terminal, and the reports that are written: pytest's own,
//! compared by Python scripts.

use std::path::PathBuf;
use std::process::Command;

use fastest_tests::{binary, oracle_python, repository};

/// Runs a script with a Python that has pytest, and pytest-cov where one is there.
fn check(script: &str) {
    let Some(python) = reports_python().or_else(oracle_python) else { return };
    let output = Command::new(python)
        .arg(repository().join("tests/terminal").join(script))
        .arg(binary())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The Python that `cargo xtask test` makes for reports: with pytest-cov and junitparser.
fn reports_python() -> Option<PathBuf> {
    let made = repository().join("target/test-envs/reports/bin/python");
    made.exists().then_some(made)
}

#[test]
fn output_is_pytests() {
    check("outputs.py");
}

#[test]
fn junit_reports_and_report_logs_are_pytests() {
    check("reports.py");
}

#[test]
fn coverage_is_that_of_pytest_cov() {
    if reports_python().is_none() {
        eprintln!("SKIPPED: no Python with pytest-cov; `cargo xtask test` makes one");
        return;
    }
    check("covered.py");
}
