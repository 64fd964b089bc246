//! `--run --format json`: one JSON object for each thing that happens, a line each. The page
//! `docs/output.md` describes them.

use std::{
    io::{self, Write},
    time::Duration,
};

use fastest_model::run::{Failure, Outcome, Phase, PhaseReport, RunEvent};
use serde_json::{Map, Value, json};

use crate::End;

/// Writes events as they come.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    counts: Map<String, Value>,
}

impl<W: Write> JsonLines<W> {
    /// One that has written nothing yet.
    pub fn new(out: W) -> Self {
        Self { out, counts: Map::new() }
    }

    /// Write what follows from an event.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn on(&mut self, event: &RunEvent) -> io::Result<()> {
        if let RunEvent::PhaseEnded { report, .. } = event
            && let Some(outcome) = counted(report)
        {
            let count = self.counts.get(outcome).and_then(Value::as_u64).unwrap_or(0);
            self.counts.insert(outcome.to_owned(), (count + 1).into());
        }
        match to_json(event) {
            Some(object) => self.write(&object),
            None => Ok(()),
        }
    }

    /// Write the end.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(&mut self, end: &End) -> io::Result<()> {
        let object = json!({
            "event": "ended",
            "exit": end.exit,
            "duration": end.duration.as_secs_f64(),
            "reason": end.stop_reason,
            "counts": self.counts,
        });
        self.write(&object)
    }

    fn write(&mut self, object: &Value) -> io::Result<()> {
        writeln!(self.out, "{object}")?;
        self.out.flush()
    }
}

/// What a report counts as; a passed set-up or teardown counts as nothing.
fn counted(report: &PhaseReport) -> Option<&'static str> {
    let counts = report.phase == Phase::Call || report.outcome != Outcome::Passed;
    counts.then(|| outcome(report.outcome))
}

fn to_json(event: &RunEvent) -> Option<Value> {
    Some(match event {
        RunEvent::SessionStarted { info } => json!({
            "event": "session",
            "platform": info.platform,
            "python": info.python,
            "pytest": info.pytest,
            "executable": info.executable,
            "rootdir": info.rootdir,
        }),
        RunEvent::Collected { node_ids } => json!({"event": "collected", "ids": node_ids}),
        RunEvent::CollectError { node_id, text, summary, location, .. } => {
            let mut object = json!({"event": "collect_error", "id": node_id, "text": text});
            add(&mut object, "summary", (!summary.is_empty()).then(|| json!(summary)));
            add(&mut object, "location", location.as_ref().map(place));
            object
        }
        RunEvent::CollectSkipped { node_id, reason, location } => {
            let mut object = json!({"event": "collect_skipped", "id": node_id, "reason": reason});
            add(&mut object, "location", location.as_ref().map(place));
            object
        }
        RunEvent::Deselected { count } => json!({"event": "deselected", "count": count}),
        RunEvent::TestStarted { node_id, place, start, worker } => json!({
            "event": "started",
            "id": node_id,
            "worker": worker,
            "time": start.as_secs_f64(),
            "path": place.path,
            "line": place.line,
        }),
        RunEvent::PhaseEnded { report, worker } => phase(report, *worker),
        RunEvent::Warning { text, node_id, location } => {
            let mut object = json!({"event": "warning", "text": text});
            add(&mut object, "id", node_id.as_ref().map(|id| json!(id)));
            add(&mut object, "location", location.as_ref().map(place));
            object
        }
        RunEvent::InternalError { text } => json!({"event": "internal_error", "text": text}),
        RunEvent::Said { text, worker, .. } => {
            json!({"event": "output", "worker": worker, "stream": "terminal", "text": text})
        }
        RunEvent::Output { worker, stderr, text } => {
            let stream = if *stderr { "stderr" } else { "stdout" };
            json!({"event": "output", "worker": worker, "stream": stream, "text": text})
        }
        RunEvent::Lost { node_ids } => json!({"event": "lost", "ids": node_ids}),
        RunEvent::WorkerStarted { worker, pid } => {
            json!({"event": "worker_started", "worker": worker, "pid": pid})
        }
        RunEvent::WorkerLost { worker, reason } => {
            json!({"event": "worker_lost", "worker": worker, "reason": reason})
        }
        _ => return None,
    })
}

fn phase(report: &PhaseReport, worker: usize) -> Value {
    let mut object = json!({
        "event": "phase",
        "id": report.node_id,
        "phase": phase_name(report.phase),
        "outcome": outcome(report.outcome),
        "duration": seconds(report.duration),
        "worker": worker,
    });
    let text = |text: &str| (!text.is_empty()).then(|| json!(text));
    add(&mut object, "summary", text(&report.summary));
    add(&mut object, "text", text(&report.text));
    add(&mut object, "location", report.location.as_ref().map(place));
    add(&mut object, "subtest", report.subtest.as_ref().map(|subtest| json!(subtest)));
    add(&mut object, "sections", pairs(&report.sections));
    add(&mut object, "properties", pairs(&report.properties));
    add(&mut object, "failure", report.failure.as_deref().map(failure));
    object
}

fn failure(failure: &Failure) -> Value {
    let frames: Vec<Value> = failure
        .frames
        .iter()
        .map(|f| json!({"path": f.path, "line": f.line, "function": f.function}))
        .collect();
    let mut object = json!({
        "exception": failure.exception,
        "message": failure.message,
        "frames": frames,
    });
    let comparison = failure.comparison.as_ref();
    let sides = comparison.map(|c| json!({"op": c.op, "actual": c.actual, "expected": c.expected}));
    add(&mut object, "comparison", sides);
    object
}

fn add(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Value::Object(members), Some(value)) = (object, value) {
        members.insert(name.to_owned(), value);
    }
}

fn pairs(pairs: &[(String, String)]) -> Option<Value> {
    (!pairs.is_empty()).then(|| json!(pairs))
}

fn place((path, line): &(String, u32)) -> Value {
    json!({"path": path, "line": line})
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Collect => "collect",
        Phase::Setup => "setup",
        Phase::Call => "call",
        Phase::Teardown => "teardown",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Error => "error",
        Outcome::Skipped => "skipped",
        Outcome::XFailed => "xfailed",
        Outcome::XPassed => "xpassed",
        Outcome::Rerun => "rerun",
    }
}
