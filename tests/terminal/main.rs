//! What is printed where output is no terminal: pytest's own, compared by `compare.py`.

use std::process::Command;

use fastest_tests::{binary, oracle_python, repository};

#[test]
fn output_is_pytests() {
    let Some(python) = oracle_python() else { return };
    let output = Command::new(python)
        .arg(repository().join("tests/terminal/compare.py"))
        .arg(binary())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
}
