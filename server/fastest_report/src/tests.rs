//! Events in, text out.

use std::time::Duration;

use fastest_model::run::{Outcome, Phase, PhaseReport, Place, RunEvent, SessionInfo};

use crate::{End, Reporter, Style, report_chars};

fn report(node_id: &str, phase: Phase, outcome: Outcome) -> PhaseReport {
    PhaseReport {
        headline: node_id.split("::").last().unwrap_or_default().to_owned(),
        ..PhaseReport::new(node_id, phase, outcome)
    }
}

fn started(node_id: &str) -> RunEvent {
    let (path, domain) = node_id.split_once("::").unwrap_or_default();
    let place = Place { path: path.to_owned(), line: None, domain: domain.to_owned() };
    RunEvent::TestStarted { node_id: node_id.to_owned(), place, start: Duration::ZERO, worker: 0 }
}

fn phase(report: PhaseReport) -> RunEvent {
    RunEvent::PhaseEnded { report, worker: 0 }
}

/// A test's start, call and teardown.
fn test(node_id: &str, call: Outcome) -> [RunEvent; 3] {
    [
        started(node_id),
        phase(report(node_id, Phase::Call, call)),
        phase(report(node_id, Phase::Teardown, Outcome::Passed)),
    ]
}

fn collected(node_ids: &[&str]) -> RunEvent {
    RunEvent::Collected { node_ids: node_ids.iter().map(|id| (*id).to_owned()).collect() }
}

fn session() -> RunEvent {
    RunEvent::SessionStarted { info: SessionInfo::default() }
}

fn check(style: Style, events: impl IntoIterator<Item = RunEvent>, expected: &str) {
    let style = Style { width: 40, ..style };
    let mut reporter = Reporter::new(style, Vec::new());
    for event in events {
        reporter.on(event).unwrap();
    }
    let end = End { duration: Duration::from_millis(120), exit: 0, ..End::default() };
    let (text, _) = reporter.finish(&end).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text, expected);
}

#[test]
fn files_that_run_at_once_keep_their_lines() {
    let second = RunEvent::WorkerStarted { worker: 1, pid: 1 };
    let events = [second, session(), collected(&["a.py::x", "a.py::y"]), collected(&["b.py::x"])]
        .into_iter()
        .chain([RunEvent::CollectionEnded])
        .chain(test("a.py::x", Outcome::Passed))
        .chain(test("b.py::x", Outcome::XFailed))
        .chain(test("a.py::y", Outcome::Skipped));
    check(
        Style { header: false, ..Style::default() },
        events,
        "\
========= test session starts ==========
collected 3 items

a.py .s                          [ 66%]
b.py x                           [100%]

= 1 passed, 1 skipped, 1 xfailed in 0.12s =
",
    );
}

#[test]
fn a_failure_is_shown_with_its_output_and_in_the_short_summary() {
    let failed = PhaseReport {
        text: "    def x():\n>       assert 0\nE       assert 0".to_owned(),
        summary: "assert 0".to_owned(),
        sections: vec![("Captured stdout call".to_owned(), "hello\n".to_owned())],
        ..report("a.py::x", Phase::Call, Outcome::Failed)
    };
    let events = [
        session(),
        collected(&["a.py::x"]),
        RunEvent::CollectionEnded,
        phase(failed),
        phase(report("a.py::x", Phase::Teardown, Outcome::Passed)),
    ];
    check(
        Style { verbosity: -1, ..Style::default() },
        events,
        "\
F                                [100%]
=============== FAILURES ===============
__________________ x ___________________
    def x():
>       assert 0
E       assert 0
--------- Captured stdout call ---------
hello
======= short test summary info ========
FAILED a.py::x - assert 0
1 failed in 0.12s
",
    );
}

#[test]
fn verbose_lines_give_reasons() {
    let skipped = PhaseReport {
        summary: "too slow for this machine".to_owned(),
        ..report("a.py::x", Phase::Setup, Outcome::Skipped)
    };
    let events = [session(), collected(&["a.py::x"]), RunEvent::CollectionEnded, phase(skipped)];
    check(
        Style { verbosity: 1, header: false, ..Style::default() },
        events,
        "\
========= test session starts ==========
collecting ... collected 1 item

a.py::x SKIPPED (too slow fo...) [100%]

========== 1 skipped in 0.12s ==========
",
    );
}

#[test]
fn lost_tests_are_named() {
    let lost = RunEvent::Lost { node_ids: vec!["a.py::x".to_owned()] };
    let events = [session(), collected(&["a.py::x"]), RunEvent::CollectionEnded, lost];
    check(
        Style { verbosity: -1, summary: false, ..Style::default() },
        events,
        "
LOST a.py::x - collected, but it has no outcome
1 lost in 0.12s
",
    );
}

#[test]
fn equal_warnings_are_told_once() {
    let warning = |node_id: &str| RunEvent::Warning {
        text: "a.py:3: UserWarning: careful\n  warn()\n".to_owned(),
        node_id: Some(node_id.to_owned()),
        location: None,
    };
    let events = [session(), RunEvent::CollectionEnded, warning("a.py::x"), warning("a.py::y")];
    check(
        Style { verbosity: -1, ..Style::default() },
        events,
        "
=========== warnings summary ===========
a.py::x
a.py::y
  a.py:3: UserWarning: careful
    warn()

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
2 warnings in 0.12s
",
    );
}

#[test]
fn letters_of_r_are_resolved() {
    let check = |given, expected: &str| assert_eq!(report_chars(given, true), expected);
    check("", "fE");
    check("a", "sxXEf");
    check("A", "PpsxXEf");
    check("fN", "");
    check("FS", "fs");
    check("xx", "x");
}
