//! What is printed where output is no terminal, and the reports that are written: pytest's own,
//! compared by Python scripts.

use std::process::Command;

use fastest_tests::{binary, oracle_python, repository};

fn check(script: &str) {
    let Some(python) = oracle_python() else { return };
    let output = Command::new(python)
        .arg(repository().join("tests/terminal").join(script))
        .arg(binary())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn output_is_pytests() {
    check("compare.py");
}

#[test]
fn junit_reports_and_report_logs_are_pytests() {
    check("junit.py");
}
