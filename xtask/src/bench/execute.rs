//! `cargo xtask bench run`: whole runs of generated suites against pytest and pytest-xdist.

use std::path::Path;
use std::process::Command;

use super::options::Options;
use super::{Contender, Measured, alternate, environment_of, forget, generate};
use crate::python::{PYTEST, environment, find, oracle, test_environments};
use crate::shell::Done;

/// What pytest's environment has besides, where it runs with workers.
const XDIST: &str = "pytest-xdist==3.8.0";

/// As many as xdist and ours start.
const WORKERS: &str = "2";

/// Generated suites (`tests/corpus/synth.py`).
pub fn generated(arguments: &[&str]) -> Done {
    let options = Options::parse(arguments)?;
    let binary = options.binary()?;
    let python = oracle()?;
    let with_xdist = [&PYTEST[..], &[XDIST]].concat();
    let xdist = environment(&test_environments().join("xdist"), &find((3, 9))?, &with_xdist)?;
    let head = ("suite", "pytest ms", "xdist ms", "ours ms", "/pytest", "/xdist");
    println!(
        "{:20} {:>10} {:>10} {:>10} {:>8} {:>8}",
        head.0, head.1, head.2, head.3, head.4, head.5
    );
    for &tests in &options.tests {
        for style in &options.styles {
            let (folder, environment) = (generate(tests, style)?, environment_of(&python));
            let suite = Measured { folder, arguments: Vec::new(), environment };
            let name = format!("{style} {tests}");
            measure(&name, &suite, [&python, &xdist, &binary], options.runs)?;
        }
    }
    Ok(())
}

fn measure(name: &str, suite: &Measured, [python, xdist, binary]: [&Path; 3], runs: usize) -> Done {
    let pytest = |python: &Path, options: &[&str]| {
        let mut command = suite.command(python);
        command.args(["-m", "pytest", "-q"]).args(options);
        command
    };
    let alone = || pytest(python, &[]);
    let parallel = || pytest(xdist, &["-n", WORKERS]);
    let ours = || -> Command {
        let mut command = suite.command(binary);
        command.args(["--run", "-q", "-n", WORKERS]);
        command
    };
    let nothing = || Ok(());
    let contenders = [
        Contender { label: "pytest", command: &alone, prepare: &nothing },
        Contender { label: "xdist", command: &parallel, prepare: &nothing },
        Contender { label: "ours", command: &ours, prepare: &|| forget(&suite.folder) },
    ];
    let timed = alternate(&contenders, runs, counts)?;
    let [alone, parallel, ours] = &timed[..] else { return Err("three were timed".to_owned()) };
    let same = ours.same && !ours.said.is_empty() && ours.said == alone.said;
    let remark = if same { "" } else { "  outcomes DIFFER: the ratio does not count" };
    println!(
        "{name:20} {:10.0} {:10.0} {:10.0} {:7.2}x {:7.2}x{remark}",
        alone.median,
        parallel.median,
        ours.median,
        alone.median / ours.median,
        parallel.median / ours.median,
    );
    Ok(())
}

/// The closing line's counts: `5 passed`, `1 failed`.
fn counts(text: &str) -> Vec<String> {
    let closing = text.lines().rev().find_map(|line| line.rsplit_once(" in "));
    let counts = closing.map_or("", |(counts, _)| counts).trim_matches(['=', ' ']);
    counts.split(", ").filter(|count| !count.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn the_closing_line_is_counted() {
        let text = "..F\n===== FAILURES =====\nassert 1 in 2\n1 failed, 2 passed in 0.12s\n";
        assert_eq!(counts(text), ["1 failed", "2 passed"]);
        assert_eq!(counts("no tests"), [""; 0]);
    }
}
