//! From an edit to `fastest/testsChanged`, in a long open file of a large workspace.

mod elsewhere;
pub mod kinds;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastest_tests::client::{Client, uri};
use serde_json::{Value, json};

use super::processor::Times;
use super::{Server, Workspace, is_answer, row};
use crate::shell::Done;
use kinds::{AT_ONCE, Edit, KINDS, Kind, Text};

/// As long as the pause in typing that diagnostics wait for, and their computation: each series
/// of edits at a place begins after it, and may meet them.
const PAUSE: Duration = Duration::from_millis(110);

/// How times are taken, and which of them are shown.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// The server's processor time, on a machine that does other things as well.
    pub processor: bool,
    /// So many of the slowest edits are listed.
    pub slowest: usize,
}

/// All kinds, each with a line of the table, and one line for all together.
pub fn measure(server: &Server, workspace: &Workspace, manner: Manner) -> Done {
    let mut session = Session::open(server, workspace)?;
    let mut all = Vec::new();
    for kind in &KINDS {
        let timed = session.measure(kind, manner);
        let times = timed.iter().map(|timed| timed.time).collect();
        row(&format!("edit, {} lines: {}", session.text.lines.len(), kind.name), times, "");
        all.extend(timed);
    }
    let reported = all.iter().filter(|timed| timed.is_reported).count();
    let times = all.iter().map(|timed| timed.time).collect();
    row("edit to `fastest/testsChanged`, all kinds", times, "p99 < 16 ms");
    println!(
        "  {reported} of {} edits were reported; of the others the time is that to the",
        all.len()
    );
    println!("  answer of a request sent behind them");
    for kind in &AT_ONCE {
        let timed = session.measure(kind, manner);
        let times = timed.iter().map(|timed| timed.time).collect();
        row(&format!("edit, {} lines: {}", session.text.lines.len(), kind.name), times, "");
        all.extend(timed);
    }
    session.client.shut_down();
    elsewhere::measure(server, workspace, manner)?;
    list_slowest(all, manner.slowest);
    Ok(())
}

fn list_slowest(mut all: Vec<Timed>, count: usize) {
    all.sort_by_key(|timed| std::cmp::Reverse(timed.time));
    for timed in all.iter().take(count) {
        println!("  {:7.2} ms  {}", timed.time.as_secs_f64() * 1e3, timed.what);
    }
}

/// An open file.
pub struct Session {
    pub client: Client,
    pub text: Text,
    path: PathBuf,
    version: i64,
}

/// An edit that was made.
pub struct Timed {
    pub time: Duration,
    /// Whether it was reported.
    pub is_reported: bool,
    /// Which it was.
    pub what: String,
}

impl Session {
    /// Opens the long file of a workspace, whose items the client then knows.
    pub fn open(server: &Server, workspace: &Workspace) -> Done<Self> {
        Self::of(server.open(&workspace.folder), &workspace.long)
    }

    /// Opens a file that a server has read.
    pub fn of(mut client: Client, path: &Path) -> Done<Self> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        client.did_open(path, &text);
        client.result("fastest/discoverTests", json!({"textDocument": {"uri": uri(path)}}));
        Ok(Self { client, text: Text::new(&text), path: path.to_owned(), version: 1 })
    }

    /// Makes all edits of a kind at all its places.
    fn measure(&mut self, kind: &Kind, manner: Manner) -> Vec<Timed> {
        let mut all = Vec::new();
        for at in (0..self.text.places.len()).step_by(kind.every) {
            self.client.idle(PAUSE);
            let edits = (kind.edits)(&self.text, &self.text.places[at]);
            let timed = edits.into_iter().enumerate().map(|(nth, edit)| {
                let what = format!("{}: at place {at}, edit {nth}: {}", kind.name, shown(&edit));
                Timed { what, ..self.timed(&edit, manner) }
            });
            all.extend(timed);
        }
        all
    }

    /// Makes all edits of a kind at a place.
    pub fn edit(&mut self, kind: &Kind, at: usize) {
        for edit in (kind.edits)(&self.text, &self.text.places[at % self.text.places.len()]) {
            self.timed(&edit, Manner::default());
        }
    }

    /// Makes an edit; what it took until it was reported, or until a request behind it was
    /// answered.
    pub fn timed(&mut self, edit: &Edit, manner: Manner) -> Timed {
        let pid = self.client.pid();
        self.client.seen.clear();
        self.version += 1;
        let before = manner.processor.then(|| Times::of(pid));
        let sent = Instant::now();
        self.change(edit);
        // A request sees all edits before it, and reports of these come before its answer.
        let id = self.client.ask("fastest/discoverTests", json!({}));
        let (answered, _) = self.client.arrival(|message| is_answer(message, id));
        let mut seen = self.client.seen.iter().rev();
        let report = seen.find(|(_, message)| message["method"] == "fastest/testsChanged");
        let told = report.map_or(answered, |(at, _)| *at);
        let time = before.map_or(told - sent, |before| Times::of(pid).since(&before));
        Timed { time, is_reported: report.is_some(), what: String::new() }
    }

    fn change(&mut self, edit: &Edit) {
        let change = |([a, b, c, d], text): &kinds::Change| -> Value {
            let (start, end) =
                (json!({"line": a, "character": b}), json!({"line": c, "character": d}));
            json!({"range": {"start": start, "end": end}, "text": text})
        };
        let changes: Vec<Value> = edit.iter().map(change).collect();
        let document = json!({"uri": uri(&self.path), "version": self.version});
        self.client.notify(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": changes}),
        );
    }
}

/// The beginning of an edit.
fn shown(edit: &Edit) -> String {
    let ([line, character, ..], text) = &edit[0];
    let start: String = text.chars().take(20).collect();
    format!("{} changes, {line}:{character} {start:?}", edit.len())
}
