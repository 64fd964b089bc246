//! `cargo xtask test`: everything that must pass, each step counted.

use std::path::Path;
use std::process::Command;

use crate::outcome::{counts, failures};
use crate::python::{Python, environment, find, full, oracle, test_environments};
use crate::shell::{Done, binary, cargo, repository, watched};
use crate::{corpus, matrix, neovim, profiles, vscode};

/// What checks and tests the Python code.
const TOOLS: [&str; 3] = ["ruff==0.17.6", "mypy==2.4.1", "pytest==9.2.0"];

/// The tools need a newer Python than the harness does.
const TOOLS_PYTHON: (u32, u32) = (3, 10);

/// What the steps came to.
#[derive(Default)]
pub struct Suite {
    lines: Vec<String>,
    failures: Vec<String>,
    passed: u64,
    failed: u64,
}

/// Runs every step, whatever became of the ones before, and sums up.
pub fn test() -> Done {
    let mut suite = Suite::default();
    suite.step("cargo fmt", || Ok(cargo(&["fmt", "--all", "--check"])));
    suite.step("cargo clippy", || {
        Ok(cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
    });
    suite.step("cargo build", || Ok(cargo(&["build", "--package", "fastest_cli"])));
    suite.step("rust tests", rust_tests);
    suite.step("across rooms", || {
        matrix::prepare()?;
        let tests = ["test", "--package", "fastest_tests", "--no-fail-fast"];
        with_oracle(cargo(&[&tests[..], &["--", "--nocapture"]].concat()))
    });
    suite.step("ruff", || tool(&["ruff", "check", "python-harness", "tests"]));
    suite.step("mypy: harness", || Ok(in_harness(tool(&["mypy"])?)));
    suite.step("mypy: tests", || {
        let scripts = [
            "tests/conformance/oracle.py",
            "tests/corpus/compare.py",
            "tests/corpus/runs.py",
            "tests/corpus/served.py",
            "tests/terminal/outputs.py",
            "tests/terminal/reports.py",
            "tests/terminal/covered.py",
        ];
        tool(&[&["mypy", "--python-version", "3.11"], &scripts[..]].concat())
    });
    suite.step("harness tests", || Ok(in_harness(tool(&["pytest", "-q"])?)));
    for python in matrix::ends().unwrap_or_default() {
        suite.step("harness, matrix", || Ok(in_harness(pytest_of(&python))));
    }
    suite.step("corpus", || quick_corpus(corpus::compare));
    suite.step("corpus: served", || quick_corpus(corpus::compare_served));
    suite.step("corpus: runs", || quick_corpus(corpus::compare_runs));
    profiles::steps(&mut suite);
    vscode::steps(&mut suite);
    neovim::steps(&mut suite);
    suite.finish()
}

/// Only the steps of one part, with the binary that they need.
pub fn part(steps: impl FnOnce(&mut Suite)) -> Done {
    let mut suite = Suite::default();
    suite.step("cargo build", || Ok(cargo(&["build", "--package", "fastest_cli"])));
    steps(&mut suite);
    suite.finish()
}

impl Suite {
    /// One step: its command is made (which may install things), run, and its outcome kept.
    pub fn step(&mut self, name: &str, command: impl FnOnce() -> Done<Command>) {
        println!("\n=== {name}");
        let started = std::time::Instant::now();
        let done = command().and_then(|mut command| watched(&mut command));
        let (ok, text) = done.unwrap_or_else(|message| {
            println!("{message}");
            (false, message)
        });
        let (passed, failed) = counts(&text);
        // A step without tests of its own is one check; one that broke off is a failure.
        let (passed, failed) = match (ok, passed + failed) {
            (true, 0) => (1, 0),
            (false, _) => (passed, failed.max(1)),
            (true, _) => (passed, failed),
        };
        self.passed += passed;
        self.failed += failed;
        if !ok {
            self.failures.push(format!("--- {name}\n{}", failures(&text)));
        }
        let outcome = if ok { "ok" } else { "FAILED" };
        let seconds = started.elapsed().as_secs();
        self.lines
            .push(format!("{outcome:6} {name:15} {passed} passed, {failed} failed ({seconds} s)"));
    }

    /// What failed once more, since a step's own words are far above by then, and the counts.
    fn finish(self) -> Done {
        if !self.failures.is_empty() {
            println!("\n=== what failed\n{}", self.failures.join("\n"));
        }
        println!("\n=== summary\n{}", self.lines.join("\n"));
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { Ok(()) } else { Err("not everything passed".to_owned()) }
    }
}

/// With nextest where it is installed: each test in its own process, and a summary.
fn rust_tests() -> Done<Command> {
    let has_nextest = cargo(&["nextest", "--version"]).output().is_ok_and(|o| o.status.success());
    let runner: &[&str] = if has_nextest { &["nextest", "run"] } else { &["test"] };
    let chosen = ["--workspace", "--exclude", "fastest_tests", "--no-fail-fast"];
    with_oracle(cargo(&[runner, &chosen].concat()))
}

/// What reports are compared with.
const REPORTS: [&str; 4] =
    ["pytest==9.2.0", "pytest-cov==7.1.0", "coverage==7.17.4", "junitparser==5.0.3"];

/// Tests compare with the real pytest of this environment, and test this binary.
fn with_oracle(mut command: Command) -> Done<Command> {
    environment(&test_environments().join("reports"), &find(TOOLS_PYTHON)?, &REPORTS)?;
    command.env("FASTEST_TEST_PYTHON", oracle()?).env("FASTEST_TEST_BINARY", binary("debug"));
    command.env("FASTEST_TEST_FULL_PYTHON", full()?);
    Ok(command)
}

/// `python -m TOOL …` in the repository, of an environment that has the tools.
fn tool(arguments: &[&str]) -> Done<Command> {
    let python = find(TOOLS_PYTHON)?;
    let interpreter = environment(&test_environments().join("tools"), &python, &TOOLS)?;
    let mut command = Command::new(interpreter);
    command.current_dir(repository()).arg("-m").args(arguments);
    Ok(command)
}

fn pytest_of(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pytest", "-q"]);
    command
}

fn in_harness(mut command: Command) -> Command {
    command.current_dir(repository().join("python-harness"));
    command
}

fn quick_corpus(compare: fn(&Python, &Path, &[String]) -> Command) -> Done<Command> {
    let python = find(corpus::PYTHON)?;
    let choice = corpus::choice(&["--quick"])?;
    corpus::prepare(&python, &choice)?;
    Ok(compare(&python, Path::new(&binary("debug")), &choice))
}
