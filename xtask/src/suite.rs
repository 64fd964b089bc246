//! `cargo xtask test`: everything that must pass, each step counted.

use std::path::Path;
use std::process::Command;

use crate::python::{Python, environment, find, full, oracle, test_environments};
use crate::shell::{Done, binary, cargo, repository, watched};
use crate::{corpus, matrix, neovim, vscode};

/// What checks and tests the Python code.
const TOOLS: [&str; 3] = ["ruff==0.17.6", "mypy==2.4.1", "pytest==9.2.0"];

/// The tools need a newer Python than the harness does.
const TOOLS_PYTHON: (u32, u32) = (3, 10);

/// What the steps came to.
#[derive(Default)]
pub struct Suite {
    lines: Vec<String>,
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
            "tests/terminal/outputs.py",
            "tests/terminal/reports.py",
            "tests/terminal/covered.py",
        ];
        tool(&[&["mypy", "--python-version", "3.11"], &scripts[..]].concat())
    });
    if has_tests(&repository().join("python-harness/tests")) {
        suite.step("harness tests", || Ok(in_harness(tool(&["pytest", "-q"])?)));
    }
    suite.step("corpus", || quick_corpus(corpus::compare));
    suite.step("corpus: runs", || quick_corpus(corpus::compare_runs));
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
            (false, String::new())
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
        let outcome = if ok { "ok" } else { "FAILED" };
        let seconds = started.elapsed().as_secs();
        self.lines
            .push(format!("{outcome:6} {name:14} {passed} passed, {failed} failed ({seconds} s)"));
    }

    fn finish(self) -> Done {
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

fn has_tests(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("test_"))
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

/// How many tests passed and failed, from the runners' own closing lines.
fn counts(text: &str) -> (u64, u64) {
    let summaries = text.lines().filter(|line| is_summary(line));
    summaries.fold((0, 0), |(passed, failed), line| {
        let failures = before(line, "failed") + before(line, "error") + before(line, "errors");
        // Node's runner says `pass 5` and `fail 1`, a line each.
        let (node_passed, node_failed) = (after(line, "pass"), after(line, "fail"));
        (passed + before(line, "passed") + node_passed, failed + failures + node_failed)
    })
}

/// nextest's, libtest's, pytest's (`5 passed in 0.12s`), Node's, and our own scripts'.
fn is_summary(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Summary [")
        || line.starts_with("test result:")
        || ["conformance:", "vscode:", "neovim ", "eglot:", "ℹ pass ", "ℹ fail "]
            .iter()
            .any(|start| line.starts_with(start))
        || (line.contains(" passed") || line.contains(" failed"))
            && line.contains(" in ")
            && line.trim_end_matches(['=', ' ']).ends_with('s')
}

/// The number before a word: 12 in `12 passed; 1 failed`.
fn before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let pairs = words.windows(2).filter(|pair| pair[1] == word);
    pairs.filter_map(|pair| pair[0].parse::<u64>().ok()).sum()
}

/// The number after a word: 12 in `pass 12`.
fn after(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split_whitespace().collect();
    let pairs = words.windows(2).filter(|pair| pair[0] == word);
    pairs.filter_map(|pair| pair[1].parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn closing_lines_of_all_runners_are_read() {
        let text = "test a ... ok\n\
            test result: ok. 11 passed; 1 failed; 0 ignored; 0 measured; finished in 0.01s\n\
            \x20    Summary [   1.2s] 9 tests run: 7 passed, 2 failed, 0 skipped\n\
            ===== 3 passed, 1 error in 0.12s =====\n\
            4 passed in 1.0s\n\
            conformance: 5 passed, 0 failed\n\
            neovim 0.12: 20 passed, 3 failed\n\
            ℹ tests 9\n\
            ℹ pass 8\n\
            ℹ fail 1\n\
            everything passed in the end, they said\n";
        assert_eq!(counts(text), (11 + 7 + 3 + 4 + 5 + 20 + 8, 1 + 2 + 1 + 3 + 1));
    }
}
