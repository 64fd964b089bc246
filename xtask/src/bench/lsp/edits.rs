//! From an edit to `fastest/testsChanged`, in a long open file of a large workspace.

use std::path::Path;
use std::time::{Duration, Instant};

use fastest_tests::client::{Client, uri};
use serde_json::json;

use super::{Server, Workspace, is_answer, row};
use crate::shell::Done;

/// At so many places of the file, spread evenly.
const PLACES: usize = 25;

/// Typed key by key at every so many of them.
const TYPED_EVERY: usize = 5;

/// As long as the pause in typing that diagnostics wait for, and their computation: each series
/// of edits at a place begins after it, and may meet them.
const PAUSE: Duration = Duration::from_millis(110);

/// A replacement: from line and character to line and character, by what.
type Edit = ([u32; 4], String);

/// A plain test of the file that can be edited: `def test_x():` and an assertion.
pub struct Place {
    line: u32,
    /// Where the name ends.
    name_end: u32,
    /// Where the line below ends.
    body_end: u32,
}

/// A kind of edits; each takes back what it does.
pub struct Kind {
    name: &'static str,
    edits: fn(&Place) -> Vec<Edit>,
    every: usize,
}

pub const KINDS: [Kind; 6] = [
    Kind { name: "new test pasted, taken back", edits: pasted, every: 1 },
    Kind { name: "new test typed, key by key", edits: typed, every: TYPED_EVERY },
    Kind { name: "test renamed, and back", edits: renamed, every: 1 },
    Kind { name: "key within a body", edits: within, every: 1 },
    Kind { name: "bracket left open, and gone", edits: bracket, every: 1 },
    Kind { name: "`\"\"\"` left open, and gone", edits: quotes, every: 1 },
];

/// All kinds, each with a line of the table, and one line for all together.
pub fn measure(server: &Server, workspace: &Workspace) -> Done {
    let mut session = Session::open(server, workspace)?;
    let (mut all, mut reported) = (Vec::new(), 0);
    for kind in &KINDS {
        let mut times = Vec::new();
        for place in session.places.iter().step_by(kind.every) {
            session.client.idle(PAUSE);
            for edit in (kind.edits)(place) {
                session.version += 1;
                let (time, is_report) =
                    timed(&mut session.client, &workspace.long, session.version, edit);
                times.push(time);
                reported += usize::from(is_report);
            }
        }
        all.extend_from_slice(&times);
        row(&format!("edit, {} lines: {}", session.lines, kind.name), times, "");
    }
    let edits = all.len();
    row("edit to `fastest/testsChanged`, all kinds", all, "p99 < 16 ms");
    println!("  {reported} of {edits} edits were reported; of the others the time is that to the");
    println!("  answer of a request sent behind them");
    session.client.shut_down();
    Ok(())
}

/// An open file.
pub struct Session {
    pub client: Client,
    pub places: Vec<Place>,
    pub lines: usize,
    version: i64,
}

impl Session {
    /// Opens the long file of a workspace, whose items the client then knows.
    pub fn open(server: &Server, workspace: &Workspace) -> Done<Self> {
        let path = &workspace.long;
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        let mut client = server.open(&workspace.folder);
        client.did_open(path, &text);
        client.result("fastest/discoverTests", json!({"textDocument": {"uri": uri(path)}}));
        Ok(Self { client, places: places(&text), lines: text.lines().count(), version: 1 })
    }

    /// Makes all edits of a kind at a place.
    pub fn edit(&mut self, path: &Path, kind: &Kind, at: usize) {
        for edit in (kind.edits)(&self.places[at % self.places.len()]) {
            self.version += 1;
            timed(&mut self.client, path, self.version, edit);
        }
    }
}

/// Makes an edit; what it took until it was reported, or until a request behind it was answered,
/// and whether it was reported.
fn timed(client: &mut Client, path: &Path, version: i64, (range, text): Edit) -> (Duration, bool) {
    client.seen.clear();
    let sent = Instant::now();
    client.did_change(path, version, range, &text);
    // A request sees all edits before it, and reports of these come before its answer.
    let id = client.ask("fastest/discoverTests", json!({}));
    let (answered, _) = client.arrival(|message| is_answer(message, id));
    let mut seen = client.seen.iter().rev();
    let report = seen.find(|(_, message)| message["method"] == "fastest/testsChanged");
    let told = report.map_or(answered, |(at, _)| *at);
    (told - sent, report.is_some())
}

/// Tests that can be edited, spread evenly over the text.
fn places(text: &str) -> Vec<Place> {
    let lines: Vec<&str> = text.lines().collect();
    let place = |(at, lines): (usize, &[&str])| {
        let [above, test, body] = lines else { return None };
        let fits = above.is_empty()
            && test.starts_with("def test_")
            && body.starts_with("    assert ")
            && body.ends_with(|last: char| last.is_ascii_digit());
        let line = u32::try_from(at + 1).ok()?;
        let name_end = u32::try_from(test.find('(')?).ok()?;
        fits.then_some(Place { line, name_end, body_end: u32::try_from(body.len()).ok()? })
    };
    let all: Vec<Place> = lines.windows(3).enumerate().filter_map(place).collect();
    let step = (all.len() / PLACES).max(1);
    all.into_iter().step_by(step).take(PLACES).collect()
}

fn inserted(line: u32, character: u32, text: &str) -> Edit {
    ([line, character, line, character], text.to_owned())
}

/// A text of one line comes, and goes.
fn back_and_forth(line: u32, character: u32, text: &str) -> Vec<Edit> {
    let end = character + text.len() as u32;
    vec![inserted(line, character, text), ([line, character, line, end], String::new())]
}

fn pasted(place: &Place) -> Vec<Edit> {
    let new = inserted(place.line, 0, "def test_pasted():\n    assert 1 + 1 == 2\n\n\n");
    vec![new, ([place.line, 0, place.line + 4, 0], String::new())]
}

/// On the empty line above the test.
fn typed(place: &Place) -> Vec<Edit> {
    let (mut line, mut character) = (place.line - 1, 0);
    let mut edits = Vec::new();
    for key in "def test_typed():\n    assert 1 + 1 == 2".chars() {
        edits.push(inserted(line, character, &key.to_string()));
        (line, character) = if key == '\n' { (line + 1, 0) } else { (line, character + 1) };
    }
    edits.push(([place.line - 1, 0, line, character], String::new()));
    edits
}

fn renamed(place: &Place) -> Vec<Edit> {
    back_and_forth(place.line, place.name_end, "x")
}

fn within(place: &Place) -> Vec<Edit> {
    back_and_forth(place.line + 1, place.body_end, "0")
}

/// Behind `    assert `.
fn bracket(place: &Place) -> Vec<Edit> {
    back_and_forth(place.line + 1, 11, "(")
}

fn quotes(place: &Place) -> Vec<Edit> {
    back_and_forth(place.line + 1, 4, "\"\"\"")
}
