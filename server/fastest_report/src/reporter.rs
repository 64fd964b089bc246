//! The reporter: takes events, writes text.

use std::{
    io::{self, Write},
    time::Duration,
};

use fastest_model::{
    ExitCode,
    run::{Outcome, Phase, PhaseReport, RunEvent, SessionInfo},
};

use crate::{
    closing, durations, failures, head,
    lines::{Lines, View},
    live::Live,
    paint::{self, Ink},
    screen::Screen,
    sequence::{Op, Sequence, Told},
    short,
    style::Style,
    tally::{Tally, Warning},
    verdict::Verdict,
    warnings,
};

/// What the reporter must be told about the end of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// How long the run took.
    pub duration: Duration,
    /// Why it stopped early, as pytest says it between exclamation marks.
    pub stop_reason: Option<String>,
    /// Where tests were when the user interrupted it, as pytest prints it.
    pub interruptions: Vec<String>,
    /// What the process is to exit with so far.
    pub exit: i32,
}

/// Writes a run as pytest does.
#[derive(Debug)]
pub struct Reporter<W: Write> {
    style: Style,
    out: W,
    tally: Tally,
    screen: Screen,
    lines: Lines,
    sequence: Sequence,
    /// Whether several workers run tests at once.
    parallel: bool,
    /// Plugins' lines below the count of collected tests.
    collection_lines: Vec<String>,
    live: Option<Live>,
    /// Whether anything was begun: a run that pytest refused has no summary.
    started: bool,
}

impl<W: Write> Reporter<W> {
    /// A reporter that has written nothing yet.
    pub fn new(style: Style, out: W) -> Self {
        Self {
            screen: Screen::new(style.width, style.color),
            style,
            out,
            tally: Tally::default(),
            lines: Lines::default(),
            sequence: Sequence::default(),
            parallel: false,
            collection_lines: Vec::new(),
            live: None,
            started: false,
        }
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
                self.lines.expect(&node_ids);
                self.sequence.expect(&node_ids);
            }
            RunEvent::CollectionLines { lines } => self.collection_lines.extend(lines),
            RunEvent::CollectionEnded => self.collection_ended(),
            RunEvent::TestStarted { node_id, place, worker, .. } => {
                if let Some(live) = &self.live {
                    live.started(&node_id, worker);
                }
                if node_id.split("::").next() != Some(&place.path) {
                    self.lines.defined_elsewhere(&node_id, &place.path);
                }
                self.push(Op::Started(node_id));
            }
            RunEvent::PhaseEnded { report, .. } => return self.phase(report),
            RunEvent::CollectError { .. } | RunEvent::CollectSkipped { .. } => {
                let report = of_collect(event);
                let verdict = Verdict::of(&report, &self.style);
                self.tally.add(report, verdict, &self.style);
            }
            RunEvent::Deselected { count } => self.tally.count_more("deselected", count),
            RunEvent::Warning { text, node_id, location } => {
                self.tally.count_more("warnings", 1);
                self.tally.warnings.push(Warning { text, node_id, location });
            }
            RunEvent::InternalError { text } => return self.internal_error(&text),
            RunEvent::Said { text, fresh, .. } => return self.said(&text, fresh),
            RunEvent::SummaryText { pieces } => self.tally.summary.extend(pieces),
            RunEvent::Output { text, .. } => return self.write_between(&text),
            RunEvent::WorkerLost { worker, reason } => {
                return self.write_between(&format!("worker {worker} {reason}\n"));
            }
            RunEvent::Lost { node_ids } => self.tally.lost = node_ids,
            RunEvent::WorkerStarted { worker, .. } => self.parallel |= worker > 0,
            RunEvent::XmlAttribute { .. }
            | RunEvent::SuiteProperty { .. }
            | RunEvent::Logged { .. }
            | RunEvent::WholeSession { .. } => {}
            RunEvent::DebuggerListens { port } => {
                return self.write_between(&format!("debugpy listens on 127.0.0.1:{port}\n"));
            }
        }
        self.write_out()
    }

    /// Write the end; gives the writer back, and what the process is to exit with.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self, end: &End) -> io::Result<(W, i32)> {
        self.live = None;
        let mut exit = end.exit;
        if self.started {
            for op in self.sequence.close() {
                self.write_op(&op);
            }
            let view = View { style: &self.style, tally: &self.tally };
            if end.stop_reason.is_none() && !self.style.live {
                self.lines.close(view, &mut self.screen);
            }
            self.screen.write("\n", &[]);
            let most = self.style.max_warnings.unwrap_or(usize::MAX);
            let too_many = exit == 0 && self.tally.warnings.len() > most;
            self.end(end, too_many.then_some(most));
            self.write_out()?;
            if too_many {
                exit = ExitCode::MaxWarnings.code().into();
            }
        }
        self.out.flush()?;
        Ok((self.out, exit))
    }

    fn end(&mut self, end: &End, most_warnings: Option<usize>) {
        if self.style.summary {
            self.section(failures::sections);
            self.section(warnings::section);
            self.section(failures::passes);
        }
        if self.style.verbosity >= 0 {
            self.section(|style, _| generated(style));
        }
        for (fresh, text) in std::mem::take(&mut self.tally.summary) {
            if fresh {
                self.lines.ensure_newline(&mut self.screen);
            }
            self.screen.write_painted(&text);
        }
        self.section(durations::section);
        if self.style.summary {
            self.section(short::section);
        }
        let lost = self.lost();
        self.section(|_, _| lost);
        if let Some(most) = most_warnings {
            self.section(|style, tally| {
                closing::too_many_warnings(style, tally.warnings.len(), most)
            });
        }
        if let Some(reason) = &end.stop_reason {
            self.section(|style, _| closing::stopped(style, reason, &end.interruptions));
        }
        let over = self.lines.is_last();
        self.section(|style, tally| closing::counts(style, tally, end.duration, over));
    }

    /// A part of the end, on lines of its own.
    fn section(&mut self, section: impl FnOnce(&Style, &Tally) -> String) {
        let text = section(&self.style, &self.tally);
        if !text.is_empty() {
            self.lines.ensure_newline(&mut self.screen);
            self.screen.write_painted(&text);
        }
    }

    /// Tests without an outcome are always named: `--no-summary` does not hide a broken run.
    fn lost(&self) -> String {
        let word = paint::paint(self.style.color, &[Ink::Red], "LOST");
        let line = |id| format!("{word} {id} - collected, but it has no outcome\n");
        self.tally.lost.iter().map(line).collect()
    }

    fn session_started(&mut self, info: SessionInfo) {
        self.started = true;
        if self.style.verbosity >= 0 {
            let title = paint::sep(self.style.width, '=', "test session starts");
            self.screen.line(&title, &[Ink::Bold]);
            if self.style.header {
                self.screen.write(&head::header(&self.style, &info), &[]);
            }
        }
        if self.style.verbosity > 0 {
            self.screen.write("collecting ... ", &[Ink::Bold]);
        }
        self.tally.info = info;
    }

    fn collection_ended(&mut self) {
        if self.style.verbosity >= 0 {
            self.screen.line(&head::collected(&self.tally), &[]);
        }
        for line in std::mem::take(&mut self.collection_lines) {
            self.screen.line(&line, &[]);
        }
        if self.style.live_log {
            self.style.verbosity = self.style.verbosity.max(1);
        }
        if self.style.live && self.tally.collected > 0 && !self.style.collect_only {
            self.live = Some(Live::new(self.tally.collected, self.style.color));
        }
    }

    fn phase(&mut self, report: PhaseReport) -> io::Result<()> {
        let verdict = Verdict::of(&report, &self.style);
        let told = Told::of(&report, &verdict);
        let ended = is_last(&report).then(|| report.node_id.clone());
        let at_once = self.style.live.then(|| self.failure_line(&report, &verdict)).flatten();
        self.tally.add(report, verdict, &self.style);
        self.push(Op::Told(told));
        if let Some(node_id) = ended {
            if let Some(live) = &self.live {
                live.ended(&node_id);
            }
            for op in self.sequence.ended(&node_id) {
                self.write_op(&op);
            }
        }
        if let Some(live) = &self.live {
            live.update(self.lines.done(), &self.tally);
        }
        match at_once {
            Some(line) => self.write_between(&line),
            None => self.write_out(),
        }
    }

    /// Letters of several workers are put in order; lines of tests stand for themselves.
    fn is_sequenced(&self) -> bool {
        self.parallel && !self.style.live && self.style.case_verbosity() == 0
    }

    fn push(&mut self, op: Op) {
        if self.is_sequenced() {
            for op in self.sequence.push(op) {
                self.write_op(&op);
            }
        } else {
            self.write_op(&op);
        }
    }

    fn write_op(&mut self, op: &Op) {
        let view = View { style: &self.style, tally: &self.tally };
        match op {
            // With several workers at it, a test's line is written when it is known whole.
            Op::Started(_) if self.style.live => {}
            Op::Started(_) if self.parallel && self.style.case_verbosity() > 0 => {}
            Op::Started(node_id) => self.lines.started(node_id, view, &mut self.screen),
            Op::Told(told) => {
                self.lines.timed(told);
                match (told.is_silent(), self.style.live) {
                    (true, _) => {}
                    (false, true) => self.lines.count(&told.node_id),
                    (false, false) => self.lines.told(told, view, &mut self.screen),
                }
            }
        }
    }

    /// On a terminal, a failure is told at once.
    fn failure_line(&self, report: &PhaseReport, verdict: &Verdict) -> Option<String> {
        let failed = matches!(report.outcome, Outcome::Failed | Outcome::Error);
        failed.then(|| short::failed_line(&self.style, &self.tally, report, verdict) + "\n")
    }

    fn internal_error(&mut self, text: &str) -> io::Result<()> {
        let lines: Vec<String> =
            text.split('\n').map(|line| format!("INTERNALERROR> {line}\n")).collect();
        self.write_between(&lines.concat())
    }

    /// What a plugin writes; several workers' plugins do not share lines.
    fn said(&mut self, text: &str, fresh: bool) -> io::Result<()> {
        if self.live.is_some() {
            return self.write_between(text);
        }
        if fresh || self.parallel {
            self.lines.ensure_newline(&mut self.screen);
        }
        self.screen.write_painted(text);
        self.write_out()
    }

    /// Write something that is no part of the progress, on lines of its own.
    fn write_between(&mut self, text: &str) -> io::Result<()> {
        if !self.style.live {
            self.lines.ensure_newline(&mut self.screen);
        }
        self.screen.write_painted(text);
        self.write_out()
    }

    /// Give the writer what is there.
    fn write_out(&mut self) -> io::Result<()> {
        let text = self.screen.take();
        if text.is_empty() {
            return Ok(());
        }
        let out = &mut self.out;
        let mut write = || {
            out.write_all(text.as_bytes())?;
            out.flush()
        };
        match &self.live {
            Some(live) => live.around(write),
            None => write(),
        }
    }
}

/// The lines about files that were written.
fn generated(style: &Style) -> String {
    let line = |text: &String| paint::sep(style.width, '-', text) + "\n";
    style.generated.iter().map(line).collect()
}

/// A file that was not collected, as a report.
fn of_collect(event: RunEvent) -> PhaseReport {
    match event {
        RunEvent::CollectError { node_id, text, painted, summary, location } => PhaseReport {
            text,
            painted,
            summary,
            location,
            headline: node_id.clone(),
            ..PhaseReport::new(node_id, Phase::Collect, Outcome::Error)
        },
        RunEvent::CollectSkipped { node_id, reason, location } => PhaseReport {
            summary: reason,
            location,
            ..PhaseReport::new(node_id, Phase::Collect, Outcome::Skipped)
        },
        _ => PhaseReport::new("", Phase::Collect, Outcome::Passed),
    }
}

/// Whether nothing more will come of the test.
fn is_last(report: &PhaseReport) -> bool {
    report.phase == Phase::Teardown
}
