//! `--explain`: which engine and worker ran each file, and why.

use std::collections::BTreeSet;

use super::observer::Observer;

/// The text for people.
pub(super) fn text(seen: &Observer) -> String {
    let mut text = String::from("explain:\n");
    if seen.whole.is_empty() {
        text.push_str("  each file was collected by the workers that ran its tests\n");
    } else {
        text.push_str(
            "  every worker collected every file, because all tests are seen at once by\n",
        );
        for reason in &seen.whole {
            text.push_str(&format!("    {reason}\n"));
        }
    }
    let width = seen.files.keys().map(String::len).max().unwrap_or(0);
    for (file, (tests, workers)) in &seen.files {
        let plural = if *tests == 1 { ' ' } else { 's' };
        let shared = if workers.len() > 1 { " (its tests share nothing)" } else { "" };
        let workers = names(workers);
        text.push_str(&format!(
            "  {file:width$}  {tests:5} test{plural}  pytest engine, {workers}{shared}\n"
        ));
    }
    text
}

fn names(workers: &BTreeSet<usize>) -> String {
    let names: Vec<String> = workers.iter().map(|worker| format!("gw{worker}")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Observer, text};

    #[test]
    fn files_workers_and_reasons_are_told() {
        let mut seen = Observer::default();
        seen.files.insert("a.py".to_owned(), (2, [0, 1].into()));
        seen.files.insert("test_b.py".to_owned(), (1, [1].into()));
        assert_eq!(
            text(&seen),
            "explain:\n  each file was collected by the workers that ran its tests\n  \
             a.py           2 tests  pytest engine, gw0, gw1 (its tests share nothing)\n  \
             test_b.py      1 test   pytest engine, gw1\n"
        );
        seen.whole.push("--lf".to_owned());
        assert!(text(&seen).contains("because all tests are seen at once by\n    --lf\n"));
    }
}
