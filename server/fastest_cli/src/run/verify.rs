//! `--verify`: the same selection under plain pytest, and what differs.

use std::collections::BTreeSet;

use fastest_model::ExitCode;
use fastest_runner::{Plain, RunRequest, Signals, run_plain};

use super::observer::Observer;

/// Runs plain pytest and prints every difference; what the process is to exit with, which is 3
/// if anything differs. Whoever has had enough of pytest can end that, too.
pub(super) async fn check(request: &RunRequest, exit: u8, seen: &Observer) -> u8 {
    eprintln!("verify: running plain pytest\u{2026}");
    let mut signals = Signals::new();
    let plain = tokio::select! {
        plain = run_plain(request) => plain,
        _ = signals.next() => {
            eprintln!("verify: stopped before pytest was done: nothing was compared");
            return ExitCode::Interrupted.code();
        }
    };
    let plain = match plain {
        Ok(plain) => plain,
        Err(error) => {
            eprintln!("ERROR: failed to verify: {error}");
            return ExitCode::InternalError.code();
        }
    };
    let found = differences(&plain, exit, seen);
    for difference in &found {
        println!("verify: {difference}");
    }
    let (tests, count) = (plain.tests.len(), found.len());
    let plural = if count == 1 { "" } else { "s" };
    println!("verify: {count} difference{plural} in {tests} node ids and the exit code");
    if found.is_empty() { exit } else { ExitCode::InternalError.code() }
}

fn differences(plain: &Plain, exit: u8, seen: &Observer) -> Vec<String> {
    let mut found = Vec::new();
    let ids: BTreeSet<&String> = plain.tests.keys().chain(seen.tests.keys()).collect();
    for id in ids {
        let (theirs, ours) = (sorted(plain.tests.get(id)), sorted(seen.tests.get(id)));
        if theirs != ours {
            found.push(format!("{id}: pytest {}, here {}", told(&theirs), told(&ours)));
        }
    }
    if plain.exit != i32::from(exit) {
        found.push(format!("exit code: pytest {}, here {exit}", plain.exit));
    }
    found
}

/// Two tests of one id may run in any order.
fn sorted(reports: Option<&Vec<String>>) -> Vec<&str> {
    let mut reports: Vec<&str> = reports.into_iter().flatten().map(String::as_str).collect();
    reports.sort_unstable();
    reports
}

/// What passed in set-up and teardown says nothing.
fn told(reports: &[&str]) -> String {
    let silent = ["setup passed", "teardown passed"];
    let said: Vec<&str> = reports.iter().copied().filter(|r| !silent.contains(r)).collect();
    match (reports.is_empty(), said.is_empty()) {
        (true, _) => "has no such test".to_owned(),
        (false, true) => "no outcome".to_owned(),
        (false, false) => said.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::{Observer, Plain, differences};

    fn reports(reports: &[&str]) -> Vec<String> {
        reports.iter().map(|&report| report.to_owned()).collect()
    }

    #[test]
    fn ids_outcomes_and_exit_codes_are_compared() {
        let passed = reports(&["setup passed", "call passed", "teardown passed"]);
        let failed = reports(&["setup passed", "call failed", "teardown passed"]);
        let tests = [("a", &passed), ("b", &passed), ("c", &passed)];
        let tests = tests.map(|(id, reports)| (id.to_owned(), reports.clone()));
        let plain = Plain { exit: 0, tests: tests.into() };
        let mut seen = Observer::default();
        seen.tests.extend([("a".to_owned(), passed.clone()), ("b".to_owned(), passed.clone())]);
        seen.tests.insert("c".to_owned(), passed.clone());
        assert_eq!(differences(&plain, 0, &seen), Vec::<String>::new());
        seen.tests.remove("a");
        seen.tests.insert("b".to_owned(), failed);
        seen.tests.insert("d".to_owned(), passed);
        assert_eq!(
            differences(&plain, 1, &seen),
            [
                "a: pytest call passed, here has no such test",
                "b: pytest call passed, here call failed",
                "d: pytest has no such test, here call passed",
                "exit code: pytest 0, here 1",
            ]
        );
    }
}
