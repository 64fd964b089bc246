//! The sections ERRORS, FAILURES and XFAILURES, and PASSES and XPASSES of `-rP` and `-rX`.

use fastest_model::run::{Phase, PhaseReport};

use crate::{
    paint::{self, Ink},
    style::{ShowCapture, Style, Tracebacks},
    tally::{Kept, Tally},
};

/// All sections with tracebacks, in pytest's order.
pub fn sections(style: &Style, tally: &Tally) -> String {
    let mut text = String::new();
    if style.tracebacks != Tracebacks::No {
        text.push_str(&errors(style, tally));
        text.push_str(&failures(style, tally, "FAILURES", tally.kept("failed")));
        if style.xfail_tracebacks {
            text.push_str(&failures(style, tally, "XFAILURES", tally.kept("xfailed")));
        }
    }
    text
}

/// What follows the warnings: PASSES and XPASSES.
pub fn passes(style: &Style, tally: &Tally) -> String {
    let mut text = String::new();
    if style.tracebacks != Tracebacks::No && style.report_chars.contains('P') {
        text.push_str(&with_output(style, tally, "PASSES", tally.kept("passed")));
    }
    if style.tracebacks != Tracebacks::No && style.report_chars.contains('X') {
        text.push_str(&with_output(style, tally, "XPASSES", tally.kept("xpassed")));
    }
    text
}

fn title(report: &PhaseReport) -> String {
    let headline = &report.headline;
    match report.phase {
        Phase::Collect => format!("ERROR collecting {headline}"),
        Phase::Setup => format!("ERROR at setup of {headline}"),
        Phase::Call => headline.clone(),
        Phase::Teardown => format!("ERROR at teardown of {headline}"),
    }
}

fn errors(style: &Style, tally: &Tally) -> String {
    let errors = tally.kept("error");
    if errors.is_empty() {
        return String::new();
    }
    let mut text = heading(style, "ERRORS");
    for Kept { report, .. } in errors {
        text.push_str(&block(style, &title(report), report));
    }
    text
}

fn failures(style: &Style, tally: &Tally, name: &str, kept: &[Kept]) -> String {
    if kept.is_empty() {
        return String::new();
    }
    let mut text = heading(style, name);
    for Kept { report, .. } in kept {
        if style.tracebacks == Tracebacks::Line {
            text.push_str(&body(style, report));
            text.push_str(&line(&crash_line(report)));
        } else {
            text.push_str(&block(style, &report.headline, report));
            text.push_str(&of_teardown(style, tally, &report.node_id));
        }
    }
    text
}

fn with_output(style: &Style, tally: &Tally, name: &str, kept: &[Kept]) -> String {
    if kept.is_empty() {
        return String::new();
    }
    let mut text = heading(style, name);
    for Kept { report, .. } in kept {
        if !report.sections.is_empty() {
            let title = paint::sep(style.width, '_', &report.headline);
            let title = paint::paint(style.color, &[Ink::Green, Ink::Bold], &title);
            text.push_str(&line(&title));
            text.push_str(&body(style, report));
        }
        text.push_str(&of_teardown(style, tally, &report.node_id));
    }
    text
}

fn block(style: &Style, title: &str, report: &PhaseReport) -> String {
    let title = paint::sep(style.width, '_', title);
    line(&paint::paint(style.color, &[Ink::Red, Ink::Bold], &title)) + &body(style, report)
}

/// The failure, in colour where there is colour, and the output that was captured.
fn body(style: &Style, report: &PhaseReport) -> String {
    let shown = report.painted.as_deref().unwrap_or(&report.text);
    let mut text = if shown.is_empty() { String::new() } else { line(shown) };
    text.push_str(&captured(style, &report.sections));
    text
}

/// pytest's `_getcrashline`.
fn crash_line(report: &PhaseReport) -> String {
    match &report.location {
        Some((path, number)) => {
            let message = report.summary.lines().next().unwrap_or_default();
            format!("{path}:{number}: {message}")
        }
        None => report.text.trim().chars().take(50).collect(),
    }
}

fn of_teardown(style: &Style, tally: &Tally, node_id: &str) -> String {
    let late = tally.teardown.get(node_id).into_iter().flatten();
    let late: Vec<_> = late.filter(|(title, _)| title.contains("teardown")).cloned().collect();
    captured(style, &late)
}

fn captured(style: &Style, sections: &[(String, String)]) -> String {
    let wanted = match style.show_capture {
        ShowCapture::No => return String::new(),
        ShowCapture::All => "",
        ShowCapture::Stdout => "stdout",
        ShowCapture::Stderr => "stderr",
        ShowCapture::Log => "log",
    };
    let mut text = String::new();
    for (title, content) in sections.iter().filter(|(title, _)| title.contains(wanted)) {
        text.push_str(&line(&paint::sep(style.width, '-', title)));
        text.push_str(&line(content.strip_suffix('\n').unwrap_or(content)));
    }
    text
}

fn heading(style: &Style, title: &str) -> String {
    line(&paint::sep(style.width, '=', title))
}

fn line(text: &str) -> String {
    format!("{text}\n")
}
