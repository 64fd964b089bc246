//! The sections ERRORS and FAILURES, and those of `-rP` and `-rX`.

use fastest_model::run::{Phase, PhaseReport};

use crate::{
    paint::{self, Color},
    style::{ShowCapture, Style},
    tally::{Failure, Tally},
};

/// All sections with tracebacks, in pytest's order.
pub fn sections(style: &Style, tally: &Tally) -> String {
    let mut text = String::new();
    if style.tracebacks {
        text.push_str(&errors(style, tally));
        text.push_str(&failures(style, tally));
    }
    text
}

/// What follows the warnings: PASSES and XPASSES.
pub fn passes(style: &Style, tally: &Tally) -> String {
    let mut text = String::new();
    if style.tracebacks && style.report_chars.contains('P') {
        text.push_str(&with_output(style, "PASSES", &tally.passed));
    }
    if style.tracebacks && style.report_chars.contains('X') {
        text.push_str(&with_output(style, "XPASSES", &tally.xpassed));
    }
    text
}

fn errors(style: &Style, tally: &Tally) -> String {
    if tally.errors.is_empty() {
        return String::new();
    }
    let mut text = line(&heading(style, "ERRORS"));
    for error in &tally.errors {
        match error {
            Failure::Phase(report) => {
                let phase = if report.phase == Phase::Teardown { "teardown" } else { "setup" };
                let title = format!("ERROR at {phase} of {}", report.headline);
                text.push_str(&block(style, &title, shown(report), &report.sections));
            }
            Failure::Collect { node_id, text: error, .. } => {
                text.push_str(&block(style, &format!("ERROR collecting {node_id}"), error, &[]));
            }
        }
    }
    text
}

fn failures(style: &Style, tally: &Tally) -> String {
    if tally.failed.is_empty() {
        return String::new();
    }
    let mut text = line(&heading(style, "FAILURES"));
    for report in &tally.failed {
        text.push_str(&block(style, &report.headline, shown(report), &report.sections));
        let late = tally.teardown.get(&report.node_id).into_iter().flatten();
        let late: Vec<_> = late.filter(|(title, _)| title.contains("teardown")).cloned().collect();
        text.push_str(&captured(style, &late));
    }
    text
}

fn with_output(style: &Style, title: &str, reports: &[PhaseReport]) -> String {
    if reports.is_empty() {
        return String::new();
    }
    let mut text = line(&heading(style, title));
    for report in reports.iter().filter(|report| !report.sections.is_empty()) {
        let title = paint::sep(style.width, '_', &report.headline, paint::width(&report.headline));
        text.push_str(&line(&paint::strong(style, Color::Green, &title)));
        text.push_str(&captured(style, &report.sections));
    }
    text
}

fn block(style: &Style, title: &str, error: &str, sections: &[(String, String)]) -> String {
    let title = paint::sep(style.width, '_', title, paint::width(title));
    let mut text = line(&paint::strong(style, Color::Red, &title));
    if !error.is_empty() {
        text.push_str(&line(error));
    }
    text.push_str(&captured(style, sections));
    text
}

/// The failure in colour, where there is one.
fn shown(report: &PhaseReport) -> &str {
    report.painted.as_deref().unwrap_or(&report.text)
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
        text.push_str(&line(&paint::sep(style.width, '-', title, paint::width(title))));
        text.push_str(&line(content.strip_suffix('\n').unwrap_or(content)));
    }
    text
}

fn heading(style: &Style, title: &str) -> String {
    paint::sep(style.width, '=', title, paint::width(title))
}

fn line(text: &str) -> String {
    format!("{text}\n")
}
