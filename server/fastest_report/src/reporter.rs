//! The reporter: takes events, writes text.

use std::{
    io::{self, Write},
    time::Duration,
};

use fastest_model::run::{PhaseReport, RunEvent, SessionInfo};

use crate::{
    closing, failures,
    live::Live,
    paint::{self, Color},
    progress::Progress,
    short,
    style::Style,
    tally::{Failure, Skip, Tally, Warning},
    warnings,
};

/// What the reporter must be told about the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How long the run took.
    pub duration: Duration,
    /// Why it stopped early, as pytest says it between exclamation marks.
    pub stop_reason: Option<String>,
}

/// Writes a run as pytest does.
#[derive(Debug)]
pub struct Reporter<W: Write> {
    style: Style,
    out: W,
    tally: Tally,
    progress: Progress,
    live: Option<Live>,
    /// Whether anything was begun: a run that pytest refused has no summary.
    started: bool,
}

impl<W: Write> Reporter<W> {
    /// A reporter that has written nothing yet.
    pub fn new(style: Style, out: W) -> Self {
        let (tally, progress) = (Tally::default(), Progress::default());
        Self { style, out, tally, progress, live: None, started: false }
    }

    /// Write what follows from an event.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn on(&mut self, event: RunEvent) -> io::Result<()> {
        match event {
            RunEvent::SessionStarted { info } => self.session_started(info),
            RunEvent::Collected { node_ids } => {
                self.tally.collected += node_ids.len();
                self.progress.expect(&node_ids);
                Ok(())
            }
            RunEvent::CollectionEnded => self.collection_ended(),
            RunEvent::PhaseEnded { report, .. } => self.phase(report),
            RunEvent::CollectError { node_id, text, painted, summary, .. } => {
                let text = painted.unwrap_or(text);
                self.tally.errors.push(Failure::Collect { node_id, text, summary });
                Ok(())
            }
            RunEvent::CollectSkipped { reason, location, .. } => {
                self.tally.skipped.push(Skip { location, reason });
                Ok(())
            }
            RunEvent::Deselected { count } => {
                self.tally.deselected += count;
                Ok(())
            }
            RunEvent::Warning { text, node_id, location } => {
                self.tally.warnings.push(Warning { text, node_id, location });
                Ok(())
            }
            RunEvent::InternalError { text } => self.internal_error(&text),
            RunEvent::Output { stderr: _, text, .. } => self.write_between(&text),
            RunEvent::WorkerLost { worker, reason } => {
                self.write_between(&format!("worker {worker} {reason}\n"))
            }
            RunEvent::Lost { node_ids } => {
                self.tally.lost = node_ids;
                Ok(())
            }
            RunEvent::WorkerStarted { .. } | RunEvent::TestStarted { .. } => Ok(()),
        }
    }

    /// Write the end; gives the writer back.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self, end: &End) -> io::Result<W> {
        self.live = None;
        if self.started {
            let stopped = end.stop_reason.is_some();
            let rest = self.progress.close(&self.style, &self.tally, stopped);
            self.write(if self.style.live { "\n" } else { &rest })?;
            let text = self.end(end);
            self.write(&text)?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn end(&self, end: &End) -> String {
        let (style, tally) = (&self.style, &self.tally);
        let mut text = String::new();
        if style.summary {
            text.push_str(&failures::sections(style, tally));
            text.push_str(&warnings::section(style, tally));
            text.push_str(&failures::passes(style, tally));
            text.push_str(&short::section(style, tally));
        }
        text.push_str(&self.lost());
        if let Some(reason) = &end.stop_reason {
            text.push_str(&closing::stopped(style, reason));
        }
        text.push_str(&closing::counts(style, tally, end.duration));
        text
    }

    /// Tests without an outcome are always named: `--no-summary` does not hide a broken run.
    fn lost(&self) -> String {
        let word = paint::color(&self.style, Color::Red, "LOST");
        let line = |id| format!("{word} {id} - collected, but it has no outcome\n");
        self.tally.lost.iter().map(line).collect()
    }

    fn session_started(&mut self, info: SessionInfo) -> io::Result<()> {
        self.started = true;
        let style = &self.style;
        let mut text = String::new();
        if style.verbosity >= 0 {
            let title = "test session starts";
            let title = paint::sep(style.width, '=', title, paint::width(title));
            text.push_str(&paint::bold(style, &title));
            text.push('\n');
            if style.header {
                text.push_str(&header(style, &info));
            }
        }
        self.tally.info = info;
        self.write(&text)
    }

    fn collection_ended(&mut self) -> io::Result<()> {
        if self.style.verbosity >= 0 {
            let begun = if self.style.verbosity > 0 { "collecting ... " } else { "" };
            let line = paint::bold(&self.style, &format!("{begun}{}", collected(&self.tally)));
            let gap = if self.style.collect_only || self.tally.collected == 0 { "" } else { "\n" };
            self.write(&format!("{line}\n{gap}"))?;
        }
        if self.style.live && self.tally.collected > 0 && !self.style.collect_only {
            self.live = Some(Live::new(self.tally.collected));
        }
        Ok(())
    }

    fn phase(&mut self, report: PhaseReport) -> io::Result<()> {
        let keep = self.style.report_chars.contains(['p', 'P']);
        let (ends, node_id) = (is_last(&report), report.node_id.clone());
        let shown = self.style.live.then(|| self.failure_line(&report)).flatten();
        let copy = PhaseReport { text: String::new(), sections: Vec::new(), ..report.clone() };
        self.tally.phase(report, keep, self.style.all_subtests());
        let mut text = self.progress.phase(&copy, &self.style, &self.tally);
        if ends {
            text.push_str(&self.progress.ended(&node_id, &self.style, &self.tally));
        }
        if !self.style.live {
            return self.write(&text);
        }
        if let Some(live) = &self.live {
            live.update(self.progress.done(), &self.tally);
        }
        match shown {
            Some(line) => self.write_between(&line),
            None => Ok(()),
        }
    }

    /// On a terminal, a failure is told at once.
    fn failure_line(&self, report: &PhaseReport) -> Option<String> {
        use fastest_model::run::Outcome;
        let line = match report.outcome {
            Outcome::Failed => short::failed_line(&self.style, &self.tally, report),
            Outcome::Error => {
                let error = Failure::Phase(report.clone());
                short::error_line(&self.style, &self.tally, &error)
            }
            _ => return None,
        };
        Some(line + "\n")
    }

    fn internal_error(&mut self, text: &str) -> io::Result<()> {
        let lines: Vec<String> =
            text.lines().map(|line| format!("INTERNALERROR> {line}\n")).collect();
        self.write_between(&lines.concat())
    }

    /// Write something that is no part of the progress, on lines of its own.
    fn write_between(&mut self, text: &str) -> io::Result<()> {
        let gap = if self.style.live { "" } else { self.progress.interrupt() };
        let out = &mut self.out;
        let mut write = || {
            out.write_all(gap.as_bytes())?;
            out.write_all(text.as_bytes())?;
            out.flush()
        };
        match &self.live {
            Some(live) => live.around(write),
            None => write(),
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        if text.is_empty() { Ok(()) } else { self.out.flush() }
    }
}

fn header(style: &Style, info: &SessionInfo) -> String {
    let SessionInfo { platform, python, pytest, pluggy, executable, header, .. } = info;
    let path = if style.verbosity > 0 { format!(" -- {executable}") } else { String::new() };
    let mut text =
        format!("platform {platform} -- Python {python}, pytest-{pytest}, pluggy-{pluggy}{path}\n");
    if !style.own_line.is_empty() {
        text.push_str(&style.own_line);
        text.push('\n');
    }
    for line in header {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// `collected 3 items / 1 error / 1 deselected / 2 selected`.
fn collected(tally: &Tally) -> String {
    let all = tally.collected + tally.deselected;
    let plural = |count| if count == 1 { "" } else { "s" };
    let mut line = format!("collected {all} item{}", plural(all));
    let errors = tally.errors.len();
    if errors > 0 {
        line.push_str(&format!(" / {errors} error{}", plural(errors)));
    }
    if tally.deselected > 0 {
        line.push_str(&format!(" / {} deselected", tally.deselected));
    }
    if !tally.skipped.is_empty() {
        line.push_str(&format!(" / {} skipped", tally.skipped.len()));
    }
    if tally.deselected > 0 {
        line.push_str(&format!(" / {} selected", tally.collected));
    }
    line
}

/// Whether nothing more will come of the test. A crash has no phase after the one it died in.
fn is_last(report: &PhaseReport) -> bool {
    use fastest_model::run::Phase;
    report.phase == Phase::Teardown || report.summary.starts_with("worker crashed")
}
